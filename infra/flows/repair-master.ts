import { TAG } from "../../functions/domain/cluster/naming.ts";
import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { readSharedTags } from "../permissions/account.ts";
import { changeGroups, endMaster, restoreGroups, restoreGroupTags } from "../permissions/auto-scaling.ts";
import {
  changeEc2,
  changeLaunchTemplates,
  createEc2,
  describe,
  restoreTags,
  tagOnCreate,
  tagVolumes,
  useForeignSecurityGroups,
} from "../permissions/ec2.ts";
import { loadBalancing, restoreBalancerTags } from "../permissions/endpoint.ts";
import { publishEvents } from "../permissions/events.ts";
import { adoptParameters, parameters, secrets } from "../permissions/ssm.ts";
import type { SharedSteps } from "./shared-steps.ts";

const STEPS = {
  "begin-repair": ({ heartbeats }) => ({
    records: { actions: ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [
      publishEvents(),
      describe("ec2:DescribeInstances", "ec2:DescribeVolumes", "autoscaling:DescribeAutoScalingGroups"),
      readSharedTags(),
      restoreTags(["instance", "security-group", "launch-template"]),
      restoreGroupTags(),
      restoreBalancerTags(),
      heartbeats.read(),
    ],
    environment: heartbeats.environment,
  }),

  "assess-cluster": ({ heartbeats }) => ({
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: { several: ["member-health"] },
    permissions: [
      ...restoreGroups(),
      heartbeats.read(),
      publishEvents(),
      describe("ec2:DescribeVolumes", "ec2:DescribeNetworkInterfaces", "ec2:DescribeAddresses"),
      createEc2(["ec2:AllocateAddress"], ["elastic-ip"]),
      tagOnCreate("AllocateAddress"),
      changeEc2(["ec2:AssociateAddress"], ["elastic-ip", "network-interface"]),
      restoreTags(["volume", "network-interface"]),
      changeEc2(["ec2:ModifyNetworkInterfaceAttribute"], ["network-interface", "instance"]),
      useForeignSecurityGroups("ec2:ModifyNetworkInterfaceAttribute"),
    ],
    environment: heartbeats.environment,
  }),

  "stop-master": ({ secretsKeyArn }) => ({
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: { one: ["move-leader"], several: ["member-health"] },
    permissions: [
      ...endMaster(),
      ...secrets(secretsKeyArn, ["ssm:GetParameter"], "*/control/authorities"),
      ...secrets(secretsKeyArn, ["ssm:GetParameter", "ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*"),
      ...adoptParameters("*/masters/*"),
    ],
  }),

  /** A member is put into etcd again, at its place. */
  "renew-member": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: { one: ["list-members", "renew-member"] },
    permissions: [
      describe("ec2:DescribeVolumes", "autoscaling:DescribeAutoScalingGroups"),
      createEc2(["ec2:CreateVolume"], ["volume"]),
      tagOnCreate("CreateVolume"),
      tagVolumes(TAG.damaged),
      parameters(["ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*-volume"),
      ...adoptParameters("*/masters/*-volume"),
    ],
  },

  /** A member is put into etcd again, in another zone. */
  "move-member": ({ secretsKeyArn }) => ({
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: { one: ["list-members", "renew-member"] },
    permissions: [
      publishEvents(),
      describe(
        "ec2:DescribeVolumes",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeAddresses",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeAutoScalingGroups",
        "elasticloadbalancing:DescribeTags",
      ),
      createEc2(
        ["ec2:CreateVolume", "ec2:CreateNetworkInterface", "ec2:AllocateAddress"],
        ["volume", "network-interface", "elastic-ip"],
      ),
      tagOnCreate("CreateVolume", "CreateNetworkInterface", "AllocateAddress"),
      changeEc2(["ec2:AssociateAddress"], ["elastic-ip", "network-interface"]),
      changeEc2(["ec2:CreateNetworkInterface"], ["subnet"]),
      useForeignSecurityGroups("ec2:CreateNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"),
      ...changeLaunchTemplates(),
      changeGroups("autoscaling:UpdateAutoScalingGroup"),
      loadBalancing(["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"]),
      ...secrets(secretsKeyArn, ["ssm:GetParameter"], "*/control/authorities"),
      ...secrets(secretsKeyArn, ["ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*"),
      ...adoptParameters("*/masters/*"),
    ],
  }),

  "promote-member": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: { one: ["member-progress", "promote-member", "remove-learner"] },
    permissions: [publishEvents()],
  },

  /** What a moved member had in its former zone is removed. */
  "delete-former-resources": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [
      publishEvents(),
      describe("ec2:DescribeVolumes", "ec2:DescribeNetworkInterfaces"),
      changeEc2(["ec2:DeleteVolume", "ec2:DeleteNetworkInterface"], ["volume", "network-interface"]),
    ],
  },
} satisfies FunctionDefinitions;

export function repairMaster(
  foundation: Foundation,
  { checks, endings }: SharedSteps,
  placeMaster: Workflow,
): Workflow {
  return new Workflow(foundation.stack, "RepairMaster", {
    file: "repair-master",
    steps: { ...foundation.functions("repair-master", STEPS), ...checks, ...endings },
    children: [placeMaster],
  });
}
