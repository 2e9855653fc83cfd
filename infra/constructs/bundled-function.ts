import { join } from "node:path";
import { Duration } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { InlineRole } from "./inline-role.ts";
import { auditLog, flowLog } from "./retained-log-group.ts";

/** The key of the app's context that holds the folder of all bundles. */
export const BUNDLES_CONTEXT = "bundles";

export interface BundledFunctionProps {
  /** File name of the handler without ending: `attach-volume`. */
  readonly name: string;
  /** The flow, or the area, to whose log group it writes. */
  readonly flow: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What this function may do, and nothing else. */
  readonly statements: readonly PolicyStatement[];
  readonly timeout?: Duration;
  /** Its log is an audit: a group of its own, kept for long, and when the stack goes. */
  readonly audits?: boolean;
}

/** A Lambda with its own bundle and role. The role may write to the log group of its flow and do what the statements say. */
export class BundledFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    const logGroup = props.audits ? auditLog(this, "Log") : flowLog(this, props.flow);
    const writeLog = new PolicyStatement({
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
    });
    const role = new InlineRole(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      statements: [writeLog, ...props.statements],
    });
    this.function = new LambdaFunction(this, "Function", {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(String(this.node.getContext(BUNDLES_CONTEXT)), props.name)),
      handler: "index.handler",
      memorySize: 512,
      timeout: props.timeout ?? Duration.seconds(55),
      environment: { ...props.environment },
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
    });
  }
}
