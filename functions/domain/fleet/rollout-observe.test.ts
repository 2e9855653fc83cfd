import { expect, test } from "vitest";
import { clusterView } from "../../../test/support/views.ts";
import type { ClusterView } from "../api/views.ts";
import { observeCluster } from "./rollout-observe.ts";
import type { RolloutCluster } from "./rollout-records.ts";

const NOW = new Date("2026-11-30T12:00:00Z");
function minutesAgo(count: number): string {
  return new Date(NOW.getTime() - count * 60_000).toISOString();
}

const RUNNING: RolloutCluster = {
  ...{ endpoint: "local", cluster: "ha", stage: 0, state: "running", attempt: 1, sent: true, operation: "update-1" },
  ...{ patch: null, from: {}, reason: null, startedAt: minutesAgo(5), readyNodes: 3 },
  ...{ soakUntil: null, busySince: null, unhealthySince: null, drainUntil: null },
};
const SOAKING: RolloutCluster = { ...RUNNING, state: "soaking", soakUntil: minutesAgo(-5) };
const DONE = { status: "SUCCEEDED" as const, error: null, finishedAt: minutesAgo(1) };
function nodes(ready: number) {
  return clusterView().nodes.map((node, index) => ({ ...node, ready: index < ready }));
}
const quorum = { size: 3, healthy: 2, needed: 2, leader: "b" };

test.each<[string, Partial<ClusterView>, RolloutCluster["state"]]>([
  ["healthy", {}, "ok"],
  ["held by another operation", { operation: "repair-1" }, "running"],
  ["without a member of etcd", { quorum }, "running"],
  ["DEGRADED", { status: "DEGRADED" }, "running"],
  ["with fewer nodes ready than before", { nodes: nodes(2) }, "running"],
  ["with fewer nodes, as was asked for", { nodes: nodes(2), spec: { ...clusterView().spec, nodeCount: 2 } }, "ok"],
  ["deleted", { status: "DELETED" }, "skipped"],
])("after its operation a cluster that is %s", (_, change, state) => {
  expect(observeCluster(RUNNING, { view: clusterView(change), operation: DONE }, 0, NOW).state).toBe(state);
});

test("what is unhealthy for half an hour has failed, and says why", () => {
  const late = { ...DONE, finishedAt: minutesAgo(30) };
  const failed = observeCluster(RUNNING, { view: clusterView({ quorum }), operation: late }, 0, NOW);

  expect([failed.state, failed.reason]).toEqual([
    "failed",
    "not healthy for 30 minutes after its change: it is ACTIVE, and 2 of 3 members are healthy",
  ]);
});

test("5.8.3: an endpoint that does not answer is waited for, and its cluster is never healthy meanwhile", () => {
  const first = observeCluster(RUNNING, { view: undefined }, 0, NOW);
  expect([first.state, first.unhealthySince]).toEqual(["running", NOW.toISOString()]);
  const late = observeCluster({ ...first, unhealthySince: minutesAgo(30) }, { view: undefined }, 0, NOW);
  expect(late).toMatchObject({ state: "failed", reason: expect.stringContaining("its endpoint does not answer") });
});

test("an interruption while it soaks begins the soak again", () => {
  const hurt = observeCluster(SOAKING, { view: clusterView({ status: "DEGRADED" }) }, 10, NOW);
  expect([hurt.state, hurt.unhealthySince]).toEqual(["soaking", NOW.toISOString()]);
  const healed = observeCluster(hurt, { view: clusterView() }, 10, NOW);
  expect([healed.state, healed.soakUntil]).toEqual(["soaking", minutesAgo(-10)]);
  expect(observeCluster({ ...healed, soakUntil: minutesAgo(0) }, { view: clusterView() }, 10, NOW).state).toBe("ok");
});
