import { holds, matchesPattern, type RequestContext, substitute } from "./conditions.ts";
import type { PolicyDocument, Statement } from "./policy.ts";

export interface PolicyRequest {
  /** `service:Operation`, e.g. `ec2:RunInstances`. */
  readonly action: string;
  /** The ARN acted on, or `*` for operations without resources. */
  readonly resource: string;
  /** Condition keys and their values; keys are not case-sensitive. */
  readonly context: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

export interface Decision {
  readonly decision: "allow" | "deny" | "implicitDeny";
  /** The statement that decided; absent for an implicit deny. */
  readonly statement?: Statement;
}

/**
 * What identity policies say to a request: an explicit deny wins, then an allow, and what nothing allows is denied
 * (IAM user guide, "Policy evaluation logic"). Principals are not looked at.
 * @throws Error for a condition operator that is not known.
 */
export function evaluate(policies: readonly PolicyDocument[], request: PolicyRequest): Decision {
  const context = toContext(request.context);
  const matching = policies
    .flatMap(({ Statement }) => Statement)
    .filter((statement) => applies(statement, request, context));
  const deny = matching.find(({ Effect }) => Effect === "Deny");
  if (deny) return { decision: "deny", statement: deny };
  const [allow] = matching;
  return allow ? { decision: "allow", statement: allow } : { decision: "implicitDeny" };
}

function toContext(values: PolicyRequest["context"]): RequestContext {
  return new Map(Object.entries(values).map(([key, value]) => [key.toLowerCase(), [value].flat().map(String)]));
}

function applies(statement: Statement, request: PolicyRequest, context: RequestContext): boolean {
  return (
    actionMatches(statement, request.action) &&
    resourceMatches(statement, request.resource, context) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, expected]) => holds(operator, key, [expected].flat().map(String), context)),
    )
  );
}

function actionMatches(statement: Statement, action: string): boolean {
  // Actions are not case-sensitive, resources are.
  const matches = (pattern: string) => matchesPattern(action.toLowerCase(), pattern.toLowerCase());
  if (statement.NotAction !== undefined) return ![statement.NotAction].flat().some(matches);
  return [statement.Action ?? []].flat().some(matches);
}

function resourceMatches(statement: Statement, resource: string, context: RequestContext): boolean {
  const matches = (pattern: string) => {
    const known = substitute(pattern, context);
    return known !== undefined && matchesPattern(resource, known);
  };
  if (statement.NotResource !== undefined) return ![statement.NotResource].flat().some(matches);
  return [statement.Resource ?? []].flat().some(matches);
}
