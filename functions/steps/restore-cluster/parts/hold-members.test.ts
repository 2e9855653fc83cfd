import { expect, test } from "vitest";
import { MemoryStore } from "../../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../../test/support/steps/records.ts";
import { NOW, REQUEST, storeOf } from "../../../../test/support/steps/restores.ts";
import { expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { RestoreFailed } from "../../../domain/cluster/errors.ts";
import { holdMembers } from "./hold-members.ts";

function newStage() {
  const made: Record<string, string> = {};
  const replaceText = async (name: string, text: string) => {
    made[name] = text;
  };
  return {
    store: storeOf(
      { heldAt: null },
      ["a", "b"].map((name) => memberRecord(name)),
    ),
    aws: { replaceText },
    made,
  };
}

test("each volume is on hold in the next generation; what the member had is written down", async () => {
  const stage = newStage();

  await run(holdMembers, stage, REQUEST);

  expect(stage.made).toEqual({
    [`/holdfast/${NAME}/masters/a-volume`]: "vol-a 2 hold",
    [`/holdfast/${NAME}/masters/b-volume`]: "vol-b 2 hold",
  });
  expect(stage.store.member("a")).toMatchObject({
    generation: 1,
    restoring: { former: { volumeId: "vol-a", generation: 1 }, generation: 2 },
  });
  expect((await stage.store.getCluster(NAME)).restoration?.heldAt).toBe(NOW);
});

test("it may run twice, and die at each of its calls: the generation rises once", async () => {
  await expectRepeatable(holdMembers, newStage, REQUEST);
});

test("a step of a restore that somebody has undone ends", async () => {
  const store = new MemoryStore(clusterRecord({ operation: "restore-1" }), [memberRecord("a")]);

  await expect(run(holdMembers, { store, aws: {} }, REQUEST)).rejects.toThrow(RestoreFailed);
});
