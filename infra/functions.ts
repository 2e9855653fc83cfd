import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { apiNeeds } from "./api-functions.ts";
import type { Heartbeats } from "./constructs/heartbeats.ts";
import type { HostDocuments } from "./constructs/host-documents.ts";
import { deletionNeeds } from "./deletion-functions.ts";
import { type FunctionNeeds, step } from "./function-needs.ts";
import { membershipNeeds } from "./membership-functions.ts";
import { RemovalRights } from "./removal-rights.ts";
import { SecretRights } from "./secret-rights.ts";

interface Surroundings {
  readonly documents: HostDocuments;
  readonly heartbeats: Heartbeats;
  readonly boundaryArn: string;
  readonly secretsKeyArn: string;
  readonly tableArn: string;
  readonly tableName: string;
  readonly apiId: string;
}

/** Every function by its file name, with exactly the rights that its gateways' calls need. */
export const functionNeeds = (
  scope: Construct,
  { documents, heartbeats, boundaryArn, secretsKeyArn, tableArn, tableName, apiId }: Surroundings,
): Record<string, FunctionNeeds> => {
  const rights = new SecretRights(scope, secretsKeyArn);
  const stack = Stack.of(scope);
  const tell = rights.publishEvents();
  const countRequests = rights.items(tableArn, ["dynamodb:UpdateItem"], "REQUESTS#*");
  const memberHealth = { MEMBER_HEALTH_DOCUMENT: documents.names["member-health"] };
  const listNodes = { LIST_NODES_DOCUMENT: documents.names["list-nodes"] };
  const askMembers = rights.runDocument(documents.arn("member-health"), "several");
  const askNodes = rights.runDocument(documents.arn("list-nodes"));
  const checkAccount = [
    rights.describe(
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInstanceTypeOfferings",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeImages",
      "ec2:DescribeVpcs",
      "ec2:DescribeInternetGateways",
      "ec2:DescribeNatGateways",
      "ec2:DescribeSubnets",
      "ec2:DescribeAddresses",
      "ec2:DescribeVolumes",
      "ec2:DescribeInstances",
      "ec2:DescribeTags",
      "ec2:GetEbsDefaultKmsKeyId",
      "elasticloadbalancing:DescribeLoadBalancers",
      "autoscaling:DescribeAccountLimits",
      "servicequotas:GetServiceQuota",
      "servicequotas:GetAWSDefaultServiceQuota",
      "route53:ListHostedZonesByName",
    ),
    rights.readHostedZones(),
    ...rights.imageParameters(),
  ];
  /** What a change of size or groups needs, on launch templates and interfaces that are ours. */
  const changeMachines = [
    rights.changeEc2(["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], ["launch-template"]),
    rights.changeEc2(["ec2:ModifyNetworkInterfaceAttribute"], ["network-interface", "instance"]),
  ];
  /** To let users' security groups into a VPC of ours. */
  const associateGroups = [
    rights.describe("ec2:DescribeSecurityGroupVpcAssociations"),
    rights.useForeignSecurityGroups("ec2:AssociateSecurityGroupVpc"),
    rights.changeEc2(["ec2:AssociateSecurityGroupVpc"], ["vpc"]),
  ];
  const putGroupsRight = [
    rights.describe(
      "ec2:DescribeInstances",
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeLifecycleHooks",
    ),
    rights.changeGroups(
      "autoscaling:UpdateAutoScalingGroup",
      "autoscaling:ResumeProcesses",
      "autoscaling:CompleteLifecycleAction",
    ),
  ];
  /** Of what members share and of what launches them. */
  const readTags = rights.describe(
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeLaunchTemplateVersions",
    "elasticloadbalancing:DescribeTags",
  );
  /** To end a master's instance: by its group, or by EC2 where it has left its group. */
  const endMaster = [
    rights.describe(
      "ec2:DescribeInstances",
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeLifecycleHooks",
    ),
    rights.changeGroups(
      "autoscaling:TerminateInstanceInAutoScalingGroup",
      "autoscaling:CompleteLifecycleAction",
      "autoscaling:SuspendProcesses",
    ),
    rights.changeEc2(["ec2:TerminateInstances"], ["instance"]),
  ];
  return {
    ...deletionNeeds(new RemovalRights(scope), countRequests),
    ...membershipNeeds(rights, documents),
    ...apiNeeds(rights, { documents, checkAccount, countRequests, tell, tableArn, tableName }),
    "master-lost": step([rights.describe("ec2:DescribeInstances"), tell]),
    "execution-ended": step([tell]),
    sweep: step(
      [
        rights.describe(
          "ec2:DescribeInstances",
          "ec2:DescribeVolumes",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeTags",
          "autoscaling:DescribeAutoScalingGroups",
        ),
        readTags,
        ...rights.findDrift(),
        rights.loadBalancing(["elasticloadbalancing:RegisterTargets"]),
        heartbeats.read(),
        tell,
      ],
      heartbeats.environment,
    ),

    // To ask whether Auto Scaling would take a master's group; none is made.
    "validate-account": step([
      ...checkAccount,
      rights.createGroups(),
      rights.serviceLinkedRole("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
    ]),
    "create-network": step([
      rights.describe(
        "ec2:DescribeVpcs",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeNetworkInterfaces",
      ),
      rights.createEc2(
        [
          "ec2:CreateVpc",
          "ec2:CreateInternetGateway",
          "ec2:CreateSubnet",
          "ec2:CreateSecurityGroup",
          "ec2:CreateNetworkInterface",
        ],
        ["vpc", "internet-gateway", "subnet", "security-group", "network-interface"],
      ),
      rights.tagOnCreate(
        "CreateVpc",
        "CreateInternetGateway",
        "CreateSubnet",
        "CreateSecurityGroup",
        "CreateNetworkInterface",
      ),
      rights.changeEc2(
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
      ...associateGroups,
    ]),
    "create-egress": step([
      rights.describe("ec2:DescribeNatGateways", "ec2:DescribeAddresses", "ec2:DescribeRouteTables"),
      rights.createEc2(
        ["ec2:AllocateAddress", "ec2:CreateNatGateway", "ec2:CreateRouteTable"],
        ["elastic-ip", "natgateway", "route-table"],
      ),
      rights.tagOnCreate("AllocateAddress", "CreateNatGateway", "CreateRouteTable"),
      rights.changeEc2(
        ["ec2:CreateNatGateway", "ec2:CreateRouteTable", "ec2:CreateRoute", "ec2:AssociateRouteTable"],
        ["subnet", "elastic-ip", "vpc", "route-table"],
      ),
      rights.changeEc2(["ec2:AuthorizeSecurityGroupIngress"], ["security-group"]),
    ]),
    "create-endpoint": step([
      rights.loadBalancing([
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:AddTags",
      ]),
      rights.serviceLinkedRole("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"),
      rights.describe("elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeTags"),
      // Elastic Load Balancing reads these in the caller's name until the account has its service-linked role.
      rights.describe(
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ),
      rights.hostedZones(),
      rights.readHostedZones(),
    ]),
    "create-identity": step(
      [
        new PolicyStatement({
          actions: ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"],
          resources: [rights.clusterRoles()],
          conditions: { StringEquals: { "iam:PermissionsBoundary": boundaryArn } },
        }),
        new PolicyStatement({
          actions: ["iam:TagRole", "iam:GetRole"],
          resources: [rights.clusterRoles()],
        }),
        rights.passRoles(),
        new PolicyStatement({
          actions: [
            "iam:CreateInstanceProfile",
            "iam:TagInstanceProfile",
            "iam:AddRoleToInstanceProfile",
            "iam:GetInstanceProfile",
          ],
          resources: [rights.clusterProfiles()],
        }),
      ],
      {
        PARTITION: stack.partition,
        ACCOUNT_ID: stack.account,
        PERMISSIONS_BOUNDARY: boundaryArn,
        SECRETS_KEY_ARN: secretsKeyArn,
        HEARTBEAT_TABLE: heartbeats.environment.HEARTBEAT_TABLE,
        API_ID: apiId,
      },
    ),
    "issue-pki": step([
      ...rights.secrets(
        ["ssm:GetParameter", "ssm:PutParameter", "ssm:AddTagsToResource"],
        "*/control/authorities",
        "*/masters/*",
      ),
      ...rights.adoptParameters("*/control/authorities", "*/masters/*"),
    ]),
    "prepare-member": step(
      [
        rights.describe(
          "ec2:DescribeVolumes",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeAddresses",
          "ec2:DescribeLaunchTemplates",
          "ec2:DescribeLaunchTemplateVersions",
          "autoscaling:DescribeAutoScalingGroups",
        ),
        rights.createEc2(
          ["ec2:CreateVolume", "ec2:CreateNetworkInterface", "ec2:AllocateAddress", "ec2:CreateLaunchTemplate"],
          ["volume", "network-interface", "elastic-ip", "launch-template"],
        ),
        rights.tagOnCreate("CreateVolume", "CreateNetworkInterface", "AllocateAddress", "CreateLaunchTemplate"),
        rights.changeEc2(["ec2:AssociateAddress"], ["elastic-ip", "network-interface"]),
        rights.changeEc2(["ec2:CreateNetworkInterface"], ["subnet"]),
        rights.useForeignSecurityGroups("ec2:CreateNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"),
        ...changeMachines,
        // The interface brings its subnet and its groups: AWS does not say whether a launch is checked for those, too.
        ...rights.launchFromTemplates({
          made: ["instance", "volume"],
          used: ["network-interface", "launch-template", "subnet"],
          foreign: ["image", "security-group"],
        }),
        // Masters' groups are an account's first; those of nodes find the role there.
        rights.serviceLinkedRole("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
        rights.createGroups(),
        ...rights.secrets(["ssm:GetParameter"], "*/control/authorities"),
        ...rights.secrets(["ssm:GetParameter", "ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*"),
        ...rights.adoptParameters("*/masters/*"),
      ],
      heartbeats.environment,
    ),
    "await-instance": step([
      tell,
      ...putGroupsRight,
      rights.describe(
        "autoscaling:DescribeScalingActivities",
        "ec2:DescribeLaunchTemplateVersions",
        "ec2:DescribeNetworkInterfaces",
      ),
      rights.changeGroups("autoscaling:SetInstanceHealth"),
      rights.changeEc2(["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], ["launch-template"]),
    ]),
    "attach-volume": step([
      tell,
      rights.describe("ec2:DescribeVolumes"),
      rights.changeEc2(["ec2:AttachVolume", "ec2:DetachVolume"], ["volume", "instance"]),
      ...endMaster,
    ]),
    "await-member": step(
      [
        ...rights.runDocument(documents.arn("await-member")),
        tell,
        rights.parameters(["ssm:PutParameter"], "*/masters/*-volume"),
        rights.changeEc2(["ec2:GetConsoleOutput"], ["instance"]),
        ...endMaster,
      ],
      { AWAIT_MEMBER_DOCUMENT: documents.names["await-member"] },
    ),
    "complete-launch": step([
      rights.describe("autoscaling:DescribeAutoScalingGroups"),
      rights.changeGroups("autoscaling:CompleteLifecycleAction"),
    ]),
    "verify-quorum": step(askMembers, memberHealth),
    "verify-api": step(rights.runDocument(documents.arn("api-ready")), {
      API_READY_DOCUMENT: documents.names["api-ready"],
    }),
    "finish-control-plane": step(rights.runDocument(documents.arn("finish-control-plane")), {
      FINISH_CONTROL_PLANE_DOCUMENT: documents.names["finish-control-plane"],
    }),
    "install-add-ons": step(rights.runDocument(documents.arn("install-add-ons")), {
      INSTALL_ADD_ONS_DOCUMENT: documents.names["install-add-ons"],
    }),
    "begin-update": step(associateGroups),
    "add-nodes": step(
      [
        rights.describe(
          "ec2:DescribeLaunchTemplates",
          "ec2:DescribeLaunchTemplateVersions",
          "ec2:DescribeNetworkInterfaces",
          "autoscaling:DescribeAutoScalingGroups",
        ),
        rights.useForeignSecurityGroups("ec2:ModifyNetworkInterfaceAttribute"),
        ...changeMachines,
        rights.changeGroups("autoscaling:UpdateAutoScalingGroup"),
        rights.createEc2(["ec2:CreateLaunchTemplate"], ["launch-template"]),
        rights.tagOnCreate("CreateLaunchTemplate"),
        ...rights.launchFromTemplates({
          made: ["instance", "volume", "network-interface"],
          used: ["subnet", "launch-template"],
          foreign: ["image", "security-group"],
        }),
        rights.createGroups(),
      ],
      { NODE_API_URL: `https://${apiId}.execute-api.${stack.region}.${stack.urlSuffix}` },
    ),
    "settle-nodes": step(
      [
        ...askNodes,
        ...rights.runDocument(documents.arn("forget-nodes")),
        rights.describe("autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"),
      ],
      { ...listNodes, FORGET_NODES_DOCUMENT: documents.names["forget-nodes"] },
    ),
    "verify-nodes": step(rights.runDocument(documents.arn("await-nodes")), {
      AWAIT_NODES_DOCUMENT: documents.names["await-nodes"],
    }),
    "assess-cluster": step(
      [
        ...askMembers,
        ...putGroupsRight,
        heartbeats.read(),
        tell,
        rights.describe("ec2:DescribeVolumes", "ec2:DescribeNetworkInterfaces", "ec2:DescribeAddresses"),
        rights.createEc2(["ec2:AllocateAddress"], ["elastic-ip"]),
        rights.tagOnCreate("AllocateAddress"),
        rights.changeEc2(["ec2:AssociateAddress"], ["elastic-ip", "network-interface"]),
        rights.restoreTags(["volume", "network-interface"]),
        rights.changeEc2(["ec2:ModifyNetworkInterfaceAttribute"], ["network-interface", "instance"]),
        rights.useForeignSecurityGroups("ec2:ModifyNetworkInterfaceAttribute"),
      ],
      { ...memberHealth, ...heartbeats.environment },
    ),
    "stop-master": step(
      [
        ...askMembers,
        ...rights.runDocument(documents.arn("move-leader")),
        ...endMaster,
        ...rights.secrets(["ssm:GetParameter"], "*/control/authorities"),
        ...rights.secrets(["ssm:GetParameter", "ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*"),
        ...rights.adoptParameters("*/masters/*"),
      ],
      { ...memberHealth, MOVE_LEADER_DOCUMENT: documents.names["move-leader"] },
    ),
    "promote-member": step(
      [
        ...rights.runDocument(documents.arn("member-progress")),
        ...rights.runDocument(documents.arn("promote-member")),
        ...rights.runDocument(documents.arn("remove-learner")),
        tell,
      ],
      {
        MEMBER_PROGRESS_DOCUMENT: documents.names["member-progress"],
        PROMOTE_MEMBER_DOCUMENT: documents.names["promote-member"],
        REMOVE_LEARNER_DOCUMENT: documents.names["remove-learner"],
      },
    ),
    "begin-repair": step(
      [
        tell,
        rights.describe("ec2:DescribeInstances", "ec2:DescribeVolumes", "autoscaling:DescribeAutoScalingGroups"),
        readTags,
        rights.restoreTags(["instance", "security-group", "launch-template"]),
        rights.restoreGroupTags(),
        rights.restoreBalancerTags(),
        heartbeats.read(),
      ],
      heartbeats.environment,
    ),
    "complete-operation": step([tell]),
    "record-failure": step([tell]),
  };
};
