import type { HostDocuments } from "./constructs/host-documents.ts";
import { type FunctionNeeds, step } from "./function-needs.ts";
import type { SecretRights } from "./secret-rights.ts";

/** Functions that bring a member to another zone, and remove what it had in the former one. */
export const zoneMoveNeeds = (rights: SecretRights, documents: HostDocuments): Record<string, FunctionNeeds> => ({
  "move-member": step(
    [
      ...rights.runDocument(documents.arn("list-members")),
      ...rights.runDocument(documents.arn("renew-member")),
      rights.publishEvents(),
      rights.describe(
        "ec2:DescribeVolumes",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeAutoScalingGroups",
      ),
      rights.createEc2(["ec2:CreateVolume", "ec2:CreateNetworkInterface"], ["volume", "network-interface"]),
      rights.tagOnCreate("CreateVolume", "CreateNetworkInterface"),
      rights.changeEc2(["ec2:CreateNetworkInterface"], ["subnet"]),
      rights.useForeignSecurityGroups("ec2:CreateNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"),
      rights.changeEc2(["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], ["launch-template"]),
      rights.changeEc2(["ec2:ModifyNetworkInterfaceAttribute"], ["network-interface", "instance"]),
      rights.changeGroups("autoscaling:UpdateAutoScalingGroup"),
      rights.loadBalancing(["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"]),
      ...rights.secrets(["ssm:GetParameter"], "*/control/authorities"),
      ...rights.secrets(["ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*"),
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
