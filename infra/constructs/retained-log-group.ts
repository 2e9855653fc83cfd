import { CfnParameter, Fn, RemovalPolicy, Stack } from "aws-cdk-lib";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

const PARAMETER = "LogRetentionDays";

/** One parameter of the stack for all logs. The values are those that CloudWatch Logs takes. */
function retentionOf(stack: Stack): CfnParameter {
  const found = stack.node.tryFindChild(PARAMETER);
  if (found instanceof CfnParameter) return found;
  return new CfnParameter(stack, PARAMETER, {
    type: "Number",
    default: "90",
    allowedValues: ["7", "14", "30", "60", "90", "120", "180", "365", "400", "545", "731", "1096", "1827", "3653"],
    description: "For how many days logs of functions, flows and the API are kept",
  });
}

/**
 * The log group of a flow: of its state machine and its functions, whose streams bear their names. It goes with the
 * stack, and its lines after the stack's retention. Below the prefix of vended logs AWS needs no statement a group in
 * the account's policy for state machines, which has room for 5,120 characters.
 */
export function flowLog(scope: Construct, flow: string): LogGroup {
  const stack = Stack.of(scope);
  const found = stack.node.tryFindChild(`${flow}-log`);
  if (found instanceof LogGroup) return found;
  return new LogGroup(stack, `${flow}-log`, {
    logGroupName: `/aws/vendedlogs/holdfast/${flow}`,
    retention: retentionOf(stack).valueAsNumber,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/**
 * A log group that holds an audit (docs/decisions/0006-audit.md): kept for thirteen months, and when the stack goes. A
 * name ends with the stack's own id, since the group of a former stack may still be there.
 */
export function auditLog(scope: Construct, id: string, logGroupName?: string): LogGroup {
  return new LogGroup(scope, id, {
    ...(logGroupName === undefined
      ? {}
      : { logGroupName: `${logGroupName}-${Fn.select(2, Fn.split("/", Stack.of(scope).stackId))}` }),
    retention: RetentionDays.THIRTEEN_MONTHS,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
