import { evaluate } from "../iam/evaluate.ts";
import type { Iam } from "../iam/iam.ts";
import { AwsError } from "../wire/contract.ts";

/** Something that a role asks for: an action on a resource. */
export interface RightsRequest {
  /** Undefined for the operator, who may do everything. */
  readonly roleArn: string | undefined;
  /** `states:StartExecution` */
  readonly action: string;
  readonly resource: string;
}

/** Do the role's policies allow the action? */
export function isAllowed(iam: Pick<Iam, "policiesOf">, { roleArn, action, resource }: RightsRequest): boolean {
  if (roleArn === undefined) return true;
  return evaluate(iam.policiesOf(roleArn), { action, resource, context: {} }).decision === "allow";
}

/** @throws AwsError `AccessDeniedException`, worded as the services word it. */
export function requireAllowed(iam: Pick<Iam, "policiesOf">, request: RightsRequest): void {
  if (isAllowed(iam, request)) return;
  const { roleArn, action, resource } = request;
  const message = `User: ${roleArn} is not authorized to perform: ${action} on resource: ${resource}`;
  throw new AwsError(
    "AccessDeniedException",
    `${message} because no identity-based policy allows the ${action} action`,
  );
}
