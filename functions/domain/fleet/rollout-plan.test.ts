import { describe, expect, test } from "vitest";
import { factsOf, minutesAgo, NOW, rollout, stages, waiting } from "../../../test/support/fleets/rollout-records.ts";
import { clusterView } from "../../../test/support/views.ts";
import type { ClusterView } from "../api/views.ts";
import { planRollout, tooManyFailures } from "./rollout-plan.ts";
import type { RolloutCluster, RolloutRecord } from "./rollout-records.ts";

function many(count: number): RolloutCluster[] {
  return Array.from({ length: count }, (_, index) => waiting(`c${index}`));
}

function statesOf({ clusters }: RolloutRecord): string[] {
  return clusters.map(({ state }) => state);
}

describe("the guard", () => {
  test.each([
    [1, 1],
    [9, 1],
    [10, 1],
    [19, 1],
    [20, 2],
    [39, 3],
  ])("of %d clusters %d begin together, whatever the strategy says", (count, begun) => {
    const record = rollout(many(count));

    expect(planRollout(record, factsOf(record), NOW).send).toHaveLength(begun);
  });

  test.each<[string, Partial<ClusterView> | undefined]>([
    ["changes for another reason", { status: "UPDATING" }],
    ["is DEGRADED", { status: "DEGRADED" }],
    ["is repaired", { status: "REPAIRING" }],
    ["cannot be asked", undefined],
  ])("a cluster that %s counts, also of another stage", (_, change) => {
    const strategy = stages({ maxConcurrent: 100 }, {});
    const record = rollout([...many(19), waiting("other", { stage: 1 })], { strategy });

    expect(planRollout(record, factsOf(record, { other: change }), NOW).send.map(({ cluster }) => cluster)).toEqual([
      "c0",
    ]);
  });

  test("one that was left out does not count, nor one whose deletion is under way", () => {
    const record = rollout([...many(18), waiting("left", { state: "skipped" }), waiting("gone")]);
    const plan = planRollout(
      record,
      factsOf(record, { left: { status: "DEGRADED" }, gone: { status: "DELETING" } }),
      NOW,
    );

    expect(plan.send).toHaveLength(2);
    expect(statesOf(plan.rollout).slice(18)).toEqual(["skipped", "skipped"]);
  });

  test("while it is used up nothing begins, and the reason says so", () => {
    const record = rollout(many(10));
    const plan = planRollout(record, factsOf(record, { c9: { status: "DEGRADED" } }), NOW);

    expect(plan.send).toEqual([]);
    expect(plan.rollout).toMatchObject({
      state: "running",
      reason: "1 of 10 clusters is changing or unhealthy",
      blockedSince: NOW.toISOString(),
    });
  });
});

describe("what begins", () => {
  test("at most as many as the stage allows, those that run included; they are on record before they are sent", () => {
    const running = waiting("c0", { state: "running", sent: true, operation: "update-1", startedAt: minutesAgo(1) });
    const record = rollout([running, ...many(40).slice(1)], { strategy: stages({ maxConcurrent: 3 }) });
    const known = new Map(factsOf(record)).set("local/c0", {
      view: clusterView({ status: "UPDATING" }),
      operation: { status: "RUNNING", error: null, finishedAt: null },
    });
    const { send, rollout: next } = planRollout(record, known, NOW);

    expect(send.map(({ cluster }) => cluster)).toEqual(["c1", "c2"]);
    expect(next.clusters[1]).toEqual(
      waiting("c1", { state: "running", from: { nodeCount: 3 }, readyNodes: 3, startedAt: NOW.toISOString() }),
    );
    expect(next).toMatchObject({ state: "running", reason: null, blockedSince: null });
  });

  test.each<[string, Partial<ClusterView> | undefined, string]>([
    ["one that cannot be asked", undefined, "its endpoint does not answer, or has no such cluster"],
    ["one that is CREATING", { status: "CREATING" }, "it is CREATING"],
    ["one that an operation holds", { operation: "repair-1" }, "operation repair-1 holds it"],
    ["one with a change that is not complete", { reason: "A change is not complete." }, "A change is not complete."],
    ["one whose backup nobody has verified", { backup: backup(60, null) }, "it has no verified backup yet"],
  ])("%s waits, and others do not wait for it", (_, change, reason) => {
    const record = rollout([waiting("odd"), ...many(29)]);
    const plan = planRollout(record, factsOf(record, { odd: change }), NOW);

    expect(plan.rollout.clusters[0]).toMatchObject({ state: "waiting", reason });
    expect(plan.send[0]?.cluster).toBe("c0");
  });

  test.each<[string, Partial<ClusterView>]>([
    ["backups are off", { backup: backup(0, null) }],
    ["a backup was verified", { backup: backup(60, minutesAgo(90)) }],
  ])("a cluster begins if %s", (_, change) => {
    const record = rollout(many(1));

    expect(planRollout(record, factsOf(record, { c0: change }), NOW).send).toHaveLength(1);
  });

  test("a second attempt and a roll-back do not wait for the change that is not complete: they are about it", () => {
    const change = { c0: { reason: "A change is not complete." } };
    const retried = rollout([waiting("c0", { attempt: 2, readyNodes: 7, from: { nodeCount: 1 } })]);
    const back = rollout(many(1), { rollbackOf: "rollout-0" });

    const [again] = planRollout(retried, factsOf(retried, change), NOW).send;
    expect(again).toMatchObject({ readyNodes: 7, from: { nodeCount: 1 } });
    expect(planRollout(back, factsOf(back, change), NOW).send).toHaveLength(1);
  });

  test("labels are recorded at any time, also of a cluster that an operation holds", () => {
    const record = rollout([waiting("c0", { patch: { labels: { env: "prod", old: null } } })]);
    const spec = { ...clusterView().spec, labels: { env: "dev" } };
    const { send } = planRollout(record, factsOf(record, { c0: { spec, operation: "repair-1" } }), NOW);

    expect(send[0]?.from).toEqual({ labels: { env: "dev", old: null } });
  });

  test("a field without a former value is taken back to its default", () => {
    const record = rollout([waiting("c0", { patch: { masterSize: "t3.large", labels: null } })]);
    const view = clusterView();

    expect(planRollout(record, factsOf(record), NOW).send[0]?.from).toEqual({
      masterSize: view.spec.masterSize,
      labels: null,
    });
  });

  test("what was recorded and may not have been sent is sent again, and nothing with it", () => {
    const unsent = waiting("c0", { state: "running", startedAt: minutesAgo(1) });
    const record = rollout([unsent, waiting("c1")]);

    expect(planRollout(record, factsOf(record), NOW).send).toEqual([unsent]);
  });
});

describe("stages", () => {
  test("the next one begins when all clusters of the one before have ended", () => {
    const strategy = stages({}, {});
    const ended = ["ok", "skipped"] as const;
    const first = ended.map((state, index) => waiting(`a${index}`, { state }));
    const record = rollout([...first, waiting("b", { stage: 1 })], { strategy });
    const soaks = waiting("a", { state: "soaking", ...soakUntil(-5) });
    const late = { ...record, clusters: [soaks, ...record.clusters] };

    expect(planRollout(record, factsOf(record), NOW).send.map(({ cluster }) => cluster)).toEqual(["b"]);
    const plan = planRollout(late, factsOf(late), NOW);
    expect(plan.send).toEqual([]);
    expect(plan.rollout).toMatchObject({ state: "soaking", reason: null, blockedSince: null });
  });

  test("one with a gate waits for an approval, once", () => {
    const strategy = stages({}, { before: [{ gate: "approval", by: "admin" }] });
    const done = waiting("a", { state: "ok" });
    const record = rollout([done, waiting("b", { stage: 1 })], { strategy });
    const approvals = [{ stage: 1, when: "before" as const, by: "ada", at: minutesAgo(1) }];

    const plan = planRollout({ ...record, blockedSince: minutesAgo(5) }, factsOf(record), NOW);
    expect(plan.send).toEqual([]);
    expect(plan.rollout).toMatchObject({
      state: "waiting-approval",
      reason: "stage s1 waits for an approval by an admin",
      blockedSince: null,
    });
    expect(planRollout({ ...record, approvals }, factsOf(record), NOW).send).toHaveLength(1);
    const other = [{ stage: 0, when: "before" as const, by: "ada", at: minutesAgo(1) }];
    expect(planRollout({ ...record, approvals: other }, factsOf(record), NOW).send).toEqual([]);
  });

  test("a stage that has begun is not asked about again; one whose clusters were only left out has not begun", () => {
    const strategy = stages({ maxConcurrent: 9, before: [{ gate: "approval", by: "operator" }] });
    const begun = rollout([waiting("a", { state: "ok" }), waiting("b")], { strategy });
    const left = rollout([waiting("a", { state: "skipped" }), waiting("b")], { strategy });

    expect(planRollout(begun, factsOf(begun), NOW).send).toHaveLength(1);
    expect(planRollout(left, factsOf(left), NOW).rollout.state).toBe("waiting-approval");
  });

  test("after the last one it is done, and says how many failed", () => {
    const strategy = stages({ maxFailures: 1 });
    const clusters = [waiting("a", { state: "ok" }), waiting("b", { state: "skipped" })];
    const all = rollout(clusters, { strategy, blockedSince: minutesAgo(3) });
    const some = rollout([...clusters, waiting("c", { state: "failed", reason: "no" })], { strategy });

    expect(planRollout(all, factsOf(all), NOW)).toMatchObject({
      rollout: { state: "done", reason: null, finishedAt: NOW.toISOString(), blockedSince: null },
      send: [],
    });
    expect(planRollout(some, factsOf(some), NOW).rollout).toMatchObject({ state: "done", reason: "1 cluster failed" });
  });
});

describe("what stops it", () => {
  const failed = (cluster: string, stage = 0) => waiting(cluster, { stage, state: "failed", reason: "it broke" });

  test.each([
    [0, 1, "1 cluster of stage s0 failed; f0: it broke"],
    [1, 1, undefined],
    [1, 2, "2 clusters of stage s0 failed; f1: it broke"],
  ])("with %d failures allowed, %d of a stage: %s", (maxFailures, count, reason) => {
    const clusters = Array.from({ length: count }, (_, index) => failed(`f${index}`));
    const record = rollout([...clusters, waiting("w")], { strategy: stages({ maxFailures }, {}) });

    expect(tooManyFailures(record)).toBe(reason);
    const plan = planRollout(record, factsOf(record), NOW);
    expect([plan.rollout.state, plan.send.length]).toEqual(reason === undefined ? ["running", 1] : ["stopped", 0]);
    if (reason !== undefined) expect(plan.rollout.reason).toBe(reason);
  });

  test("failures count for their own stage", () => {
    const strategy = stages({ maxFailures: 1 }, { maxFailures: 1 });
    const record = rollout([failed("a"), failed("b", 1), waiting("w", { stage: 1 })], { strategy });

    expect(tooManyFailures(record)).toBeUndefined();
  });

  test.each(["paused", "stopped"] as const)(
    "while it is %s nothing is sent, and what was not sent waits again, under the same key",
    (state) => {
      const unsent = waiting("a", { state: "running", startedAt: minutesAgo(1), attempt: 2 });
      const sent = waiting("b", { state: "running", sent: true, operation: "u", startedAt: minutesAgo(1) });
      const record = rollout([unsent, sent, waiting("c")], { state, reason: "asked for", blockedSince: minutesAgo(9) });
      const known = new Map(factsOf(record)).set("local/b", {
        view: clusterView({ status: "UPDATING" }),
        operation: { status: "RUNNING", error: null, finishedAt: null },
      });
      const plan = planRollout(record, known, NOW);

      expect(plan.send).toEqual([]);
      expect(plan.rollout).toMatchObject({ state, reason: "asked for", blockedSince: null });
      expect(plan.rollout.clusters).toMatchObject([
        { state: "waiting", startedAt: null, attempt: 2 },
        { state: "running", sent: true },
        { state: "waiting" },
      ]);
    },
  );

  test("one that is done stays as it is", () => {
    const record = rollout(many(1), { state: "done", finishedAt: minutesAgo(5) });

    expect(planRollout(record, factsOf(record), NOW)).toEqual({ rollout: record, send: [], drain: [], restore: [] });
  });

  test.each([
    [29, "running", "c0 waits: it is FAILED"],
    [30, "stopped", "nothing could begin for 30 minutes: c0 waits: it is FAILED"],
  ])("after %d minutes in which nothing could begin it is %s", (minutes, state, reason) => {
    const record = rollout(many(1), { blockedSince: minutesAgo(minutes) });

    expect(planRollout(record, factsOf(record, { c0: { status: "FAILED" } }), NOW).rollout).toMatchObject({
      state,
      reason,
    });
  });

  test("while clusters soak it is not blocked", () => {
    const clusters = [waiting("a", { state: "soaking", ...soakUntil(-5) }), waiting("b")];
    const record = rollout(clusters, { blockedSince: minutesAgo(40) });
    const plan = planRollout(record, factsOf(record, { b: { status: "FAILED" } }), NOW);

    expect(plan.rollout).toMatchObject({ state: "running", reason: "b waits: it is FAILED", blockedSince: null });
  });
});

test("a stage's own minutes are those that a cluster of it soaks", () => {
  const strategy = stages({ soakMinutes: 7 }, { soakMinutes: 9 });
  const running = waiting("a", { stage: 1, state: "running", sent: true, operation: "u", startedAt: minutesAgo(3) });
  const record = rollout([running], { strategy });
  const done = { status: "SUCCEEDED" as const, error: null, finishedAt: minutesAgo(1) };
  const plan = planRollout(record, new Map([["local/a", { view: clusterView(), operation: done }]]), NOW);

  expect(plan.rollout.clusters[0]).toMatchObject({ state: "soaking", soakUntil: minutesAgo(-9) });
  expect(plan.rollout.state).toBe("soaking");
});

function soakUntil(minutes: number) {
  return { soakUntil: minutesAgo(minutes) };
}

function backup(intervalMinutes: number, lastVerifiedAt: string | null): ClusterView["backup"] {
  return { intervalMinutes, lastVerifiedId: null, lastVerifiedAt, lastError: null, drill: null, problems: [] };
}
