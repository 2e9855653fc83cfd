import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { changeGroups, endMaster, restoreGroups } from "../permissions/auto-scaling.ts";
import { changeEc2, describe } from "../permissions/ec2.ts";
import { publishEvents } from "../permissions/events.ts";
import { parameters } from "../permissions/ssm.ts";

const STEPS = {
  "await-instance": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"], partitions: ["INSTANCE#*"] },
    permissions: [
      publishEvents(),
      ...restoreGroups(),
      describe(
        "autoscaling:DescribeScalingActivities",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeNetworkInterfaces",
      ),
      changeGroups("autoscaling:SetInstanceHealth"),
      changeEc2(["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], ["launch-template"]),
    ],
  },

  "attach-volume": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [
      publishEvents(),
      describe("ec2:DescribeVolumes"),
      changeEc2(["ec2:AttachVolume", "ec2:DetachVolume"], ["volume", "instance"]),
      ...endMaster(),
    ],
  },

  "await-member": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: { one: ["await-member"] },
    permissions: [
      publishEvents(),
      parameters(["ssm:PutParameter"], "*/masters/*-volume"),
      changeEc2(["ec2:GetConsoleOutput"], ["instance"]),
      describe("ec2:DescribeVolumes"),
      ...endMaster(),
    ],
  },

  "complete-launch": {
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      describe("autoscaling:DescribeAutoScalingGroups"),
      changeGroups("autoscaling:CompleteLifecycleAction"),
    ],
  },
} satisfies FunctionDefinitions;

/** The one way in for a master; other flows run it. */
export function placeMaster(foundation: Foundation): Workflow {
  return new Workflow(foundation.stack, "PlaceMaster", {
    file: "place-master",
    steps: foundation.functions("place-master", STEPS),
  });
}
