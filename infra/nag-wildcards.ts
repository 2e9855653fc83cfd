import { Stack, Validations } from "aws-cdk-lib";
import { CfnManagedPolicy, CfnPolicy } from "aws-cdk-lib/aws-iam";
import { flattenCfnReference } from "cdk-nag/lib/utils/flatten-cfn-reference.js";
import type { IConstruct } from "constructs";
import * as z from "zod";
import { TAG } from "../functions/domain/naming.ts";
import { wildcardFor } from "./wildcards.ts";

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
  "aws:TagKeys": "Only our own keys, and only on volumes that are ours or on what has lost its owner's tag",
  [`aws:ResourceTag/${TAG.uid}`]: "Ids are AWS's; the condition asks for the owner's tag on the resource",
  [`aws:RequestTag/${TAG.uid}`]: "What is made has no id yet; the condition asks for the owner's tag in the call",
  "ec2:CreateAction": "Tags are put by the call that makes the thing, and by no other",
  "iam:PermissionsBoundary": "Below our path, and only with the boundary",
  "iam:PassedToService": "Below our path, and only to EC2",
  "route53:ChangeResourceRecordSetsNormalizedRecordNames": "Zones are the users'; only records api.*, only addresses",
};

/** Names that only Holdfast gives. */
const OWN_NAMES = /:(role|instance-profile)\/holdfast\/|:parameter\/holdfast\/|\/net\/hf-\*|:targetgroup\/hf-\*/;
/** Executions of one machine, and routes of one API, both of this stack. */
const OWN_PARTS = /:execution:.*Machine[0-9A-F]{8}.*:\*$|:execute-api:.*:<Http\w+>\/\$default\//;

/** What AWS itself publishes. */
const PUBLISHED = /:parameter\/aws\/service\/\*$/;

/** Why this statement may name this resource by a pattern; undefined where nothing says so. */
export const reasonFor = (statement: Statement, resource: string): string | undefined => {
  const keys = Object.values(statement.Condition).flatMap((of) => Object.keys(of));
  const narrowing = keys.map((key) => NARROWING[key]).find((reason) => reason !== undefined);
  if (narrowing !== undefined) return narrowing;
  if (OWN_NAMES.test(resource)) return "Only Holdfast gives such names; the rest is a cluster's or a member's";
  if (OWN_PARTS.test(resource)) return "Executions of this stack's machine, or routes of its API";
  if (PUBLISHED.test(resource)) return "Parameters that AWS publishes for everybody";
  const reasons = statement.Action.map((action) => wildcardFor(action, resource, "")?.reason);
  return reasons.includes(undefined) ? undefined : [...new Set(reasons)].join(" ");
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
