import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { checkAccount } from "../permissions/account.ts";
import { createGroups } from "../permissions/auto-scaling.ts";
import { associateSecurityGroups, changeEc2, createEc2, describe, tagOnCreate } from "../permissions/ec2.ts";
import { changeHostedZones, loadBalancing, readHostedZones } from "../permissions/endpoint.ts";
import { publishEvents } from "../permissions/events.ts";
import { serviceLinkedRole } from "../permissions/iam.ts";
import { readBackups } from "../permissions/s3.ts";
import { adoptParameters, secrets } from "../permissions/ssm.ts";
import type { SharedSteps } from "./shared-steps.ts";

const STEPS = {
  "validate-account": {
    records: { actions: ["GetItem", "BatchGetItem", "Query", "UpdateItem"] },
    permissions: [
      ...checkAccount(),
      // To ask whether Auto Scaling would take a master's group; none is made.
      createGroups(),
      serviceLinkedRole("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
    ],
  },

  "create-network": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [
      describe(
        "ec2:DescribeVpcs",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeNetworkInterfaces",
      ),
      createEc2(
        [
          "ec2:CreateVpc",
          "ec2:CreateInternetGateway",
          "ec2:CreateSubnet",
          "ec2:CreateSecurityGroup",
          "ec2:CreateNetworkInterface",
        ],
        ["vpc", "internet-gateway", "subnet", "security-group", "network-interface"],
      ),
      tagOnCreate(
        "CreateVpc",
        "CreateInternetGateway",
        "CreateSubnet",
        "CreateSecurityGroup",
        "CreateNetworkInterface",
      ),
      changeEc2(
        [
          "ec2:CreateNetworkInterface",
          "ec2:CreateSubnet",
          "ec2:CreateSecurityGroup",
          "ec2:ModifyVpcAttribute",
          "ec2:ModifySubnetAttribute",
          "ec2:AttachInternetGateway",
          "ec2:AuthorizeSecurityGroupIngress",
        ],
        ["vpc", "subnet", "internet-gateway", "security-group", "network-interface"],
      ),
      ...associateSecurityGroups(),
    ],
  },

  "create-egress": {
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      describe("ec2:DescribeNatGateways", "ec2:DescribeAddresses", "ec2:DescribeRouteTables"),
      createEc2(
        ["ec2:AllocateAddress", "ec2:CreateNatGateway", "ec2:CreateRouteTable"],
        ["elastic-ip", "natgateway", "route-table"],
      ),
      tagOnCreate("AllocateAddress", "CreateNatGateway", "CreateRouteTable"),
      changeEc2(
        ["ec2:CreateNatGateway", "ec2:CreateRouteTable", "ec2:CreateRoute", "ec2:AssociateRouteTable"],
        ["subnet", "elastic-ip", "vpc", "route-table"],
      ),
      changeEc2(["ec2:AuthorizeSecurityGroupIngress"], ["security-group"]),
    ],
  },

  "create-endpoint": {
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      loadBalancing([
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:AddTags",
      ]),
      serviceLinkedRole("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"),
      describe("elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeTags"),
      // Elastic Load Balancing reads these in the caller's name until the account has its service-linked role.
      describe(
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ),
      changeHostedZones(),
      readHostedZones(),
    ],
  },

  "issue-pki": ({ backups, secretsKeyArn }) => ({
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      ...secrets(
        secretsKeyArn,
        ["ssm:GetParameter", "ssm:PutParameter", "ssm:AddTagsToResource"],
        "*/control/authorities",
        "*/masters/*",
      ),
      ...adoptParameters("*/control/authorities", "*/masters/*"),
      // Those of a cluster that is taken over.
      ...readBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "pki.json"),
    ],
    environment: { BACKUP_BUCKET: backups.name },
  }),

  // A cluster that begins with a backup's data: one function for all steps, since a stack has at most 500 resources.
  "takeover-step": ({ backups }) => ({
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: {
      one: ["try-backup", "restore-etcd", "taken-data", "rewrite-endpoint", "restart-workloads"],
      several: ["restore-status", "start-control-plane"],
    },
    permissions: [describe("ec2:DescribeInstances", "ec2:DescribeVolumes"), publishEvents()],
    environment: { BACKUP_BUCKET: backups.name },
  }),

  "finish-control-plane": {
    records: { actions: ["Query", "UpdateItem"] },
    documents: { one: ["finish-control-plane"] },
  },

  "install-add-ons": {
    records: { actions: ["GetItem", "Query", "UpdateItem"] },
    documents: { one: ["install-add-ons"] },
  },
} satisfies FunctionDefinitions;

export function createCluster(
  foundation: Foundation,
  { machines, checks, nodeChecks, endings }: SharedSteps,
  placeMaster: Workflow,
): Workflow {
  return new Workflow(foundation.stack, "CreateCluster", {
    file: "create-cluster",
    steps: {
      ...foundation.functions("create-cluster", STEPS),
      ...machines,
      "verify-quorum": checks["verify-quorum"],
      "verify-nodes": nodeChecks["verify-nodes"],
      ...endings,
    },
    children: [placeMaster],
  });
}
