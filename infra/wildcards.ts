/** Actions that may stand beside a wildcard without a condition, and why AWS leaves no narrower way. */
export interface Wildcard {
  /** `ec2:DescribeVolumes`, or `ec2:Describe*` for all that begin so. */
  readonly actions: readonly string[];
  /** End of the resource that may be wild: `*`, `security-group/*`. */
  readonly resource: string;
  /** Beginning of the only policy's logical id where it is explained; without it, in all. */
  readonly policy?: string;
  readonly reason: string;
}

/**
 * What the templates may contain: test/infra/stack.test.ts finds each wildcard and asks for its reason here. Source:
 * Service Authorization Reference, "Actions, resources, and condition keys" of each service.
 */
export const WILDCARDS: readonly Wildcard[] = [
  {
    actions: ["ec2:Describe*", "autoscaling:Describe*", "elasticloadbalancing:Describe*"],
    resource: "*",
    reason: "Describe has no resource types in these services, and a filter in the request is no condition key.",
  },
  {
    actions: ["iam:ListRoles", "iam:ListInstanceProfiles", "route53:ListHostedZonesByName", "ssm:DescribeParameters"],
    resource: "*",
    reason:
      "Lists over the account: no resource to name, no condition key for what they find. They show no secret's value.",
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
      "cluster's tag (functions/domain/workloads.ts).",
  },
];

/** `ec2:Describe*` for `ec2:DescribeVolumes`. */
const covers = (pattern: string, action: string): boolean =>
  pattern.endsWith("*") ? action.startsWith(pattern.slice(0, -1)) : action === pattern;

/** The entry that says why this action may stand beside this resource; undefined where none does. */
export const wildcardFor = (action: string, resource: string, policy: string): Wildcard | undefined =>
  WILDCARDS.find(
    (each) =>
      policy.startsWith(each.policy ?? "") &&
      each.actions.some((pattern) => covers(pattern, action)) &&
      (each.resource === "*" ? resource === "*" : resource.endsWith(each.resource)),
  );
