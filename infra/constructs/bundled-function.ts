import { join } from "node:path";
import { Duration } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { BUNDLES } from "../../scripts/build.ts";
import { auditLog, retainedLogGroup } from "./retained-log-group.ts";

export interface BundledFunctionProps {
  /** File name of the handler without ending: `attach-volume`. */
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What this function may do, and nothing else. */
  readonly statements: readonly PolicyStatement[];
  readonly timeout?: Duration;
  /** Its log is an audit: kept for long, and when the stack goes. */
  readonly audits?: boolean;
}

/**
 * A Lambda with its own bundle, log group and role. The role may write to its log group and do what the statements say.
 */
export class BundledFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    const logGroup = props.audits ? auditLog(this, "Log") : retainedLogGroup(this, "Log");
    const writeLog = new PolicyStatement({
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
    });
    // In the role itself: a policy beside each would be one more of the 500 resources that a stack may have.
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      inlinePolicies: { Function: new PolicyDocument({ statements: [writeLog, trace(), ...props.statements] }) },
    });
    this.function = new LambdaFunction(this, "Function", {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(BUNDLES, props.name)),
      handler: "index.handler",
      memorySize: 512,
      timeout: props.timeout ?? Duration.seconds(55),
      environment: { ...props.environment },
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
    });
    // The construct's own setting would make that policy.
    const { defaultChild } = this.function.node;
    if (defaultChild instanceof CfnFunction) defaultChild.tracingConfig = { mode: Tracing.ACTIVE };
  }
}

/** X-Ray knows no narrower resource. */
function trace(): PolicyStatement {
  return new PolicyStatement({ actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: ["*"] });
}
