import { type Decision, evaluate, type PolicyRequest } from "./evaluate.ts";
import type { PolicyDocument, Statement } from "./policy.ts";

/**
 * What the policy of a resource says to a request of this principal of its own account: the statements whose `Principal` it
 * is (IAM user guide, "AWS JSON policy elements: Principal"). Naming the account leaves the decision to identity policies.
 */
export function evaluateResourcePolicy(policy: PolicyDocument, principalArn: string, request: PolicyRequest): Decision {
  const Statement = [policy.Statement].flat().filter((statement) => names(statement, principalArn));
  return evaluate([{ ...policy, Statement }], request);
}

function names({ Principal }: Statement, principalArn: string): boolean {
  if (Principal === "*") return true;
  if (typeof Principal !== "object" || Principal === null || !("AWS" in Principal)) return false;
  return [Principal.AWS].flat().some((one) => one === "*" || one === principalArn);
}
