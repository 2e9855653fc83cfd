import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { MemberRecord } from "../../domain/cluster/records.ts";
import { snapshotMember } from "./snapshot-member.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };

/** A snapshot is complete after so many looks. */
function newStage(members: readonly MemberRecord[], looks = 2) {
  const made = new Map<string, string>();
  let looked = 0;
  const aws = {
    ensureFinalSnapshot: async (_: unknown, { volumeId }: { readonly volumeId: string }) => {
      made.set("final-snapshot", made.get("final-snapshot") ?? volumeId);
      if (++looked < looks) throw new NotReadyYet("snap-1 is being written");
      return "snap-1";
    },
  };
  const store = new MemoryStore(clusterRecord({ status: "DELETING", operation: "delete-1" }), members);
  return { store, aws, made };
}

const MEMBERS = [memberRecord("a", { health: "unhealthy" }), memberRecord("b")];

test("the data of a healthy member is kept, and said where", async () => {
  const stage = newStage(MEMBERS);

  expect(await run(snapshotMember, stage, INPUT)).toEqual({ snapshotId: "snap-1" });
  expect(stage.made.get("final-snapshot")).toBe("vol-b");
  expect(stage.store.eventTypes()).toEqual(["final-snapshot"]);
});

test("a cluster whose volumes were never made has nothing to keep", async () => {
  const stage = newStage([memberRecord("a", { volumeId: null })]);

  expect(await run(snapshotMember, stage, INPUT)).toEqual({ snapshotId: null });
});

test("a snapshot that takes its time is the flow's to wait for", async () => {
  await expect(run(snapshotMember, newStage(MEMBERS, 1_000), INPUT)).rejects.toThrow(NotReadyYet);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(snapshotMember, () => newStage(MEMBERS), INPUT);
});
