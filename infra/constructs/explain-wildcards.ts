import { Stack, Validations } from "aws-cdk-lib";
import { CfnManagedPolicy, CfnPolicy } from "aws-cdk-lib/aws-iam";
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

function isPolicy(node: IConstruct): node is CfnPolicy | CfnManagedPolicy {
  return node instanceof CfnPolicy || node instanceof CfnManagedPolicy;
}

function patternsOf({ Resource }: Statement): string[] {
  return Resource.filter((resource) => resource.includes("*"));
}

/**
 * Gives cdk-nag (rule IAM5) the reasons of infra/wildcards.ts for wildcards in the policies below a construct. A
 * wildcard without a reason stays a finding. Call it when all policies exist.
 */
export function explainWildcards(scope: IConstruct): void {
  for (const policy of scope.node.findAll().filter(isPolicy)) {
    const stack = Stack.of(policy);
    const document = z.object({ Statement: z.array(Statement) }).parse(stack.resolve(policy.policyDocument));
    const allowing = document.Statement.filter(({ Effect }) => Effect === "Allow");
    const policyId = stack.getLogicalId(policy);
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
