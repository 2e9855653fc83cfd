import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { associateSecurityGroups } from "../permissions/ec2.ts";
import type { SharedSteps } from "./shared-steps.ts";

const STEPS = {
  "begin-update": {
    records: { actions: ["GetItem", "BatchGetItem", "Query", "UpdateItem"] },
    permissions: associateSecurityGroups(),
  },
} satisfies FunctionDefinitions;

export function updateCluster(foundation: Foundation, { machines, nodeChecks, endings }: SharedSteps): Workflow {
  return new Workflow(foundation.stack, "UpdateCluster", {
    file: "update-cluster",
    steps: { ...foundation.functions("update-cluster", STEPS), ...machines, ...nodeChecks, ...endings },
  });
}
