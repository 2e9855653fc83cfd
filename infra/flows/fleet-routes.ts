import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { FunctionDefinitions } from "../constructs/foundation.ts";
import { items } from "../permissions/table.ts";
import { manageTraffic } from "../permissions/traffic.ts";

/** Functions behind the routes of fleets. */
export const FLEET_FUNCTIONS = {
  // Roll-outs are only recorded here; flows/fleets.ts brings them on.
  fleets: ({ tableArn }) => ({
    records: {
      actions: ["GetItem"],
      partitions: ["IDEMPOTENCY#*"],
      lists: ["CLUSTER", "MEMBER", "FLEET", "ROLLOUT", "ENDPOINT", "FLEETCLUSTER"],
    },
    permissions: [
      items(tableArn, ["GetItem", "PutItem", "DeleteItem"], "FLEET#*"),
      items(tableArn, ["GetItem", "PutItem"], "ROLLOUT#*"),
      items(tableArn, ["GetItem", "PutItem", "DeleteItem"], "ENDPOINT#*"),
      items(tableArn, ["DeleteItem"], "FLEETCLUSTER#*"),
      items(tableArn, ["PutItem"], "IDEMPOTENCY#*"),
      items(tableArn, ["UpdateItem"], "REQUESTS#*"),
    ],
  }),

  "fleet-dns": ({ tableArn }) => ({
    records: { actions: ["GetItem"], lists: ["CLUSTER", "MEMBER", "ENDPOINT", "FLEETCLUSTER"] },
    permissions: [
      items(tableArn, ["GetItem", "PutItem", "DeleteItem"], "FLEET#*"),
      items(tableArn, ["UpdateItem"], "REQUESTS#*"),
      ...manageTraffic(),
    ],
  }),
} satisfies FunctionDefinitions;

/** Endpoints are asked by one function only, which these ask in turn. */
export function askEndpoints(functions: readonly LambdaFunction[], fleet: LambdaFunction): void {
  for (const each of functions) {
    each.addToRolePolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [fleet.functionArn] }));
    each.addEnvironment("FLEET_FUNCTION", fleet.functionName);
  }
}
