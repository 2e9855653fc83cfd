import { expect, test } from "vitest";
import { clusterRecord } from "../../../test/support/steps/records.ts";
import { planOfMigration } from "./planned-migration.ts";

const [A, B, C] = ["us-west-2a", "us-west-2b", "us-west-2c"] as const;

function planned(masters: readonly string[], to: readonly string[], more: { masterSize?: string } = {}) {
  const cluster = clusterRecord(
    {},
    { "--master-count": String(masters.length), "--master-zones": [...new Set(masters)].join(",") },
  );
  return planOfMigration(cluster, { spec: { ...cluster.spec, ...more, masterZones: [...to] }, subnets: [] });
}

test("one master to three: both at once, with two voters in between, and then any zone may be lost", () => {
  const plan = planned([A], [A, B, C]);

  expect(plan.parts).toEqual([
    {
      changes: [
        { change: "grow", slot: "b", zone: B },
        { change: "grow", slot: "c", zone: C },
      ],
      voters: [1, 2, 3],
      survives: [0, 0, 1],
    },
  ]);
  expect(plan.survives.before).toEqual({ masters: 0, zones: [B, C] });
  expect(plan.survives.after).toEqual({ masters: 1, zones: [A, B, C] });
  expect(plan.minutes).toBe(12);
  expect(plan.warnings[0]).toContain("two voters between two calls of one command");
  expect(plan.cost.after.monthly).toBeGreaterThan(plan.cost.before.monthly ?? 0);
});

test("18: with an etcd that takes one learner at a time the plan says for how long two vote", () => {
  const cluster = clusterRecord({}, { "--master-count": "1" });
  const warning = (to: readonly string[], etcd?: string) =>
    planOfMigration(cluster, { spec: { ...cluster.spec, masterZones: [...to] }, subnets: [], etcd }).warnings[0];

  expect(warning([A, B, C], "3.5.16")).toMatch(/^etcd 3\.5\.16 takes one new member at a time.* for about 15 s\./);
  expect(warning([A, B, C], "3.6.14")).toContain("two voters between two calls of one command");
  expect(warning([A, B, C], "3.10.0")).toContain("two voters between two calls of one command");
  expect(warning([A, B, C])).toContain("two voters between two calls of one command");
});

test("18: two that leave do so by one command, whatever the etcd", () => {
  const cluster = clusterRecord();
  const plan = planOfMigration(cluster, { spec: { ...cluster.spec, masterZones: [A] }, subnets: [], etcd: "3.5.16" });

  expect(plan.warnings[0]).toContain("two voters between two calls of one command");
});

test("a swap has one voter more in between, never one less", () => {
  const plan = planned([A, B, C], [A, B, B]);

  expect(plan.parts).toEqual([
    { changes: [{ change: "swap", slot: "d", zone: B, replaces: "c" }], voters: [3, 4, 3], survives: [1, 1, 1] },
  ]);
});

test("five masters in two zones: which zone stops it is said", () => {
  const plan = planned([A, B, C], [A, A, A, B, B]);

  expect(plan.warnings).toContain(
    "losing us-west-2a loses the API: it holds 3 of 5 masters, and the other 2 are no majority (3 needed)",
  );
});

test("another size is that of new masters; it is said of the others", () => {
  const plan = planned([A], [A, B, C], { masterSize: "m5.large" });

  expect(plan.masterSize).toBe("m5.large");
  expect(plan.warnings).toContain("master a stays t3.medium until its next replacement");
});

test("20: the plan of a migration that has begun is what is left of it, not nothing", () => {
  const { plan } = clusterRecord({}, { "--master-count": "5" });
  const cluster = clusterRecord();
  const members = plan.members.map((member, index) => ({ ...member, zone: [A, B, C, A, B][index] ?? A }));
  const to = [A, B, C, A, B];
  const changes = [
    { change: "grow" as const, slot: "d", zone: A },
    { change: "grow" as const, slot: "e", zone: B },
    { change: "swap" as const, slot: "f", zone: A, replaces: "c" },
  ];
  const begun = { from: [A, B, C], to, changes, done: changes.slice(0, 2), current: null, noRoll: false };
  const enlisted = { ...cluster, plan: { ...cluster.plan, members } };
  const of = (done: typeof changes) =>
    planOfMigration(enlisted, {
      spec: { ...cluster.spec, masterZones: to },
      subnets: [],
      begun: { ...begun, done },
    });

  expect(of([]).parts.map(({ voters }) => voters)).toEqual([
    [3, 4, 5],
    [5, 6, 5],
  ]);
  expect(of(begun.done).parts).toEqual([{ changes: changes.slice(2), voters: [5, 6, 5], survives: [2, 2, 2] }]);
  expect(of([]).from).toEqual([A, B, C]);
  expect(of([]).to).toEqual([A, B, A, B, A]);
  expect(of([]).warnings[0]).toBe("it has begun and is not complete: these changes are left, and --yes continues it");
});
