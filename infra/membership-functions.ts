import { TAG } from "../functions/domain/naming.ts";
import type { HostDocuments } from "./constructs/host-documents.ts";
import { type FunctionNeeds, step } from "./function-needs.ts";
import type { SecretRights } from "./secret-rights.ts";

/** Functions that put a member anew into etcd: at its place, or in another zone, where they remove what it had in the former one. */
export const membershipNeeds = (rights: SecretRights, documents: HostDocuments): Record<string, FunctionNeeds> => ({
  "renew-member": step(
    [
      ...rights.runDocument(documents.arn("list-members")),
      ...rights.runDocument(documents.arn("renew-member")),
      rights.describe("ec2:DescribeVolumes", "autoscaling:DescribeAutoScalingGroups"),
      rights.createEc2(["ec2:CreateVolume"], ["volume"]),
      rights.tagOnCreate("CreateVolume"),
      rights.tagVolumes(TAG.damaged),
      rights.parameters(["ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*-volume"),
      ...rights.adoptParameters("*/masters/*-volume"),
    ],
    {
      LIST_MEMBERS_DOCUMENT: documents.names["list-members"],
      RENEW_MEMBER_DOCUMENT: documents.names["renew-member"],
    },
  ),
  "move-member": step(
    [
      ...rights.runDocument(documents.arn("list-members")),
      ...rights.runDocument(documents.arn("renew-member")),
      rights.publishEvents(),
      rights.describe(
        "ec2:DescribeVolumes",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeAddresses",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeAutoScalingGroups",
        "elasticloadbalancing:DescribeTags",
      ),
      rights.createEc2(
        ["ec2:CreateVolume", "ec2:CreateNetworkInterface", "ec2:AllocateAddress"],
        ["volume", "network-interface", "elastic-ip"],
      ),
      rights.tagOnCreate("CreateVolume", "CreateNetworkInterface", "AllocateAddress"),
      rights.changeEc2(["ec2:AssociateAddress"], ["elastic-ip", "network-interface"]),
      rights.changeEc2(["ec2:CreateNetworkInterface"], ["subnet"]),
      rights.useForeignSecurityGroups("ec2:CreateNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"),
      rights.changeEc2(["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], ["launch-template"]),
      rights.changeEc2(["ec2:ModifyNetworkInterfaceAttribute"], ["network-interface", "instance"]),
      rights.changeGroups("autoscaling:UpdateAutoScalingGroup"),
      rights.loadBalancing(["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"]),
      ...rights.secrets(["ssm:GetParameter"], "*/control/authorities"),
      ...rights.secrets(["ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*"),
      ...rights.adoptParameters("*/masters/*"),
    ],
    {
      LIST_MEMBERS_DOCUMENT: documents.names["list-members"],
      RENEW_MEMBER_DOCUMENT: documents.names["renew-member"],
    },
  ),
  "discard-remains": step([
    rights.publishEvents(),
    rights.describe("ec2:DescribeVolumes", "ec2:DescribeNetworkInterfaces"),
    rights.changeEc2(["ec2:DeleteVolume", "ec2:DeleteNetworkInterface"], ["volume", "network-interface"]),
  ]),
});
