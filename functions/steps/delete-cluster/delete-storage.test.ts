import { expect, test } from "vitest";
import { Leftovers } from "../../../test/support/steps/leftovers.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { deleteStorage } from "./delete-storage.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };

function newStage() {
  const cluster = clusterRecord({ status: "DELETING", operation: "delete-1" });
  const left = new Leftovers(cluster);
  left.own("volume", "vol-a", "volume/a", { member: "a" });
  left.own("volume", "vol-a2", "volume/a/2", { member: "a", asks: 2 });
  left.own("network-interface", "eni-a", "interface/a", { member: "a" });
  left.own("address", "eipalloc-a", "address/master-a", { member: "a" });
  left.own("address", "eipalloc-1", "address/us-west-2a");
  left.own("volume", "vol-x", "volume/b", { member: "b" });
  const aws = { find: left.find, deleteVolume: left.remove, deleteInterface: left.remove, releaseAddress: left.remove };
  const store = new MemoryStore(cluster, [memberRecord("a"), memberRecord("b")]);
  return { store, aws, left, made: left };
}

test("volumes of all generations, interfaces and members' addresses go", async () => {
  const stage = newStage();

  await run(deleteStorage, stage, INPUT);

  expect(stage.left.removed.toSorted()).toEqual(["eipalloc-a", "eni-a", "vol-a", "vol-a2"]);
  expect(stage.left.removed.at(-1)).toBe("eipalloc-a");
});

test("a volume that says it is a member's, which has another on record, is left alone", async () => {
  const stage = newStage();

  await run(deleteStorage, stage, INPUT);

  expect(stage.left.ids).toEqual(["eipalloc-1", "vol-x"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(deleteStorage, newStage, INPUT);
});
