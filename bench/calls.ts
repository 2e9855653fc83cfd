import type { CallRecord } from "../local/wire/server.ts";

/** `data` is the table's own traffic; the rest either only looks, or changes something. */
export type CallKind = "describing" | "mutating" | "data";

/** Number of calls by kind, in all and by service. */
export interface CallCount {
  readonly total: number;
  /** Calls to EC2, Auto Scaling, load balancing, IAM, SSM and Route 53: what the account's rate limits are about. */
  readonly withoutData: number;
  readonly byKind: Readonly<Record<CallKind, number>>;
  readonly byService: Readonly<Record<string, number>>;
  readonly byOperation: Readonly<Record<string, number>>;
}

const DESCRIBING = /^(Describe|Get|List|Head)/;

const kindOf = ({ service, operation }: CallRecord): CallKind => {
  if (service === "dynamodb") return "data";
  return DESCRIBING.test(operation) ? "describing" : "mutating";
};

/** Calls of the functions; what hosts and people call is not Holdfast's doing. */
export function callsOfFunctions(calls: readonly CallRecord[]): CallRecord[] {
  return calls.filter(({ principal }) => principal.includes("assumed-role/Holdfast"));
}

export function countCalls(calls: readonly CallRecord[]): CallCount {
  const byKind = { describing: 0, mutating: 0, data: 0 };
  const byService: Record<string, number> = {};
  const byOperation: Record<string, number> = {};
  for (const call of calls) {
    byKind[kindOf(call)] += 1;
    byService[call.service] = (byService[call.service] ?? 0) + 1;
    const operation = `${call.service}:${call.operation}`;
    byOperation[operation] = (byOperation[operation] ?? 0) + 1;
  }
  return { total: calls.length, withoutData: calls.length - byKind.data, byKind, byService, byOperation };
}
