import { expect, test } from "vitest";
import { evaluateOrphans, ORPHAN_GRACE_SECONDS, type OrphanRecord } from "./orphans.ts";

const NOW = 1_800_000_000;
const own = { id: "vol-1", uid: "u1" };
const unknownResource = { id: "vol-2", uid: "gone" };
const known: OrphanRecord = { seen: { "vol-2": NOW - ORPHAN_GRACE_SECONDS }, reportedOn: null };

test("what belongs to no cluster is an orphan once the grace time is over, and is remembered until then", () => {
  const first = evaluateOrphans([own, unknownResource], new Set(["u1"]), { seen: {}, reportedOn: null }, NOW);
  const later = evaluateOrphans([own, unknownResource], new Set(["u1"]), first.record, NOW + 7_199);
  const late = evaluateOrphans([own, unknownResource], new Set(["u1"]), first.record, NOW + 7_200);

  expect(first).toEqual({ orphans: [], record: { seen: { "vol-2": NOW }, reportedOn: null } });
  expect(later.orphans).toEqual([]);
  expect(late.orphans).toEqual([unknownResource]);
});

test("what is gone, or belongs to a cluster again, is forgotten", () => {
  expect(evaluateOrphans([own], new Set(["u1"]), known, NOW).record.seen).toEqual({});
  expect(evaluateOrphans([own, unknownResource], new Set(["u1", "gone"]), known, NOW).orphans).toEqual([]);
});
