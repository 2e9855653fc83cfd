import { AGENT_ACTIONS } from "../functions/domain/permissions/instance-policies.ts";

/** What the local cloud's management agents ask for. */
const ASKED_BY_AGENTS = [
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:OpenControlChannel",
];

/** Permissions that no flow on the local cloud needs, and that stay all the same. */
export interface KeptPermission {
  /**
   * Roles without what differs from stack to stack: `createnetwork`, `RepairMasterMachine`, `masters`; `*` stands for
   * any text.
   */
  readonly roles: readonly string[];
  readonly actions: readonly string[];
  readonly reason: string;
}

/**
 * The whole list: test/proofs/permissions.test.ts fails for a permission that is neither needed by a flow nor here, and
 * for an entry that a flow needs after all, or that nobody has any more.
 */
export const KEPT_PERMISSIONS: readonly KeptPermission[] = [
  {
    roles: ["*"],
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    reason: "Lambda writes a function's log in its role's name; the local cloud keeps logs itself.",
  },
  {
    roles: ["*"],
    actions: ["xray:*"],
    reason: "Lambda and Step Functions write traces in the role's name; the local cloud keeps none.",
  },
  {
    roles: ["*Machine"],
    actions: ["logs:*"],
    reason: "Step Functions sets up a machine's log in its role's name; the local cloud keeps no such logs.",
  },
  {
    roles: ["masterlost", "executionended", "reconcile", "notifychat", "tickrollouts"],
    actions: ["sqs:SendMessage"],
    reason:
      "Lambda sends to the dead-letter queue what failed in the role's name; the local cloud does so without asking.",
  },
  {
    roles: ["getcluster", "preparemember", "renewmember", "stopmaster", "verifyquorum"],
    actions: ["dynamodb:PutItem"],
    reason: "Writing to a member makes its record if there is none (store/members.ts); here there always is one.",
  },
  {
    roles: ["tickrollouts"],
    actions: ["sts:AssumeRole", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "route53:*"],
    reason:
      "It calls endpoints, forgets their clusters and takes them out of public names; the flows' account has no endpoint (test/aws/hub.test.ts has).",
  },
  {
    roles: ["fleets", "fleetdns"],
    actions: ["lambda:InvokeFunction", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"],
    reason:
      "They have endpoints asked, register them and forget them; the flows' account has none (test/aws/hub.test.ts has).",
  },
  {
    roles: ["preparemember"],
    actions: ["ec2:CreateNetworkInterface"],
    reason:
      '"Create network" makes members\' interfaces; one that is deleted before a creation continues is created again.',
  },
  {
    roles: ["movemember"],
    actions: ["ec2:AllocateAddress"],
    reason: "A member keeps its Elastic IP when it moves; one that somebody has released is made again.",
  },
  {
    roles: ["createcluster"],
    actions: ["states:StartExecution"],
    reason:
      "A creation can end between the check and its continuation; an open change then continues instead. No flow reaches that moment.",
  },
  {
    roles: ["attachvolume", "awaitmember", "restorestep"],
    actions: ["ec2:TerminateInstances"],
    reason: "An instance that somebody takes out of its group just then is ended by EC2; no flow hits that moment.",
  },
  {
    roles: ["attachvolume"],
    actions: ["autoscaling:TerminateInstanceInAutoScalingGroup"],
    reason: "An instance that its launch hook does not hold just then is ended by its group; no flow hits that moment.",
  },
  {
    roles: ["preparemember", "addnodes"],
    actions: ["iam:CreateServiceLinkedRole"],
    reason: "Validate account's question makes the role here; AWS may refuse the question before it makes one.",
  },
  {
    roles: ["masters"],
    actions: ["ec2:*", "elasticloadbalancing:*"],
    reason: "Kubernetes' cloud controller and EBS driver on masters; the local cloud has stand-ins that call nothing.",
  },
  {
    roles: ["masters", "nodes", "drill"],
    actions: AGENT_ACTIONS.filter((action) => !ASKED_BY_AGENTS.includes(action)),
    reason: "What AWS's management agent may ask for; the local cloud's agents ask for a part of it.",
  },
  {
    roles: ["deleteidentity", "listresources", "migratestep", "verifyremoval"],
    actions: ["ssm:ListTagsForResource"],
    reason:
      "Asked for a parameter below the cluster's path that does not carry its tags: somebody else's. No flow plants one.",
  },
  {
    roles: ["CreateClusterMachine", "MigrateClusterMachine", "RestoreClusterMachine"],
    actions: ["states:StopExecution"],
    reason: "Step Functions stops what a stopped execution has started; no flow stops one just then.",
  },
  {
    roles: ["restorestep"],
    actions: ["autoscaling:DescribeLifecycleHooks"],
    reason: "Read for an ended instance that somebody's terminate hook holds; no restore of a flow meets one.",
  },
  {
    roles: ["executionended"],
    actions: ["states:DescribeExecution"],
    reason: "Any operation's execution can be stopped in the console; flows stop those of some kinds.",
  },
  {
    roles: ["reconcile"],
    actions: ["dynamodb:Query", "states:StartExecution"],
    reason:
      "The reconciler begins a restore ten minutes after the volumes of a majority are gone; no flow waits for that.",
  },
  {
    roles: ["reconcile"],
    actions: ["ec2:TerminateInstances"],
    reason: "The host of a drill that is there after 30 minutes is ended; no flow leaves one.",
  },
  {
    roles: ["verifyremoval"],
    actions: ["elasticloadbalancing:DescribeTags"],
    reason: "Asked for load balancers that are still there when a deletion is verified; in flows none is.",
  },
  {
    roles: [
      "commitbackup",
      "createcluster",
      "createplan",
      "drillstep",
      "issuepki",
      "pinbackup",
      "restorecluster",
      "restorestep",
    ],
    actions: ["s3:ListBucket"],
    reason: "With it S3 says of an object that it is not there, and not that it is forbidden; no flow loses one.",
  },
  {
    roles: ["removeoldbackups"],
    actions: ["s3:DeleteObject"],
    reason: "Backups that retention does not keep are hours old; no flow is that long.",
  },
  {
    roles: ["comparehashes"],
    actions: ["dynamodb:PutItem", "events:PutEvents"],
    reason: "Members whose data differ are reported; no flow makes them differ.",
  },
  {
    roles: ["migratestep"],
    actions: ["ec2:ModifyNetworkInterfaceAttribute"],
    reason: "Groups that somebody takes off a new master's interface are put back; no flow hits that moment.",
  },
  {
    roles: ["migratestep"],
    actions: ["ec2:TerminateInstances"],
    reason:
      "A master that leaves ends with its group; one that somebody took out of it is ended by EC2. No flow does so.",
  },
  {
    roles: ["deleteidentity", "migratestep"],
    actions: ["iam:DetachRolePolicy"],
    reason: "IAM keeps a role with policies that somebody attached; no flow attaches one.",
  },
];
