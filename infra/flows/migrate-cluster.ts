import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { changeGroups } from "../permissions/auto-scaling.ts";
import {
  changeEc2,
  createEc2,
  createSnapshots,
  describe,
  tagOnCreate,
  useForeignSecurityGroups,
} from "../permissions/ec2.ts";
import { loadBalancing } from "../permissions/endpoint.ts";
import { publishEvents } from "../permissions/events.ts";
import { deleteIdentity, readIdentity } from "../permissions/iam.ts";
import { parameters, readParameterTags } from "../permissions/ssm.ts";
import type { SharedSteps } from "./shared-steps.ts";

const STEPS = {
  /** It grows the network as a creation makes it. */
  "provide-zones": {
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      describe(
        "ec2:DescribeVpcs",
        "ec2:DescribeSubnets",
        "ec2:DescribeNatGateways",
        "ec2:DescribeAddresses",
        "ec2:DescribeRouteTables",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
      ),
      createEc2(
        ["ec2:CreateSubnet", "ec2:AllocateAddress", "ec2:CreateNatGateway", "ec2:CreateRouteTable"],
        ["subnet", "elastic-ip", "natgateway", "route-table"],
      ),
      tagOnCreate("CreateSubnet", "AllocateAddress", "CreateNatGateway", "CreateRouteTable"),
      changeEc2(
        [
          // A VPC that is full gets a further block.
          "ec2:AssociateVpcCidrBlock",
          "ec2:CreateSubnet",
          "ec2:ModifySubnetAttribute",
          "ec2:CreateNatGateway",
          "ec2:CreateRouteTable",
          "ec2:CreateRoute",
          "ec2:AssociateRouteTable",
        ],
        ["vpc", "subnet", "elastic-ip", "route-table"],
      ),
      changeEc2(["ec2:AuthorizeSecurityGroupIngress"], ["security-group"]),
      loadBalancing(["elasticloadbalancing:SetSubnets"]),
    ],
  },

  "migrate-step": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: {
      one: ["add-learners", "member-progress", "change-voters", "remove-learner", "drain-node", "forget-nodes"],
      several: ["list-members", "member-health"],
    },
    permissions: [
      publishEvents(),
      describe(
        "ec2:DescribeInstances",
        "ec2:DescribeVolumes",
        "ec2:DescribeSnapshots",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeAddresses",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeScalingActivities",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetHealth",
        "ssm:DescribeParameters",
        "iam:ListRoles",
        "iam:ListInstanceProfiles",
      ),
      // The address of a new slot.
      createEc2(["ec2:CreateNetworkInterface", "ec2:AllocateAddress"], ["network-interface", "elastic-ip"]),
      tagOnCreate("CreateNetworkInterface", "AllocateAddress", "CreateSnapshot"),
      changeEc2(["ec2:AssociateAddress"], ["elastic-ip", "network-interface"]),
      changeEc2(["ec2:CreateNetworkInterface"], ["subnet"]),
      useForeignSecurityGroups("ec2:CreateNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"),
      changeEc2(["ec2:ModifyNetworkInterfaceAttribute"], ["network-interface"]),
      // Masters that are launched from now on know who is a member.
      changeEc2(["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], ["launch-template"]),
      loadBalancing(["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"]),
      // What a slot had that goes.
      createSnapshots(),
      changeEc2(["ec2:CreateSnapshot"], ["volume"]),
      changeGroups("autoscaling:DeleteAutoScalingGroup"),
      changeEc2(
        [
          "ec2:TerminateInstances",
          "ec2:DeleteVolume",
          "ec2:DeleteNetworkInterface",
          "ec2:ReleaseAddress",
          "ec2:DeleteLaunchTemplate",
        ],
        ["instance", "volume", "network-interface", "elastic-ip", "launch-template"],
      ),
      ...deleteIdentity(),
      readIdentity(),
      readParameterTags("*"),
      parameters(["ssm:DeleteParameters"], "*/masters/*"),
    ],
  },
} satisfies FunctionDefinitions;

/** New slots are prepared and placed as at a creation; what leaves is removed as at a deletion. */
export function migrateCluster(
  foundation: Foundation,
  { machines, checks, endings }: SharedSteps,
  { place, backup }: { readonly place: Workflow; readonly backup: Workflow },
): Workflow {
  const { "create-identity": createIdentity, "prepare-member": prepareMember } = machines;
  return new Workflow(foundation.stack, "MigrateCluster", {
    file: "migrate-cluster",
    steps: {
      ...foundation.functions("migrate-cluster", STEPS),
      "create-identity": createIdentity,
      "prepare-member": prepareMember,
      ...checks,
      ...endings,
    },
    children: [place, backup],
  });
}
