import { Stack, Validations } from "aws-cdk-lib";
import { CfnManagedPolicy, CfnPolicy } from "aws-cdk-lib/aws-iam";
import { flattenCfnReference } from "cdk-nag/lib/utils/flatten-cfn-reference.js";
import type { IConstruct } from "constructs";
import * as z from "zod";
import { TAG } from "../functions/domain/naming.ts";

const Many = z.union([z.unknown().array(), z.unknown().transform((one) => [one])]);
const Statement = z.object({
  Effect: z.string(),
  Action: Many.pipe(z.array(z.string())),
  Resource: Many.transform((resources) => resources.map((one) => flattenCfnReference(one as object))),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
export type Statement = z.output<typeof Statement>;

/** Keys of conditions that narrow a wildcard to what is ours, whatever the resource is called. */
const NARROWING: Readonly<Record<string, string>> = {
  [`aws:ResourceTag/${TAG.uid}`]: "Ids are AWS's; the condition asks for the owner's tag on the resource",
  [`aws:RequestTag/${TAG.uid}`]: "What is made has no id yet; the condition asks for the owner's tag in the call",
  "ec2:CreateAction": "Tags are put by the call that makes the thing, and by no other",
  "iam:PermissionsBoundary": "Below our path, and only with the boundary",
  "iam:PassedToService": "Below our path, and only to EC2",
  "route53:ChangeResourceRecordSetsNormalizedRecordNames": "Zones are the users'; only records api.*, only addresses",
};

/** Actions for which IAM takes no resource, or that show what exists and no secret. */
const READING =
  /^[a-z0-9-]+:(Describe|List)|^servicequotas:Get|^iam:Get(Role|InstanceProfile)$|^ssm:GetCommandInvocation$/;
const WITHOUT_RESOURCE = /^xray:|^logs:\w+(LogDelivery|LogDeliveries|ResourcePolicy|ResourcePolicies|LogGroups)$/;

/** Names that only Holdfast gives. */
const OWN_NAMES = /:(role|instance-profile)\/holdfast\/|:parameter\/holdfast\/|\/net\/hf-\*|:targetgroup\/hf-\*/;
/** Executions of one machine, and routes of one API, both of this stack. */
const OWN_PARTS = /:execution:.*Machine[0-9A-F]{8}.*:\*$|:execute-api:.*:<Http\w+>\/\$default\//;

const FOREIGN_GROUPS = new Set([
  "ec2:CreateNetworkInterface",
  "ec2:ModifyNetworkInterfaceAttribute",
  "ec2:AssociateSecurityGroupVpc",
  "ec2:DisassociateSecurityGroupVpc",
]);

/** Why this statement may name this resource by a pattern; undefined where nothing says so. */
export const reasonFor = (statement: Statement, resource: string): string | undefined => {
  const keys = Object.values(statement.Condition).flatMap((of) => Object.keys(of));
  const narrowing = keys.map((key) => NARROWING[key]).find((reason) => reason !== undefined);
  if (narrowing !== undefined) return narrowing;
  const all = (test: (action: string) => boolean) => statement.Action.every(test);
  if (all((action) => READING.test(action)))
    return "It shows what exists, and no secret; AWS takes no narrower resource";
  if (all((action) => WITHOUT_RESOURCE.test(action))) return "AWS takes no resource for traces and log deliveries";
  if (OWN_NAMES.test(resource)) return "Only Holdfast gives such names; the rest is a cluster's or a member's";
  if (OWN_PARTS.test(resource)) return "Executions of this stack's machine, or routes of its API";
  if (all((action) => action === "ec2:RunInstances"))
    return "Auto Scaling launches with the rights of who made the group; PassRole and the tag on creation narrow it";
  if (all((action) => FOREIGN_GROUPS.has(action)))
    return "Security groups that users bring carry no tag of ours; they are associated, never changed";
  if (all((action) => action === "ssm:GetParameter") && /:parameter\/(aws\/service\/)?\*$/.test(resource))
    return "Parameters that name images; a Deny keeps the secrets of clusters and chats out";
  return undefined;
};

const isPolicy = (node: IConstruct): node is CfnPolicy | CfnManagedPolicy =>
  node instanceof CfnPolicy || node instanceof CfnManagedPolicy;

const patternsOf = ({ Resource }: Statement): string[] => Resource.filter((resource) => resource.includes("*"));

/**
 * Tells cdk-nag (rule IAM5) why the policies below a construct have wildcards in resources. A wildcard is explained when
 * `because` has a reason for each statement that has it; what is not explained stays a finding. Call it when all is there.
 */
export const explainWildcards = (scope: IConstruct, because: typeof reasonFor = reasonFor): void => {
  for (const policy of scope.node.findAll().filter(isPolicy)) {
    const document = z.object({ Statement: z.array(Statement) }).parse(Stack.of(policy).resolve(policy.policyDocument));
    const allowing = document.Statement.filter(({ Effect }) => Effect === "Allow");
    for (const pattern of new Set(allowing.flatMap(patternsOf))) {
      const reasons = allowing
        .filter((statement) => statement.Resource.includes(pattern))
        .map((statement) => because(statement, pattern));
      if (reasons.includes(undefined)) continue;
      const reason = [...new Set(reasons)].join(". ");
      Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[Resource::${pattern}]`, reason });
    }
  }
};
