import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { createCloudWatch } from "../cloudwatch/cloudwatch.ts";
import { callService } from "../context/service-call.ts";
import { createDynamoDb } from "../dynamodb/dynamodb.ts";
import { createEventBridge } from "../eventbridge/event-bridge.ts";
import { createIam } from "../iam/iam.ts";
import { Keys } from "../kms/keys.ts";
import { createLambda } from "../lambda/lambda.ts";
import { LogStore } from "../logs/log-store.ts";
import { Topics } from "../sns/topics.ts";
import { Queues } from "../sqs/queues.ts";
import { testContext } from "../testing/context.ts";
import { type LittleStack, synthesizeLittleStack } from "../testing/little-stack.ts";
import { ApiBuilder } from "./api-builder.ts";
import { inDependencyOrder } from "./dependencies.ts";
import { type LoadedTemplate, loadTemplate } from "./load-template.ts";
import { provisionStack } from "./provision-stack.ts";
import { operator, type StackServices } from "./resource-type.ts";
import { TemplateSchema } from "./template-schema.ts";

let little: LittleStack;
beforeAll(() => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-test-"));
  little = synthesizeLittleStack(directory);
  return () => rmSync(directory, { recursive: true, force: true });
});

/** Services of this folder are real; of the others only what they were asked is kept. */
function services() {
  const context = testContext();
  const queues = new Queues(context.clock.now);
  const lambda = createLambda(context, { awsEndpoint: () => "http://127.0.0.1:1" });
  const events = createEventBridge(context, { queues, deliver: async () => {}, scheduleSpeed: 0 });
  const cloudWatch = createCloudWatch(context, { waiting: () => new Map(), notify: () => {} });
  onTestFinished(async () => {
    cloudWatch.close();
    events.close();
    await lambda.close();
  });
  const definitions: string[] = [];
  const stack: StackServices = {
    context,
    queues,
    topics: new Topics(context),
    logs: new LogStore(context),
    cloudWatch,
    lambda,
    events,
    apis: new ApiBuilder("http://127.0.0.1:4510"),
    stepFunctions: {
      createStateMachine: ({ name, definition }) => {
        definitions.push(String(definition));
        return `arn:aws:states:us-west-2:123456789012:stateMachine:${name}`;
      },
    },
    dynamodb: createDynamoDb(context),
    iam: createIam(context),
    ssm: { handlers: {}, putDocument: () => {} },
    keys: new Keys(),
    s3: { putBucket: () => {}, putBucketPolicy: () => {} },
  };
  return { stack, definitions };
}

test("a synthesized stack runs: functions with their settings, table, machine, rules, routes", async () => {
  const { stack, definitions } = services();

  const { resources, outputs } = await provisionStack(await loadTemplate(little.cdkOut, little.stackName), stack);

  const [echo, fail] = stack.lambda.list();
  expect(echo).toMatchObject({
    name: expect.stringMatching(/^Little-Echo11F3FB29-[A-Z0-9]{12}$/),
    roleArn: expect.stringMatching(/^arn:aws:iam::123456789012:role\/Little-EchoServiceRole/),
    environment: { TABLE: expect.stringMatching(/^Little-TableCD117FA1-/) },
    timeoutSeconds: 3,
  });
  expect(fail).toMatchObject({ timeoutSeconds: 10 });
  expect(definitions[0]).toContain(`"FunctionName":"${stack.lambda.arn(echo?.name ?? "")}"`);
  expect(definitions[0]).toContain('"Resource":"arn:aws:states:::lambda:invoke"');
  expect(JSON.stringify(stack.iam.policiesOf(echo?.roleArn ?? ""))).toContain(`:table/${echo?.environment["TABLE"]}`);
  expect(outputs).toEqual({ Url: "http://127.0.0.1:4510", FlowArn: resources.get("FlowA74D6E88")?.ref });
  expect(
    stack.apis
      .build()
      ?.routes.map(({ routeKey, authorizationType }) => [routeKey, authorizationType])
      .sort(),
  ).toEqual([
    ["ANY /chat/{proxy+}", "NONE"],
    ["GET /clusters/{name}", "AWS_IAM"],
    ["POST /clusters/{name}", "AWS_IAM"],
  ]);
});

test("a provisioned function runs with its environment", async () => {
  const { stack } = services();
  await provisionStack(await loadTemplate(little.cdkOut, little.stackName), stack);

  const { payload } = await stack.lambda.invoke(stack.lambda.list()[0]?.name ?? "", `{"member":"a"}`);

  expect(JSON.parse(payload)).toMatchObject({ event: { member: "a" }, table: expect.stringMatching(/^Little-Table/) });
});

test("rules have the targets, transformers and dead-letter queues of the template", async () => {
  const { stack } = services();
  const { resources } = await provisionStack(await loadTemplate(little.cdkOut, little.stackName), stack);
  const Rule = resources.get("Interruption6A0981D4")?.ref;

  const { Targets } = await callService(
    stack.events.handlers,
    "ListTargetsByRule",
    { Rule },
    operator(stack.context, "events"),
  );

  expect(Targets).toMatchObject([
    {
      Arn: resources.get("FlowA74D6E88")?.ref,
      InputTransformer: { InputTemplate: '{"instance":<detail-instance-id>}' },
      RetryPolicy: { MaximumRetryAttempts: 2 },
      DeadLetterConfig: { Arn: resources.get("LostDF84CB6B")?.attributes["Arn"] },
    },
  ]);
});

function templateOf(resources: Record<string, unknown>): LoadedTemplate {
  const template = TemplateSchema.parse({ Resources: resources });
  return { stackName: "Little", template, body: "{}", assetPath: (key) => key };
}

test("names are the same at every start, so that kept state is found again", async () => {
  const names = await Promise.all(
    [services(), services()].map(async ({ stack }) => {
      await provisionStack(await loadTemplate(little.cdkOut, little.stackName), stack);
      return stack.lambda.list().map(({ name }) => name);
    }),
  );

  expect(names[0]).toEqual(names[1]);
});

test("types that are not known are all named, before anything is created", async () => {
  const loaded = templateOf({
    A: { Type: "AWS::EFS::FileSystem" },
    B: { Type: "AWS::SQS::Queue" },
    C: { Type: "AWS::EKS::Cluster" },
  });
  const { stack } = services();

  await expect(provisionStack(loaded, stack)).rejects.toThrow(
    "Little: the local cloud does not know these resource types: AWS::EFS::FileSystem (A), AWS::EKS::Cluster (C)",
  );
  expect(stack.queues.arns()).toEqual([]);
});

test("an error names the resource", async () => {
  const loaded = templateOf({ Bus: { Type: "AWS::Events::EventBus", Properties: { Name: { Ref: "Nobody" } } } });

  await expect(provisionStack(loaded, services().stack)).rejects.toThrow(
    "Little: cannot create Bus (AWS::Events::EventBus): Nobody is referenced, but no such resource or parameter exists",
  );
});

test("resources come after what they refer to", () => {
  const { template } = templateOf({
    A: { Type: "T", Properties: { x: [{ "Fn::Sub": "${B.Arn}-${AWS::Region}" }] } },
    B: { Type: "T", Properties: { x: { "Fn::GetAtt": ["C", "Arn"] } }, DependsOn: "D" },
    C: { Type: "T", Properties: { x: { Ref: "AWS::Region" } } },
    D: { Type: "T" },
  });

  expect(inDependencyOrder(template)).toEqual(["D", "C", "B", "A"]);
});

test("a circle is refused by its members", () => {
  const { template } = templateOf({
    A: { Type: "T", DependsOn: "B" },
    B: { Type: "T", Properties: { x: { Ref: "A" } } },
  });

  expect(() => inDependencyOrder(template)).toThrow("Circular dependency: A → B → A");
});
