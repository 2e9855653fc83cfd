import type { CallRecord } from "../local/wire/server.ts";

/** `data` is the table's own traffic; the rest either only looks, or changes something. */
export type CallKind = "describing" | "mutating" | "data";

/** Number of calls, in all and by kind, service and operation. */
export interface CallCount {
  readonly total: number;
  /** Calls to services whose rate limits an account's other users share. */
  readonly rateLimited: number;
  readonly byKind: Readonly<Record<CallKind, number>>;
  readonly byService: Readonly<Record<string, number>>;
  readonly byOperation: Readonly<Record<string, number>>;
}

const RATE_LIMITED = new Set(["ec2", "autoscaling", "elasticloadbalancing", "iam", "ssm", "route53"]);
const DESCRIBING = /^(Describe|Get|List|Head)/;

function kindOf({ service, operation }: CallRecord): CallKind {
  if (service === "dynamodb") return "data";
  return DESCRIBING.test(operation) ? "describing" : "mutating";
}

/** Functions of backups, which come by the clock whatever else is measured. */
const BACKUPS = /savesnapshot|comparehashes|commitbackup|removeoldbackups/i;

/** Calls of the functions; those of hosts, of backups and of the bench itself are not counted. */
export function callsOfFunctions(calls: readonly CallRecord[]): CallRecord[] {
  return calls.filter(({ principal }) => principal.includes("assumed-role/Holdfast") && !BACKUPS.test(principal));
}

export function countCalls(calls: readonly CallRecord[]): CallCount {
  const byKind = { describing: 0, mutating: 0, data: 0 };
  const byService: Record<string, number> = {};
  const byOperation: Record<string, number> = {};
  for (const call of calls) {
    const operation = `${call.service}:${call.operation}`;
    byKind[kindOf(call)] += 1;
    byService[call.service] = (byService[call.service] ?? 0) + 1;
    byOperation[operation] = (byOperation[operation] ?? 0) + 1;
  }
  const rateLimited = calls.filter(({ service }) => RATE_LIMITED.has(service)).length;
  return { total: calls.length, rateLimited, byKind, byService, byOperation };
}

/** The one in the middle by total: counts vary with how often a run had to ask. */
export function medianCount(counts: readonly CallCount[]): CallCount {
  const sorted = counts.toSorted((one, other) => one.total - other.total);
  const median = sorted[Math.floor((sorted.length - 1) / 2)];
  if (!median) throw new RangeError("a median needs at least one count");
  return median;
}
