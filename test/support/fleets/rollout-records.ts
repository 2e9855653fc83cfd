import type { ClusterView } from "../../../functions/domain/api/views.ts";
import type { RolloutFacts } from "../../../functions/domain/fleet/rollout-guard.ts";
import type { RolloutCluster, RolloutRecord } from "../../../functions/domain/fleet/rollout-records.ts";
import { Strategy } from "../../../functions/domain/fleet/strategy.ts";
import { clusterView } from "../views.ts";

export const NOW = new Date("2026-11-30T12:00:00Z");
export function minutesAgo(count: number): string {
  return new Date(NOW.getTime() - count * 60_000).toISOString();
}

export function waiting(cluster: string, change: Partial<RolloutCluster> = {}): RolloutCluster {
  return {
    ...{ endpoint: "local", cluster, stage: 0, state: "waiting", attempt: 1, sent: false, operation: null },
    ...{ patch: null, from: null, reason: null, startedAt: null, readyNodes: 0 },
    ...{ soakUntil: null, busySince: null, unhealthySince: null, drainUntil: null },
    ...change,
  };
}

export function stages(...given: readonly object[]): Strategy {
  return Strategy.parse({ stages: given.map((stage, index) => ({ name: `s${index}`, ...stage })) });
}

export function rollout(clusters: readonly RolloutCluster[], change: Partial<RolloutRecord> = {}): RolloutRecord {
  return {
    ...{ id: "rollout-1", fleet: "prod", change: { nodeCount: 5 }, strategy: stages({ maxConcurrent: 100 }) },
    ...{
      state: "running",
      reason: null,
      clusters,
      approvals: [],
      checks: [],
      check: null,
      blockedSince: null,
      rollbackOf: null,
    },
    ...{ blockedSince: null, rollbackOf: null },
    ...{ startedAt: minutesAgo(60), finishedAt: null, updatedAt: minutesAgo(1), version: 1 },
    lookedAt: minutesAgo(1),
    by: { principal: "iam:ada", authMethod: "iam", sourceIp: "192.0.2.1", userAgent: "test" },
    ...change,
  };
}

/** All are as they should be, but for these; undefined: the endpoint does not answer. */
export function factsOf(
  of: RolloutRecord,
  others: Readonly<Record<string, Partial<ClusterView> | undefined>> = {},
): RolloutFacts {
  const viewOf = (name: string) => {
    if (!Object.hasOwn(others, name)) return clusterView({ name });
    return others[name] && clusterView({ name, ...others[name] });
  };
  return new Map(of.clusters.map(({ cluster }) => [`local/${cluster}`, { view: viewOf(cluster) }]));
}
