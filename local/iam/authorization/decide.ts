import { evaluate, type PolicyRequest } from "../evaluate.ts";
import type { Iam } from "../iam.ts";
import { parsePolicy } from "../policy.ts";

export interface Decision {
  readonly decision: "allow" | "explicitDeny" | "resourceDeny" | "outsideBoundary" | "outsideSession" | "noStatement";
}

/**
 * What a role's policies, its boundary and the session's own policy say to a request: a deny in any of them wins, and
 * all must allow (IAM user guide, "Permissions boundaries for IAM entities" and "Session policies").
 * @throws Error for a condition operator that is not known.
 */
export function decide(
  iam: Pick<Iam, "policiesOf" | "boundaryOf">,
  { roleArn, sessionPolicy }: { readonly roleArn: string; readonly sessionPolicy?: string },
  request: PolicyRequest,
): Decision {
  const own = evaluate(iam.policiesOf(roleArn), request).decision;
  const boundary = iam.boundaryOf(roleArn);
  const max = boundary === undefined ? "allow" : evaluate([boundary], request).decision;
  const session = sessionPolicy === undefined ? "allow" : evaluate([parsePolicy(sessionPolicy)], request).decision;
  if ([own, max, session].includes("deny")) return { decision: "explicitDeny" };
  if (own !== "allow") return { decision: "noStatement" };
  if (max !== "allow") return { decision: "outsideBoundary" };
  return { decision: session === "allow" ? "allow" : "outsideSession" };
}
