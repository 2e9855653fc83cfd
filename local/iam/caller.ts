import type { Principal } from "../context/credentials.ts";
import { evaluate, type PolicyRequest } from "./evaluate.ts";
import type { PolicyDocument, Statement } from "./policy.ts";

/** Who asks for something that belongs to an account, perhaps to another than his own. */
export interface Caller extends Principal {
  readonly accountId: string;
  /** Of his account; undefined if it is in none. */
  readonly organizationId?: string | undefined;
}

/**
 * Whether a resource's own policy lets this caller in: by his role or session, by his account, or by what all of an
 * organization have in common (IAM user guide, "Cross-account policy evaluation logic").
 */
export function letsIn(policy: PolicyDocument, caller: Caller, request: PolicyRequest): boolean {
  const names = namesOf(caller);
  const statements = [policy.Statement]
    .flat()
    .filter(({ Principal }) => principalsOf(Principal).some((each) => names.includes(each)));
  // The policy is that of the resource: a trust policy names none.
  const own = statements.map((statement): Statement => ({ ...statement, Resource: "*" }));
  return (
    evaluate([{ Statement: own }], { ...request, context: { ...keysOf(caller), ...request.context } }).decision ===
    "allow"
  );
}

function namesOf({ arn, roleArn, accountId }: Caller): string[] {
  return [arn, ...(roleArn === undefined ? [] : [roleArn]), accountId, `arn:aws:iam::${accountId}:root`, "*"];
}

function keysOf({ arn, roleArn, accountId, organizationId }: Caller): PolicyRequest["context"] {
  return {
    "aws:PrincipalArn": roleArn ?? arn,
    "aws:PrincipalAccount": accountId,
    "aws:SecureTransport": true,
    ...(organizationId !== undefined && { "aws:PrincipalOrgID": organizationId }),
  };
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === "string") return [principal];
  if (typeof principal !== "object" || principal === null || !("AWS" in principal)) return [];
  return [principal.AWS].flat().map(String);
}
