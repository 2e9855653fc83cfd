import type { WildcardUse } from "../../infra/wildcards.ts";
import type { GrantedStatement } from "./template.ts";

/** All resources, or all of a type: nothing but a wildcard where the name would stand. */
function isWild(resource: string): boolean {
  return /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:(\*|\*\/\*|[A-Za-z-]+[:/]\*|autoScalingGroup:\*:autoScalingGroupName\/\*))$/.test(
    resource.replaceAll(/\$\{[^}]*\}/g, "-"),
  );
}

/** Every action beside every resource that stands for many, whatever conditions narrow it. */
export function wildcardUses(statements: readonly GrantedStatement[]): WildcardUse[] {
  return statements
    .filter(({ effect }) => effect === "Allow")
    .flatMap(({ policy, actions, resources, conditions }) =>
      resources
        .filter((resource) => resource.includes("*"))
        .flatMap((resource) => actions.map((action) => ({ policy, action, resource, conditions }))),
    );
}

/** Those that nothing narrows, neither a condition nor a part of the name. */
export function unconditionalWildcards(statements: readonly GrantedStatement[]): WildcardUse[] {
  return wildcardUses(statements).filter(({ resource, conditions }) => conditions.length === 0 && isWild(resource));
}
