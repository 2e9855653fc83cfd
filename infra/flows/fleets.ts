import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction as LambdaTarget } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { HUB_ROLE_PATH } from "../../functions/domain/fleet/endpoint-records.ts";
import { useDeadLetterQueue } from "../constructs/dead-letter-queue.ts";
import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import type { Workflow } from "../constructs/workflow.ts";
import { checkChanges } from "../permissions/account.ts";
import { arn } from "../permissions/arn.ts";
import { publishEvents } from "../permissions/events.ts";
import { items } from "../permissions/table.ts";
import { removeTraffic } from "../permissions/traffic.ts";

const FUNCTIONS = {
  // It changes clusters as `update-cluster` does, but continues no creation.
  "tick-rollouts": ({ tableArn }) => ({
    records: {
      actions: ["GetItem", "Query", "PutItem", "UpdateItem"],
      partitions: ["IDEMPOTENCY#*"],
      lists: ["CLUSTER", "MEMBER", "FLEET", "ENDPOINT", "FLEETCLUSTER", "TRAFFIC"],
    },
    permissions: [
      items(tableArn, ["GetItem", "PutItem"], "ROLLOUT#*", "ENDPOINT#*"),
      items(tableArn, ["PutItem", "DeleteItem"], "FLEETCLUSTER#*"),
      items(tableArn, ["GetItem", "PutItem", "DeleteItem"], "FLEET#*"),
      // Roles below this path let a hub in, by their own policies.
      new PolicyStatement({
        actions: ["sts:AssumeRole"],
        resources: [arn("iam", `role${HUB_ROLE_PATH}*`, { region: "", account: "*" })],
      }),
      ...removeTraffic(),
      ...checkChanges(),
      publishEvents(),
    ],
  }),
} satisfies FunctionDefinitions;

/** What brings open roll-outs on: the clock, and each change of a cluster that ends. */
export function fleets(
  foundation: Foundation,
  { update }: Readonly<Record<"update", Workflow>>,
  undelivered: IQueue,
): LambdaFunction {
  const functions = foundation.functions("fleets", FUNCTIONS);
  const tick = functions["tick-rollouts"];
  update.startedBy(tick, "UPDATE_STATE_MACHINE");
  // A run that fails is not repeated: the next one comes in a minute.
  useDeadLetterQueue(tick, undelivered, { retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  const target = new LambdaTarget(tick, { deadLetterQueue: undelivered, retryAttempts: 0 });
  new Rule(foundation.stack, "RolloutsEachMinute", {
    description: "Brings open roll-outs on",
    schedule: Schedule.rate(Duration.minutes(1)),
    targets: [target],
  });
  new Rule(foundation.stack, "ChangeEnded", {
    description: "A change of a cluster ended: a roll-out may continue",
    eventPattern: {
      source: ["aws.states"],
      detailType: ["Step Functions Execution Status Change"],
      detail: {
        status: ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"],
        stateMachineArn: [update.machine.stateMachineArn],
      },
    },
    targets: [target],
  });
  return tick;
}
