import { expect, test } from "vitest";
import { Leftovers } from "../../../test/support/steps/leftovers.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { deleteCompute } from "./delete-compute.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };
const cluster = clusterRecord({ status: "DELETING", operation: "delete-1" });
const GROUP = masterGroupName(ownerOf(cluster), "a");

function newStage() {
  const left = new Leftovers(cluster);
  left.own("auto-scaling-group", GROUP, "group/master-a");
  left.own("instance", "i-a", "master-a", { asks: 2 });
  left.own("launch-template", "lt-a", "launch-template/master-a");
  left.add({ kind: "instance", id: "i-other", tags: {} });
  const { remove } = left;
  const aws = {
    ...left.calls,
    find: left.find,
    deleteGroup: remove,
    terminateInstance: remove,
    deleteLaunchTemplate: remove,
  };
  return { store: new MemoryStore(cluster), aws, left, made: left };
}

test("groups go first, so that nothing is launched again, and what is another's stays", async () => {
  const stage = newStage();

  await run(deleteCompute, stage, INPUT);

  expect(stage.left.removed).toEqual([GROUP, "i-a", "lt-a"]);
  expect(stage.left.ids).toEqual(["i-other"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(deleteCompute, newStage, INPUT);
});

test("a group of the cluster's name that has lost its tags stops the step for a person to fix", async () => {
  const stage = newStage();
  stage.left.add({ kind: "auto-scaling-group", id: GROUP, tags: {} });

  await expect(run(deleteCompute, stage, INPUT)).rejects.toThrow(OwnershipConflict);
  expect(stage.left.ids).toContain("i-a");
});
