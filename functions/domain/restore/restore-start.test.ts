import { expect, test } from "vitest";
import { clusterRecord } from "../../../test/support/steps/records.ts";
import { bumpOf, tokenOf } from "./bump.ts";
import { lossText, planOfRestore } from "./loss.ts";
import type { RestorationRecord, RestoreSource } from "./restore-records.ts";
import { beginRestoration, type RestoreStart, whyNoRestore } from "./restore-start.ts";
import { chooseSurvivor, type SurvivorSnapshot } from "./survivor.ts";

const BACKUP = { kind: "backup", id: "2026-11-29T0315Z-4f1c" } as const;
const SURVIVOR = { kind: "survivor", member: null } as const;

function restoration(from: RestoreSource): RestorationRecord {
  return {
    ...{ operation: "restore-1", from, epoch: 2, token: "uid.2", bump: 1_000_000_000, startedAt: "", heldAt: null },
    ...{ file: null, formerClusterId: null, checked: false, serving: false },
  };
}

function start(change: Partial<RestoreStart> = {}): RestoreStart {
  const members = ["a", "b", "c"].map((member) => ({ member, volumeId: `vol-${member}` }));
  return { status: "DEGRADED", restoration: null, members, volumes: new Set(["vol-a"]), healthy: 0, ...change };
}

test.each<[string, Partial<RestoreStart>, RestoreSource, boolean, string | undefined]>([
  ["a majority of volumes is lost: from what is left", {}, SURVIVOR, false, undefined],
  ["or from a backup", {}, BACKUP, false, undefined],
  ["all are lost: from a backup", { volumes: new Set() }, BACKUP, false, undefined],
  [
    "all are lost: nobody survived",
    { volumes: new Set() },
    SURVIVOR,
    true,
    "no member has data left: every volume is gone or damaged. Restore a backup.",
  ],
  [
    "the named one has no data",
    {},
    { kind: "survivor", member: "b" },
    false,
    "member b has no data: its volume is gone or damaged",
  ],
  [
    "the named one is no member",
    {},
    { kind: "survivor", member: "z" },
    false,
    "the cluster has no member z; its members are a, b, c",
  ],
  [
    "a majority is healthy",
    { healthy: 2, volumes: new Set(["vol-a", "vol-b"]) },
    BACKUP,
    false,
    "2 of 3 members are healthy, a majority. Add --even-though-healthy to go back in time on purpose.",
  ],
  ["a majority is healthy, and it is meant", { healthy: 3, volumes: new Set(["vol-a"]) }, BACKUP, true, undefined],
  [
    "only instances are lost",
    { volumes: new Set(["vol-a", "vol-c"]) },
    SURVIVOR,
    false,
    "the volumes of a, c are there, a majority: a repair brings them back without a loss. Add --even-though-healthy to go back in time on purpose.",
  ],
  [
    "it is being created",
    { status: "CREATING" },
    BACKUP,
    true,
    "the cluster is CREATING; only a cluster that serves, or has served before, can be restored",
  ],
  ["the same restore stopped before", { restoration: restoration(BACKUP), healthy: 3 }, BACKUP, false, undefined],
  [
    "another restore stopped before",
    { restoration: restoration(BACKUP) },
    SURVIVOR,
    true,
    "a restore from backup 2026-11-29T0315Z-4f1c has begun and is not complete; request that one again",
  ],
  [
    "13: one from whatever survived stopped before, and one member is asked for",
    { restoration: restoration(SURVIVOR) },
    { kind: "survivor", member: "a" },
    true,
    "a restore from the best of the members' data has begun and is not complete; request that one again",
  ],
  [
    "13: the same member is asked for again",
    { restoration: restoration({ kind: "survivor", member: "a" }) },
    { kind: "survivor", member: "a" },
    false,
    undefined,
  ],
])("%s", (_, change, from, insists, wanted) => {
  expect(whyNoRestore(start(change), from, insists)).toBe(wanted);
});

test("a damaged volume is no data", () => {
  const members = [
    { member: "a", volumeId: "vol-a", damage: { volumeId: "vol-a", reason: "crc" } },
    { member: "b", volumeId: "vol-b" },
    { member: "c", volumeId: "vol-c" },
  ];

  expect(whyNoRestore(start({ members, volumes: new Set(["vol-a"]) }), SURVIVOR, false)).toContain(
    "no member has data",
  );
});

function snapshot(term: number, index: number): SurvivorSnapshot {
  return { sha256: "0".repeat(64), bytes: 1, revision: 1, keys: 1, totalSize: 1, term, index };
}

test.each([
  [
    "the highest term, then the highest index",
    [
      ["a", 3, 90],
      ["b", 4, 50],
      ["c", 4, 60],
    ],
    null,
    "c",
  ],
  [
    "of equals the first",
    [
      ["b", 4, 50],
      ["a", 4, 50],
    ],
    null,
    "a",
  ],
  [
    "the one that was asked for",
    [
      ["a", 3, 90],
      ["b", 4, 50],
    ],
    "a",
    "a",
  ],
  ["nobody, if that one has none", [["a", 3, 90]], "b", undefined],
] as const)("survivor: %s", (_, given, wanted, chosen) => {
  const candidates = given.map(([member, term, index]) => ({ member, snapshot: snapshot(term, index) }));

  expect(chooseSurvivor([...candidates, { member: "x", snapshot: null }], wanted)?.member).toBe(chosen);
});

test.each([
  ["a minute ago", 60, 1_000_000_000],
  ["four days ago", 345_600, 1_036_800_000],
  ["in the future, by a wrong clock", -60, 1_000_000_000],
])("data taken %s: %i seconds, so many revisions are skipped", (_, seconds, bump) => {
  const now = new Date("2026-11-29T12:00:00Z");

  expect(bumpOf(new Date(now.getTime() - seconds * 1_000), now)).toBe(bump);
});

test("each restore has a token of its own", () => {
  expect([tokenOf("01JX", 2), tokenOf("01JX", 3)]).toEqual(["01JX.2", "01JX.3"]);
});

const NOW = new Date("2026-11-29T12:00:00Z");
const WORKLOADS = [
  { kind: "volume", id: "vol-1", name: "old", madeAt: new Date("2026-11-29T10:00:00Z") },
  { kind: "volume", id: "vol-2", name: "new", madeAt: new Date("2026-11-29T11:30:00Z") },
  { kind: "load-balancer", id: "arn:1", name: "lb" },
] as const;

test("a backup's plan: how long ago, how many revisions, what Kubernetes made since", () => {
  const file = { takenAt: "2026-11-29T11:00:00Z", revision: 1_000 };
  const plan = planOfRestore(
    { cluster: "c", from: BACKUP, file, lastRevision: 1_200, epoch: 2, workloads: WORKLOADS },
    NOW,
  );

  expect(plan).toMatchObject({ lostSeconds: 3_600, lostRevisions: 200, revision: 1_000, epoch: 2 });
  expect(plan.leftBehind).toEqual([{ kind: "volume", id: "vol-2", name: "new" }]);
  expect(lossText(plan)).toBe("Lost: 200 revisions, everything since 2026-11-29T11:00:00Z (60 min ago).");
});

test("without an answer of etcd nobody knows how many revisions that is", () => {
  const file = { takenAt: "2026-11-29T11:59:00Z", revision: 1_000 };
  const plan = planOfRestore({ cluster: "c", from: BACKUP, file, lastRevision: null, epoch: 2, workloads: [] }, NOW);

  expect(lossText(plan)).toBe(
    "Lost: an unknown number of revisions, everything since 2026-11-29T11:59:00Z (60 s ago).",
  );
});

test("20: revisions that a restore in between has skipped are not counted as lost; one that has begun says so", () => {
  const file = { takenAt: "2026-11-29T11:59:00Z", revision: 15 };
  const facts = { cluster: "c", from: BACKUP, file, lastRevision: 1_000_000_019, epoch: 3, workloads: [] };

  expect(planOfRestore(facts, NOW).lostRevisions).toBeNull();
  expect(planOfRestore({ ...facts, begun: true }, NOW).warnings[0]).toBe(
    "This restore has begun and is not complete: --yes continues it.",
  );
  expect(planOfRestore(facts, NOW).warnings[0]).not.toContain("has begun");
});

test("a survivor's plan says that the last moment may be lost", () => {
  const facts = { cluster: "c", from: SURVIVOR, file: null, lastRevision: 5, epoch: 2, workloads: WORKLOADS };
  const plan = planOfRestore(facts, NOW);

  expect(plan.warnings[0]).toContain("those of the last moment");
  expect(plan.leftBehind).toEqual([]);
  expect(lossText(plan)).toBe("Lost: what only the lost members had.");
});

test("17.4: --restart-all is remembered, also where it is asked for by whoever continues", () => {
  const cluster = clusterRecord();
  const request = { cluster, operation: "restore-1", from: BACKUP, file: null };
  const begun = beginRestoration({ ...request, restartAll: false }, new Date());
  const open = { ...request, cluster: { ...cluster, restoration: begun }, operation: "restore-2" };

  expect(begun.restartAll).toBeUndefined();
  expect(beginRestoration({ ...open, restartAll: true }, new Date())).toEqual({
    ...begun,
    operation: "restore-2",
    restartAll: true,
  });
});
