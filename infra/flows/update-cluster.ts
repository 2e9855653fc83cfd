import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { documentName } from "../constructs/host-documents.ts";
import { Workflow } from "../constructs/workflow.ts";
import { associateSecurityGroups, describe } from "../permissions/ec2.ts";
import { runDocument } from "../permissions/ssm.ts";
import type { SharedSteps } from "./shared-steps.ts";

const STEPS = {
  "begin-update": {
    records: { actions: ["GetItem", "BatchGetItem", "Query", "UpdateItem"] },
    permissions: associateSecurityGroups(),
  },

  "forget-gone-nodes": {
    records: { actions: ["GetItem", "Query", "UpdateItem"] },
    permissions: [
      ...runDocument("list-nodes"),
      ...runDocument("forget-nodes"),
      describe("autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"),
    ],
    environment: {
      LIST_NODES_DOCUMENT: documentName("list-nodes"),
      FORGET_NODES_DOCUMENT: documentName("forget-nodes"),
    },
  },
} satisfies FunctionDefinitions;

export function updateCluster(foundation: Foundation, { machines, endings }: SharedSteps): Workflow {
  return new Workflow(foundation.stack, "UpdateCluster", {
    file: "update-cluster",
    steps: { ...foundation.functions(STEPS), ...machines, ...endings },
  });
}
