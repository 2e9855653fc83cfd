import { expect, test } from "vitest";
import { judgeOrphans, ORPHAN_GRACE_SECONDS, type OrphanRecord } from "./orphans.ts";

const NOW = 1_800_000_000;
const own = { id: "vol-1", uid: "u1" };
const stray = { id: "vol-2", uid: "gone" };
const known: OrphanRecord = { seen: { "vol-2": NOW - ORPHAN_GRACE_SECONDS }, toldOn: null };

test("what belongs to no cluster is an orphan once the grace time is over, and is remembered until then", () => {
  const first = judgeOrphans([own, stray], new Set(["u1"]), { seen: {}, toldOn: null }, NOW);
  const later = judgeOrphans([own, stray], new Set(["u1"]), first.record, NOW + 7_199);
  const late = judgeOrphans([own, stray], new Set(["u1"]), first.record, NOW + 7_200);

  expect(first).toEqual({ orphans: [], record: { seen: { "vol-2": NOW }, toldOn: null } });
  expect(later.orphans).toEqual([]);
  expect(late.orphans).toEqual([stray]);
});

test("what is gone, or belongs to a cluster again, is forgotten", () => {
  expect(judgeOrphans([own], new Set(["u1"]), known, NOW).record.seen).toEqual({});
  expect(judgeOrphans([own, stray], new Set(["u1", "gone"]), known, NOW).orphans).toEqual([]);
});
