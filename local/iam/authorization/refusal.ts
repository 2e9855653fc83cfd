import { AwsError } from "../../wire/contract.ts";
import type { Decision } from "./decide.ts";
import type { Demand } from "./demand.ts";

/** Services that answer in JSON say `AccessDeniedException`, those that answer in XML `AccessDenied`. */
const JSON_STATUS: Readonly<Record<string, number>> = {
  dynamodb: 400,
  events: 400,
  ssm: 400,
  states: 400,
  kms: 400,
  lambda: 403,
  logs: 400,
  apigateway: 403,
};

/** What the service answers to a call that IAM denies, in its own code and with IAM's words. */
export function refusal(
  service: string,
  principalArn: string,
  { action, resource }: Demand,
  decision: Decision,
): AwsError {
  const reason = REASONS[decision.decision](action);
  const words = `User: ${principalArn} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
  if (service === "ec2") {
    return new AwsError("UnauthorizedOperation", `You are not authorized to perform this operation. ${words}`, {
      status: 403,
    });
  }
  const status = JSON_STATUS[service];
  return status === undefined
    ? new AwsError("AccessDenied", words, { status: 403 })
    : new AwsError("AccessDeniedException", words, { status });
}

/** IAM user guide, "Access denied error message examples". */
const REASONS: Readonly<Record<Decision["decision"], (action: string) => string>> = {
  allow: () => "",
  explicitDeny: () => "with an explicit deny in an identity-based policy",
  resourceDeny: () => "with an explicit deny in a resource-based policy",
  outsideBoundary: (action) => `because no permissions boundary allows the ${action} action`,
  outsideSession: (action) => `because no session policy allows the ${action} action`,
  noStatement: (action) => `because no identity-based policy allows the ${action} action`,
};
