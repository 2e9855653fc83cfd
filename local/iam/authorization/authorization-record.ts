import type { PolicyRequest } from "../evaluate.ts";
import type { PolicyDocument } from "../policy.ts";
import { type Decision, decide } from "./decide.ts";

/** One decision with all that it was made from, so that it can be made again under other policies. */
export interface AuthorizationRecord extends Decision {
  /** The role's name. */
  readonly role: string;
  readonly request: PolicyRequest;
  /** The role's policies at that moment. */
  readonly policies: readonly PolicyDocument[];
  readonly boundary: PolicyDocument | undefined;
  /** The session's own policy, as JSON text. */
  readonly sessionPolicy: string | undefined;
}

/** What would have been decided if the role had had these policies. */
export function evaluateAgain(authorization: AuthorizationRecord, policies: readonly PolicyDocument[]): Decision {
  const { role, request, boundary, sessionPolicy } = authorization;
  const iam = { policiesOf: () => [...policies], boundaryOf: () => boundary };
  return decide(iam, { roleArn: role, ...(sessionPolicy !== undefined && { sessionPolicy }) }, request);
}
