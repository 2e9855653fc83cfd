import { isBesideOperations, isMutating, isOfFunctions, isOfSteps } from "./calls.ts";
import type { OperationSpan, Seen, Violation } from "./observations.ts";

function covers({ startedAt, finishedAt }: OperationSpan, at: number): boolean {
  return startedAt <= at && (finishedAt === null || at <= finishedAt);
}

/** A: every call of a function that changes the world is made while an operation of the cluster runs. */
export function checkAudit({ calls, operations }: Pick<Seen, "calls" | "operations">): Violation[] {
  return calls
    .filter((call) => isOfFunctions(call) && isMutating(call) && !isBesideOperations(call))
    .filter(({ startedAt }) => !operations.some((operation) => covers(operation, startedAt)))
    .map(({ service, operation, principal, startedAt }) => {
      const by = principal.split("/").at(-1);
      return { invariant: "A", at: startedAt, what: `${service}:${operation} by ${by} outside of any operation` };
    });
}

/**
 * EC2 calls that a repair may make for each member that it brings back (docs/references/faults.md#load-targets: p99).
 */
export const REPAIR_BUDGET = 120;

/** B: a repair keeps its budget of EC2 calls, by the members on which it worked. */
export function checkBudget({ calls, operations }: Pick<Seen, "calls" | "operations">): Violation[] {
  return operations
    .filter(({ kind }) => kind === "repair")
    .flatMap((operation): Violation[] => {
      const made = callsDuring(operation, calls);
      const budget = REPAIR_BUDGET * Math.max(1, operation.members.length);
      const what = `${operation.id} made ${made} calls to EC2, its budget is ${budget}`;
      return made > budget ? [{ invariant: "B", at: operation.startedAt, what }] : [];
    });
}

/** EC2 calls of steps while the operation ran. */
export function callsDuring(operation: OperationSpan, calls: Seen["calls"]): number {
  return calls.filter((call) => call.service === "ec2" && isOfSteps(call) && covers(operation, call.startedAt)).length;
}
