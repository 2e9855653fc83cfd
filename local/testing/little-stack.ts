import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, Aws, CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { HttpApi, HttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpIamAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { AttributeType, Billing, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { EventField, Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction, SfnStateMachine } from "aws-cdk-lib/aws-events-targets";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Code, Function as LambdaFn, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { DefinitionBody, StateMachine } from "aws-cdk-lib/aws-stepfunctions";

const ECHO = `exports.handler = async (event) => ({ event, table: process.env.TABLE, names: Object.keys(process.env).sort() });`;
const FAIL = `exports.handler = async () => { const error = new Error("no such member"); error.name = "NotReadyYet"; throw error; };`;
const DEFINITION = {
  QueryLanguage: "JSONata",
  StartAt: "Echo",
  States: {
    Echo: {
      Type: "Task",
      Resource: "arn:${Partition}:states:::lambda:invoke",
      Arguments: { FunctionName: "${EchoArn}", Payload: "{% $states.input %}" },
      Output: "{% $states.result.Payload.event %}",
      End: true,
    },
  },
};

export interface LittleStack {
  readonly cdkOut: string;
  readonly stackName: "Little";
}

/** Synthesizes a stack with one of each thing that the local cloud must be able to run, into `directory`. */
export function synthesizeLittleStack(directory: string): LittleStack {
  const cdkOut = join(directory, "cdk.out");
  const app = new App({ outdir: cdkOut, analyticsReporting: false, treeMetadata: false });
  const stack = new Stack(app, "Little");
  const lost = new Queue(stack, "Lost");
  const { echo, fail } = addFunctions(stack, directory, lost);
  new ManagedPolicy(stack, "Boundary", {
    statements: [new PolicyStatement({ actions: ["ec2:DescribeInstances"], resources: ["*"] })],
  });
  const flow = addFlow(stack, directory, echo);
  addRules(stack, flow, lost, [echo, fail]);
  addApi(stack, echo);
  new CfnOutput(stack, "FlowArn", { value: flow.stateMachineArn });
  // CDK's own validation takes seconds and checks nothing that these tests are about.
  process.env["CDK_VALIDATION"] = "false";
  app.synth();
  return { cdkOut, stackName: "Little" };
}

function addFunctions(stack: Stack, directory: string, lost: Queue): Record<"echo" | "fail", LambdaFn> {
  const code = (name: string, source: string) => {
    const folder = join(directory, "functions", name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "index.cjs"), source);
    return { code: Code.fromAsset(folder), handler: "index.handler", runtime: Runtime.NODEJS_24_X };
  };
  const table = new TableV2(stack, "Table", {
    partitionKey: { name: "pk", type: AttributeType.STRING },
    sortKey: { name: "sk", type: AttributeType.STRING },
    billing: Billing.onDemand(),
    timeToLiveAttribute: "ttl",
    removalPolicy: RemovalPolicy.DESTROY,
    globalSecondaryIndexes: [{ indexName: "gsi1", partitionKey: { name: "g", type: AttributeType.STRING } }],
  });
  const echo = new LambdaFn(stack, "Echo", { ...code("echo", ECHO), environment: { TABLE: table.tableName } });
  const fail = new LambdaFn(stack, "Fail", {
    ...code("fail", FAIL),
    timeout: Duration.seconds(10),
    retryAttempts: 1,
    onFailure: new SqsDestination(lost),
  });
  table.grantReadWriteData(echo);
  return { echo, fail };
}

function addFlow(stack: Stack, directory: string, echo: LambdaFn): StateMachine {
  const definition = join(directory, "flow.asl.json");
  writeFileSync(definition, JSON.stringify(DEFINITION));
  const flow = new StateMachine(stack, "Flow", {
    definitionBody: DefinitionBody.fromFile(definition),
    definitionSubstitutions: { EchoArn: echo.functionArn, Partition: Aws.PARTITION },
  });
  echo.grantInvoke(flow);
  return flow;
}

function addRules(stack: Stack, flow: StateMachine, lost: Queue, scheduled: readonly LambdaFn[]): void {
  new Rule(stack, "Interruption", {
    eventPattern: {
      source: ["aws.ec2"],
      detailType: ["EC2 Spot Instance Interruption Warning"],
      detail: { "instance-action": ["terminate"] },
    },
    targets: [
      new SfnStateMachine(flow, {
        input: RuleTargetInput.fromObject({ instance: EventField.fromPath("$.detail.instance-id") }),
        deadLetterQueue: lost,
        retryAttempts: 2,
      }),
    ],
  });
  new Rule(stack, "Tick", {
    schedule: Schedule.rate(Duration.minutes(5)),
    targets: scheduled.map((each) => new LambdaFunction(each)),
  });
}

function addApi(stack: Stack, echo: LambdaFn): void {
  const api = new HttpApi(stack, "Api");
  const integration = new HttpLambdaIntegration("EchoIntegration", echo);
  api.addRoutes({
    path: "/clusters/{name}",
    methods: [HttpMethod.GET, HttpMethod.POST],
    integration,
    authorizer: new HttpIamAuthorizer(),
  });
  api.addRoutes({ path: "/chat/{proxy+}", methods: [HttpMethod.ANY], integration });
  new CfnOutput(stack, "Url", { value: api.apiEndpoint });
}
