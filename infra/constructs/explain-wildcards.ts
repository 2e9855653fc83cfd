import { Stack, Validations } from "aws-cdk-lib";
import { CfnManagedPolicy, CfnPolicy, CfnRole } from "aws-cdk-lib/aws-iam";
import { flattenCfnReference } from "cdk-nag/lib/utils/flatten-cfn-reference.js";
import type { IConstruct } from "constructs";
import * as z from "zod";
import { wildcardFor } from "../wildcards.ts";

const Many = z.union([z.unknown().array(), z.unknown().transform((one) => [one])]);
const Statement = z.object({
  Effect: z.string(),
  Action: Many.pipe(z.array(z.string())),
  Resource: Many.transform((resources) => resources.map((one) => flattenCfnReference(one as object))),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
type Statement = z.output<typeof Statement>;

/** Why this statement may name this resource by a pattern; undefined where nothing says so. */
function reasonFor(policy: string, { Action, Condition }: Statement, resource: string): string | undefined {
  const conditions = Object.values(Condition).flatMap((operator) => Object.keys(operator));
  const reasons = Action.map((action) => wildcardFor({ policy, action, resource, conditions })?.reason);
  return reasons.includes(undefined) ? undefined : [...new Set(reasons)].join(" ");
}

type Granting = CfnPolicy | CfnManagedPolicy | CfnRole;

function isGranting(node: IConstruct): node is Granting {
  return node instanceof CfnPolicy || node instanceof CfnManagedPolicy || node instanceof CfnRole;
}

const Document = z.object({ Statement: z.array(Statement) });
const Inline = z.array(z.object({ policyDocument: Document })).default([]);

/** Of the policy, or of all that stand in a role itself. */
function statementsOf(node: Granting): Statement[] {
  const stack = Stack.of(node);
  if (!(node instanceof CfnRole)) return Document.parse(stack.resolve(node.policyDocument)).Statement;
  return Inline.parse(stack.resolve(node.policies)).flatMap(({ policyDocument }) => policyDocument.Statement);
}

function patternsOf({ Resource }: Statement): string[] {
  return Resource.filter((resource) => resource.includes("*"));
}

/**
 * Gives cdk-nag (rule IAM5) the reasons of infra/wildcards.ts for wildcards in the policies below a construct. A
 * wildcard without a reason stays a finding. Call it when all policies exist.
 */
export function explainWildcards(scope: IConstruct): void {
  for (const policy of scope.node.findAll().filter(isGranting)) {
    const allowing = statementsOf(policy).filter(({ Effect }) => Effect === "Allow");
    const policyId = Stack.of(policy).getLogicalId(policy);
    for (const pattern of new Set(allowing.flatMap(patternsOf))) {
      const reasons = allowing
        .filter((statement) => statement.Resource.includes(pattern))
        .map((statement) => reasonFor(policyId, statement, pattern));
      if (reasons.includes(undefined)) continue;
      const reason = [...new Set(reasons)].join(". ");
      Validations.of(policy).acknowledge({ id: `AwsSolutions-IAM5[Resource::${pattern}]`, reason });
    }
  }
}
