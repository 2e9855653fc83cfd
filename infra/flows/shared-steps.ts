import { Aws } from "aws-cdk-lib";
import type { Foundation, FunctionDefinitions, Functions } from "../constructs/foundation.ts";
import { changeGroups, createGroups, launchFromTemplates } from "../permissions/auto-scaling.ts";
import {
  changeEc2,
  changeLaunchTemplates,
  createEc2,
  describe,
  tagOnCreate,
  useForeignSecurityGroups,
} from "../permissions/ec2.ts";
import { publishEvents } from "../permissions/events.ts";
import { createIdentity, serviceLinkedRole } from "../permissions/iam.ts";
import { adoptParameters, secrets } from "../permissions/ssm.ts";

/** What members and nodes are launched with: steps of creations and of updates. */
const MACHINES = {
  "create-identity": ({ boundaryArn, secretsKeyArn, heartbeats, http }) => ({
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: createIdentity(boundaryArn),
    environment: {
      PARTITION: Aws.PARTITION,
      ACCOUNT_ID: Aws.ACCOUNT_ID,
      PERMISSIONS_BOUNDARY: boundaryArn,
      SECRETS_KEY_ARN: secretsKeyArn,
      HEARTBEAT_TABLE: heartbeats.environment.HEARTBEAT_TABLE,
      API_ID: http.api.apiId,
    },
  }),

  "prepare-member": ({ secretsKeyArn, heartbeats }) => ({
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [
      describe(
        "ec2:DescribeVolumes",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeAddresses",
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeLaunchTemplateVersions",
        "autoscaling:DescribeAutoScalingGroups",
      ),
      createEc2(
        ["ec2:CreateVolume", "ec2:CreateNetworkInterface", "ec2:AllocateAddress", "ec2:CreateLaunchTemplate"],
        ["volume", "network-interface", "elastic-ip", "launch-template"],
      ),
      tagOnCreate("CreateVolume", "CreateNetworkInterface", "AllocateAddress", "CreateLaunchTemplate"),
      changeEc2(["ec2:AssociateAddress"], ["elastic-ip", "network-interface"]),
      changeEc2(["ec2:CreateNetworkInterface"], ["subnet"]),
      useForeignSecurityGroups("ec2:CreateNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"),
      ...changeLaunchTemplates(),
      // The interface brings its subnet and its groups: AWS does not say whether a launch is checked for those, too.
      ...launchFromTemplates({
        made: ["instance", "volume"],
        used: ["network-interface", "launch-template", "subnet"],
        foreign: ["image", "security-group"],
      }),
      // Masters' groups are an account's first; those of nodes find the role there.
      serviceLinkedRole("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
      createGroups(),
      ...secrets(secretsKeyArn, ["ssm:GetParameter"], "*/control/authorities"),
      ...secrets(secretsKeyArn, ["ssm:GetParameter", "ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*"),
      ...adoptParameters("*/masters/*"),
    ],
    environment: heartbeats.environment,
  }),

  "add-nodes": ({ http }) => ({
    records: { actions: ["GetItem", "UpdateItem"] },
    permissions: [
      describe(
        "ec2:DescribeLaunchTemplates",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeNetworkInterfaces",
        "autoscaling:DescribeAutoScalingGroups",
      ),
      useForeignSecurityGroups("ec2:ModifyNetworkInterfaceAttribute"),
      ...changeLaunchTemplates(),
      changeGroups("autoscaling:UpdateAutoScalingGroup"),
      createEc2(["ec2:CreateLaunchTemplate"], ["launch-template"]),
      tagOnCreate("CreateLaunchTemplate"),
      ...launchFromTemplates({
        made: ["instance", "volume", "network-interface"],
        used: ["subnet", "launch-template"],
        foreign: ["image", "security-group"],
      }),
      createGroups(),
    ],
    environment: { NODE_API_URL: `https://${http.api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}` },
  }),
} satisfies FunctionDefinitions;

/** Whether the nodes are there: steps of creations, of updates and of restores. */
const NODE_CHECKS = {
  "forget-gone-nodes": {
    records: { actions: ["GetItem", "Query", "UpdateItem"] },
    documents: { one: ["list-nodes", "forget-nodes"] },
    permissions: [describe("autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances")],
  },

  "verify-nodes": {
    records: { actions: ["GetItem", "Query", "UpdateItem"] },
    documents: { one: ["await-nodes"] },
  },
} satisfies FunctionDefinitions;

/** Whether the control plane works: steps of creations, of repairs and of restores. */
const CHECKS = {
  "verify-quorum": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: { several: ["member-health"] },
  },

  "verify-api": {
    records: { actions: ["Query", "UpdateItem"] },
    documents: { one: ["api-ready"] },
  },
} satisfies FunctionDefinitions;

/** The end of every operation. */
const ENDINGS = {
  "complete-operation": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [publishEvents()],
  },

  "record-failure": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [publishEvents()],
  },
} satisfies FunctionDefinitions;

/** Steps that several flows have. */
export interface SharedSteps {
  readonly machines: Functions<keyof typeof MACHINES>;
  readonly nodeChecks: Functions<keyof typeof NODE_CHECKS>;
  readonly checks: Functions<keyof typeof CHECKS>;
  readonly endings: Functions<keyof typeof ENDINGS>;
}

export function sharedSteps(foundation: Foundation): SharedSteps {
  return {
    machines: foundation.functions("shared-steps", MACHINES),
    nodeChecks: foundation.functions("shared-steps", NODE_CHECKS),
    checks: foundation.functions("shared-steps", CHECKS),
    endings: foundation.functions("shared-steps", ENDINGS),
  };
}
