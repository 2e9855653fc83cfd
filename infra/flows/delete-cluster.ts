import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { WorkloadRole } from "../constructs/workload-role.ts";
import { findResources } from "../permissions/account.ts";
import { changeGroups } from "../permissions/auto-scaling.ts";
import { changeEc2, createSnapshots, describe, tagOnCreate, useForeignSecurityGroups } from "../permissions/ec2.ts";
import { deleteLoadBalancing } from "../permissions/endpoint.ts";
import { publishEvents } from "../permissions/events.ts";
import { deleteIdentity, readIdentity } from "../permissions/iam.ts";
import { parameters, readParameterTags } from "../permissions/ssm.ts";
import { items } from "../permissions/table.ts";
import { removeTraffic } from "../permissions/traffic.ts";
import type { SharedSteps } from "./shared-steps.ts";

const STEPS = {
  "stop-operations": { records: { actions: ["GetItem", "BatchGetItem", "Query", "UpdateItem"] } },

  "delete-compute": {
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      describe("autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances", "ec2:DescribeLaunchTemplates"),
      changeGroups("autoscaling:DeleteAutoScalingGroup"),
      changeEc2(["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"], ["instance", "launch-template"]),
    ],
  },

  "snapshot-member": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [
      describe("ec2:DescribeSnapshots"),
      createSnapshots(),
      tagOnCreate("CreateSnapshot"),
      changeEc2(["ec2:CreateSnapshot"], ["volume"]),
      publishEvents(),
    ],
  },

  /** It removes by the workload role; here is what it looks at. */
  "delete-workloads": {
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      describe(
        "ec2:DescribeVpcs",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeVolumes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTags",
      ),
    ],
  },

  "delete-storage": {
    records: { actions: ["GetItem", "Query", "UpdateItem"] },
    permissions: [
      describe("ec2:DescribeVolumes", "ec2:DescribeNetworkInterfaces", "ec2:DescribeAddresses"),
      changeEc2(
        ["ec2:DeleteVolume", "ec2:DeleteNetworkInterface", "ec2:ReleaseAddress"],
        ["volume", "network-interface", "elastic-ip"],
      ),
    ],
  },

  "delete-endpoint": ({ tableArn }) => ({
    records: { actions: ["GetItem", "UpdateItem"], lists: ["TRAFFIC"] },
    permissions: [
      items(tableArn, ["GetItem", "PutItem", "DeleteItem"], "FLEET#*"),
      ...removeTraffic(),
      describe(
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTags",
        "route53:ListHostedZonesByName",
      ),
      deleteLoadBalancing(),
    ],
  }),

  "delete-egress": {
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      describe("ec2:DescribeNatGateways", "ec2:DescribeAddresses"),
      changeEc2(["ec2:DeleteNatGateway", "ec2:ReleaseAddress"], ["natgateway", "elastic-ip"]),
    ],
  },

  "delete-network": {
    records: { actions: ["GetItem", "Query", "UpdateItem"] },
    permissions: [
      // What may stand in the way of the deletion is named, so it is read, too.
      describe(
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
      ),
      describe("ec2:DescribeInternetGateways", "ec2:DescribeSecurityGroupVpcAssociations"),
      changeEc2(
        [
          "ec2:RevokeSecurityGroupIngress",
          "ec2:RevokeSecurityGroupEgress",
          "ec2:DeleteSecurityGroup",
          "ec2:DeleteSubnet",
          "ec2:DeleteRouteTable",
          "ec2:DetachInternetGateway",
          "ec2:DeleteInternetGateway",
          "ec2:DisassociateSecurityGroupVpc",
          "ec2:DeleteVpc",
        ],
        ["security-group", "subnet", "route-table", "internet-gateway", "vpc"],
      ),
      // Of a group that users brought, only that it no longer serves a VPC; which one is said by the statement above.
      useForeignSecurityGroups("ec2:DisassociateSecurityGroupVpc"),
    ],
  },

  "delete-identity": {
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      ...deleteIdentity(),
      describe("ssm:DescribeParameters", "iam:ListRoles", "iam:ListInstanceProfiles"),
      readIdentity(),
      readParameterTags("*"),
      parameters(["ssm:DeleteParameters"], "*"),
    ],
  },

  "verify-removal": {
    records: { actions: ["GetItem", "Query", "UpdateItem"] },
    permissions: findResources(),
  },

  "delete-records": {
    records: {
      actions: ["GetItem", "Query", "UpdateItem", "BatchWriteItem"],
      partitions: ["INSTANCE#*"],
      lists: ["INSTANCE"],
    },
  },
} satisfies FunctionDefinitions;

/** It stops what runs for the cluster before it removes anything. */
export function deleteCluster(
  foundation: Foundation,
  { endings }: SharedSteps,
  operations: readonly Workflow[],
): Workflow {
  const steps = foundation.functions("delete-cluster", STEPS);
  const stop = steps["stop-operations"];
  stop.addEnvironment("STATE_MACHINES", operations.map(({ machine }) => machine.stateMachineArn).join(","));
  for (const { machine } of operations) machine.grantExecution(stop, "states:StopExecution");
  new WorkloadRole(foundation.stack, "Workloads", steps["delete-workloads"]);
  return new Workflow(foundation.stack, "DeleteCluster", {
    file: "delete-cluster",
    steps: { ...steps, ...endings },
  });
}
