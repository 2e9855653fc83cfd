import type { GrantedStatement } from "./template.ts";

/** All resources, or all of a type: nothing but a wildcard where the name would stand. */
const isWild = (resource: string): boolean =>
  /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:(\*|\*\/\*|[A-Za-z-]+[:/]\*|autoScalingGroup:\*:autoScalingGroupName\/\*))$/.test(
    resource.replaceAll(/\$\{[^}]*\}/g, "-"),
  );

/** `POLICY ACTION RESOURCE` of every wildcard that no condition narrows. */
export const wildcardsIn = (statements: readonly GrantedStatement[]) =>
  statements
    .filter(({ effect, conditions }) => effect === "Allow" && conditions.length === 0)
    .flatMap(({ policy, actions, resources }) =>
      resources.filter(isWild).flatMap((resource) => actions.map((action) => ({ policy, action, resource }))),
    );
