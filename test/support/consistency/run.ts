import type { Violation } from "../invariants/observations.ts";
import { watchInvariants } from "../invariants/watcher.ts";
import { checkLinearizable, type LinearizabilityResult } from "../linearizability/check.ts";
import type { Operation } from "../linearizability/history.ts";
import type { Scenario } from "../scenario.ts";
import { PREFIX, startClients } from "./clients.ts";
import { type EtcdEndpoints, etcdEndpoints } from "./endpoints.ts";
import { startLedger } from "./ledger.ts";
import { type Arena, type StepDone, torment, untilWhole } from "./nemesis.ts";

export interface ConsistencyOptions {
  readonly seed: number;
  readonly seconds: number;
  readonly clients: number;
  readonly say: (line: string) => void;
}

export interface ConsistencyReport {
  readonly seed: number;
  readonly steps: readonly StepDone[];
  readonly operations: number;
  readonly perSecond: number;
  readonly unanswered: number;
  readonly ledgerWrites: number;
  readonly maxGapMs: number;
  readonly result: LinearizabilityResult;
  readonly violations: readonly Violation[];
  readonly healthy: number;
}

/**
 * Clients write, read and swap through every member of an ACTIVE cluster while the seed's nemesis is at work and
 * Holdfast repairs. Afterwards the history is checked, with one read of every register at its end, so that an
 * acknowledged write that is lost is a violation of it.
 */
export async function runConsistency(
  scenario: Scenario,
  cluster: string,
  options: ConsistencyOptions,
  work: (arena: Arena) => Promise<StepDone[]> = (arena) => torment(arena, options),
): Promise<ConsistencyReport> {
  const endpoints = await etcdEndpoints(scenario, await scenario.cluster(cluster));
  await using watcher = watchInvariants(scenario, cluster, endpoints);
  await using ledger = startLedger(endpoints, watcher.acknowledged);
  await using clients = startClients(endpoints, options.clients, options.seed);
  const arena = { scenario, cluster, watcher };

  const begun = Date.now();
  await untilWhole(arena, []);
  const steps = await work(arena);
  const after = await untilWhole(arena, []);
  const seconds = (Date.now() - begun) / 1_000;
  const maxGapMs = ledger.maxGapSince(begun);
  await Promise.all([ledger.stop(), clients.stop()]);
  await watcher.finish();

  const history = [...clients.history, ...(await lastReads(endpoints, clients.history))];
  return {
    seed: options.seed,
    steps,
    operations: clients.history.length,
    perSecond: Math.round(clients.history.length / seconds),
    unanswered: clients.history.filter(({ completed }) => completed === undefined).length,
    ledgerWrites: ledger.acknowledged,
    maxGapMs,
    result: checkLinearizable(history),
    violations: watcher.violations(),
    healthy: after.quorum.healthy,
  };
}

/** One linearizable read of all registers at once. */
async function lastReads(endpoints: EtcdEndpoints, history: readonly Operation[]): Promise<Operation[]> {
  const [member = ""] = endpoints.members;
  const etcd = endpoints.connect(member);
  const invokedAt = performance.now();
  const values = await etcd.getAll(PREFIX, 30_000);
  const at = performance.now();
  etcd.close();
  return [...new Set(history.map(({ key }) => key))].map((key) => ({
    client: -1,
    key,
    input: { kind: "read" },
    invokedAt,
    completed: { at, output: { kind: "read", value: values.get(key) ?? null } },
  }));
}

/** The report as people read it. */
export function render(report: ConsistencyReport): string {
  const { operations, perSecond, unanswered, ledgerWrites, maxGapMs, steps, result, violations, healthy } = report;
  const count = new Map(Map.groupBy(steps, ({ step }) => step.action).entries());
  const faults = [...count].map(([action, of]) => `${action} ${of.length}`).join(", ");
  return [
    `seed ${report.seed}: ${steps.length} faults (${faults})`,
    `${operations} operations on registers, ${perSecond} a second, ${unanswered} without an answer`,
    `${ledgerWrites} acknowledged writes of the ledger, longest gap ${maxGapMs} ms`,
    result.kind === "violation" ? `NOT LINEARIZABLE: ${result.key}\n${result.explanation}` : `history: ${result.kind}`,
    `${healthy} members healthy in the end; ${violations.length} violations of invariants`,
    ...violations.map(({ invariant, at, what }) => `  ${invariant} ${new Date(at).toISOString()} ${what}`),
  ].join("\n");
}
