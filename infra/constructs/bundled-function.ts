import { join } from "node:path";
import { Duration } from "aws-cdk-lib";
import { type PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
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
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    logGroup.grantWrite(role);
    for (const statement of props.statements) role.addToPolicy(statement);
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
      tracing: Tracing.ACTIVE,
    });
  }
}
