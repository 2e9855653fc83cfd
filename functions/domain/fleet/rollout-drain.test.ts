import { describe, expect, test } from "vitest";
import { factsOf, minutesAgo, NOW, rollout, stages, waiting } from "../../../test/support/fleets/rollout-records.ts";
import { clusterView } from "../../../test/support/views.ts";
import { planRollout } from "./rollout-plan.ts";
import type { RolloutCluster } from "./rollout-records.ts";

const DRAINED = stages({ drain: "dns" });

function namesOf(clusters: readonly RolloutCluster[]): string[] {
  return clusters.map(({ cluster }) => cluster);
}

describe("a stage with drain: dns", () => {
  test.each<[string, string | null, string[], string[]]>([
    ["with its traffic is drained first", null, ["a"], []],
    ["whose clients may still be led to it waits", minutesAgo(-1), [], []],
    ["that nobody is led to is changed", minutesAgo(0), [], ["a"]],
    ["that was drained for longer is changed", minutesAgo(1), [], ["a"]],
  ])("a cluster %s", (_, drainUntil, drain, send) => {
    const begun = waiting("a", { state: "running", startedAt: minutesAgo(2), drainUntil });
    const record = rollout([begun], { strategy: DRAINED });
    const plan = planRollout(record, factsOf(record), NOW);

    expect([namesOf(plan.drain), namesOf(plan.send), namesOf(plan.restore)]).toEqual([drain, send, []]);
  });

  test("other stages drain nothing, and what was sent is drained no more", () => {
    const strategy = stages({}, { drain: "dns" });
    const begun = { state: "running", startedAt: minutesAgo(2) } as const;
    const plain = rollout([waiting("a", begun)], { strategy });
    const sent = rollout([waiting("b", { ...begun, stage: 1, sent: true, operation: "u" })], { strategy });
    const operation = { status: "RUNNING" as const, error: null, finishedAt: null };
    const view = factsOf(sent).get("local/b")?.view;

    expect(planRollout(plain, factsOf(plain), NOW)).toMatchObject({ drain: [], send: plain.clusters });
    expect(planRollout(sent, new Map([["local/b", { view, operation }]]), NOW)).toMatchObject({ drain: [], send: [] });
  });

  test.each<[RolloutCluster["state"], string[]]>([
    ["ok", ["a"]],
    ["skipped", ["a"]],
    ["soaking", ["a"]],
    ["failed", []],
  ])("one that is %s gets its traffic back: %j", (state, restore) => {
    const soakUntil = state === "soaking" ? minutesAgo(-9) : null;
    const drained = waiting("a", { state, reason: "x", drainUntil: minutesAgo(5), soakUntil });
    const record = rollout([drained], { strategy: stages({ drain: "dns", maxFailures: 1, soakMinutes: 9 }) });

    expect(namesOf(planRollout(record, factsOf(record), NOW).restore)).toEqual(restore);
  });

  test("it is not done before all traffic is back, however many have theirs", () => {
    const ended = [waiting("a", { state: "ok" }), waiting("b", { state: "ok", drainUntil: minutesAgo(5) })];
    const record = rollout(ended, { strategy: DRAINED, blockedSince: minutesAgo(3), reason: "b waits" });
    const plan = planRollout(record, factsOf(record), NOW);

    expect(namesOf(plan.restore)).toEqual(["b"]);
    expect(plan.rollout).toEqual({ ...record, reason: null, blockedSince: null });
    expect(plan.rollout).toMatchObject({ state: "running", finishedAt: null });
  });
});

test("a part of a stage is a part of its own clusters, not of all", () => {
  const strategy = stages({ maxConcurrent: "10%" }, { maxConcurrent: 1 });
  const clusters = Array.from({ length: 40 }, (_, index) => waiting(`c${index}`, { stage: index < 10 ? 0 : 1 }));
  const record = rollout(clusters, { strategy });

  expect(namesOf(planRollout(record, factsOf(record), NOW).send)).toEqual(["c0"]);
});

test("a stage that has ended waits for its approval, and says so", () => {
  const strategy = stages({ after: [{ gate: "approval", by: "operator" }] }, {});
  const record = rollout([waiting("a", { state: "ok" }), waiting("b", { stage: 1 })], { strategy });

  expect(planRollout(record, factsOf(record), NOW)).toMatchObject({
    rollout: {
      state: "waiting-approval",
      reason: "stage s0 has ended, and waits for an approval by an operator",
    },
    send: [],
  });
});

test("one that was stopped keeps what has ended or soaks as it is", () => {
  const ended = [
    waiting("a", { state: "ok", startedAt: minutesAgo(9) }),
    waiting("b", { state: "soaking", startedAt: minutesAgo(9), soakUntil: minutesAgo(-9) }),
  ];
  const record = rollout(ended, { state: "stopped", reason: "asked for" });

  expect(planRollout(record, factsOf(record), NOW).rollout.clusters).toEqual(ended);
});

test("a cluster without room to begin has no reason of its own any more, and stays as it was", () => {
  const record = rollout([waiting("a"), waiting("b", { reason: "it is REPAIRING" })]);
  const [, second] = planRollout(record, factsOf(record), NOW).rollout.clusters;

  expect(second).toEqual(waiting("b"));
});

test("what labels had is taken back one by one, and of any other field the whole value", () => {
  const patch = { labels: { env: "prod" }, cloudLabels: { team: "a" } };
  const record = rollout([waiting("a", { patch })]);
  const former = { labels: { env: "dev", tier: "1" }, cloudLabels: { team: "b", cost: "9" } };
  const { send } = planRollout(record, factsOf(record, { a: { spec: { ...clusterView().spec, ...former } } }), NOW);

  expect(send[0]?.from).toEqual({ labels: { env: "dev" }, cloudLabels: { team: "b", cost: "9" } });
});
