import { TAG } from "../functions/domain/cluster/naming.ts";
import { AGENT_ACTIONS } from "../functions/domain/permissions/instance-policies.ts";

/** A reason why a statement may name resources by a pattern: because of all that the entry says. */
export interface Wildcard {
  /** The key of a condition that narrows the statement. */
  readonly condition?: string;
  /** `ec2:DescribeVolumes`, or `ec2:Describe*` for all that begin so. */
  readonly actions?: readonly string[];
  /** End of the resource that may be wild: `*`, `security-group/*`. Or what names must look like. */
  readonly resource?: string | RegExp;
  /** Beginning of the only policy's logical id where it is explained; without it, in all. */
  readonly policy?: string;
  readonly reason: string;
}

/** One action and one resource of a statement in a policy, with the keys of the statement's conditions. */
export interface WildcardUse {
  readonly policy: string;
  readonly action: string;
  readonly resource: string;
  readonly conditions: readonly string[];
}

/** Wildcards that are narrowed by a condition, or by names that only this stack gives. The first that fits holds. */
const NARROWED: readonly Wildcard[] = [
  { policy: "BoundaryPolicy", reason: "A boundary grants nothing; what a role may do is in its own policy" },
  {
    policy: "WorkloadsRole",
    condition: `aws:ResourceTag/${TAG.uid}`,
    reason: "Taken only for sessions whose policy names one cluster's tag",
  },
  {
    condition: "aws:TagKeys",
    reason: "Only our own keys, and only on volumes that are ours or on what has lost its owner's tag",
  },
  {
    condition: `aws:ResourceTag/${TAG.uid}`,
    reason: "Ids are AWS's; the condition asks for the owner's tag on the resource",
  },
  {
    condition: `aws:RequestTag/${TAG.uid}`,
    reason: "What is made has no id yet; the condition asks for the owner's tag in the call",
  },
  { condition: "ec2:CreateAction", reason: "Tags are put by the call that makes the thing, and by no other" },
  { condition: "iam:PermissionsBoundary", reason: "Below our path, and only with the boundary" },
  { condition: "iam:PassedToService", reason: "Below our path, and only to EC2" },
  {
    policy: "fleetdns",
    condition: "route53:ChangeResourceRecordSetsRecordTypes",
    reason:
      "Zones and names are the users'; only addresses, and the code touches only records with its own identifiers",
  },
  {
    policy: "deleteendpoint",
    condition: "route53:ChangeResourceRecordSetsRecordTypes",
    reason:
      "Zones and names are the users'; only addresses, and the code touches only records with its own identifiers",
  },
  {
    policy: "tickrollouts",
    condition: "route53:ChangeResourceRecordSetsRecordTypes",
    reason:
      "Zones and names are the users'; only addresses, and the code touches only records with its own identifiers",
  },
  {
    actions: ["sts:AssumeRole"],
    resource: /:role\/holdfast-hub\/\*$/,
    policy: "tickrollouts",
    reason: "Endpoints are in any account; only Holdfast's stacks give roles this path, and each names its hub itself",
  },
  {
    condition: "route53:ChangeResourceRecordSetsNormalizedRecordNames",
    reason: "Zones are the users'; only records api.*, only addresses",
  },
  {
    resource: /:(role|instance-profile)\/holdfast\/|:parameter\/holdfast\/|\/net\/hf-\*|:targetgroup\/hf-\*/,
    reason: "Only Holdfast gives such names; the rest is a cluster's or a member's",
  },
  {
    resource: /\/snapshot\.db\.gz$|\/clusters\/\*/,
    reason: "Only backups: the rest is a cluster's name and uid, and ids of backups, which are times",
  },
  { resource: /:execution:.*Machine[0-9A-F]{8}.*:\*$/, reason: "Executions of this stack's machine" },
  { resource: /:execute-api:.*:[<$].*Http\w+.*\/\$default\//, reason: "Routes of this stack's API" },
  { resource: /:parameter\/aws\/service\/\*$/, reason: "Parameters that AWS publishes for everybody" },
];

/**
 * Wildcards without either, and why AWS leaves no narrower way. Source: Service Authorization Reference, "Actions, resources,
 * and condition keys" of each service.
 */
const UNCONDITIONAL: readonly Wildcard[] = [
  {
    actions: ["ec2:Describe*", "autoscaling:Describe*", "elasticloadbalancing:Describe*"],
    resource: "*",
    reason: "Describe has no resource types in these services, and a filter in the request is no condition key.",
  },
  {
    actions: ["iam:ListRoles", "iam:ListInstanceProfiles", "route53:ListHostedZones*", "ssm:DescribeParameters"],
    resource: "*",
    reason:
      "Lists over the account: no resource to name, no condition key for what they find. They show no secret's value.",
  },
  {
    actions: AGENT_ACTIONS,
    resource: "*",
    reason: "What AWS's management agent asks for, as AWS's own policy for it has it. The boundary denies commands.",
  },
  {
    actions: ["ec2:GetEbsDefaultKmsKeyId"],
    resource: "*",
    reason: "A setting of the account: there is no resource to name. It shows the id of a key and no more.",
  },
  {
    actions: ["servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota"],
    resource: "*",
    reason: "Reading quotas has no resource types; only asking for an increase has.",
  },
  {
    actions: ["ssm:ListCommandInvocations", "ssm:GetCommandInvocation"],
    resource: "*",
    reason: "Commands are no resources in IAM. A document's output holds no secret.",
  },
  {
    actions: [
      "logs:CreateLogDelivery",
      "logs:GetLogDelivery",
      "logs:UpdateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:DescribeResourcePolicies",
      "logs:DescribeLogGroups",
    ],
    resource: "*",
    reason: "Step Functions' own list for logging (its developer guide, CloudWatch Logs): deliveries are no resources.",
  },
  {
    actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
    resource: "*",
    reason: "X-Ray's writes have no resource types (Step Functions and Lambda ask for them as they are).",
  },
  {
    actions: [
      "ec2:AssociateSecurityGroupVpc",
      "ec2:DisassociateSecurityGroupVpc",
      "ec2:CreateNetworkInterface",
      "ec2:ModifyNetworkInterfaceAttribute",
      "ec2:RunInstances",
    ],
    resource: "security-group/*",
    reason:
      "Users bring groups that carry no tag of ours. The VPC, interface or instance beside them in the call must be ours.",
  },
  {
    actions: ["ec2:RunInstances"],
    resource: "image/*",
    reason: "Images are public or the user's own: their tags do not exist for other accounts.",
  },
  {
    actions: [
      "route53:ListTagsForResource",
      "route53:ChangeTagsForResource",
      "route53:GetHealthCheckStatus",
      "route53:DeleteHealthCheck",
    ],
    resource: "healthcheck/*",
    reason:
      "Ids are Route 53's, and health checks have no condition key. The code deletes only those that carry the tags of the fleet's own name.",
  },
  {
    actions: ["route53:CreateHealthCheck"],
    resource: "*",
    reason: "Route 53 knows no resource for it.",
  },
  {
    actions: ["route53:ListResourceRecordSets"],
    resource: "hostedzone/*",
    reason: "Zones are the user's, named by the spec, and reading records has no condition key.",
  },
  {
    actions: ["ssm:GetParameter"],
    resource: "parameter/*",
    reason: "A spec may name any parameter as its image; a deny keeps out those of clusters and settings.",
  },
  {
    actions: ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"],
    resource: "security-group/*",
    policy: "WorkloadsRole",
    reason:
      "The role of what Kubernetes made: IAM has no wildcards in the keys of tags, so each session's own policy names the " +
      "cluster's tag (functions/domain/permissions/workloads.ts).",
  },
];

/** The one list of reasons. Tests find each wildcard of the templates and ask for its reason here; so does cdk-nag. */
export const WILDCARDS: readonly Wildcard[] = [...NARROWED, ...UNCONDITIONAL];

/** `ec2:Describe*` for `ec2:DescribeVolumes`. */
function covers(pattern: string, action: string): boolean {
  return pattern.endsWith("*") ? action.startsWith(pattern.slice(0, -1)) : action === pattern;
}

function fits(pattern: string | RegExp, resource: string): boolean {
  if (typeof pattern !== "string") return pattern.test(resource);
  return pattern === "*" ? resource === "*" : resource.endsWith(pattern);
}

/** The entry that says why this action may stand beside this resource; undefined where none does. */
export function wildcardFor({ policy, action, resource, conditions }: WildcardUse): Wildcard | undefined {
  return WILDCARDS.find(
    (each) =>
      policy.startsWith(each.policy ?? "") &&
      (each.condition === undefined || conditions.includes(each.condition)) &&
      (each.actions === undefined || each.actions.some((pattern) => covers(pattern, action))) &&
      (each.resource === undefined || fits(each.resource, resource)),
  );
}
