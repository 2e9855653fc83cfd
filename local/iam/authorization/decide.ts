import { evaluate, type PolicyRequest } from "../evaluate.ts";
import type { Iam } from "../iam.ts";

export interface Decision {
  readonly decision: "allow" | "explicitDeny" | "outsideBoundary" | "noStatement";
}

/**
 * What a role's policies and its boundary say to a request: a deny in either wins, and both must allow (IAM user guide,
 * "Permissions boundaries for IAM entities").
 * @throws Error for a condition operator that is not known.
 */
export function decide(iam: Pick<Iam, "policiesOf" | "boundaryOf">, roleArn: string, request: PolicyRequest): Decision {
  const own = evaluate(iam.policiesOf(roleArn), request).decision;
  const boundary = iam.boundaryOf(roleArn);
  const most = boundary === undefined ? "allow" : evaluate([boundary], request).decision;
  if (own === "deny" || most === "deny") return { decision: "explicitDeny" };
  if (own !== "allow") return { decision: "noStatement" };
  return { decision: most === "allow" ? "allow" : "outsideBoundary" };
}
