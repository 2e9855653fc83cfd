import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { LeaseLost } from "../../domain/cluster/errors.ts";
import { deleteRecords } from "./delete-records.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };

function newStage(operation = "delete-1") {
  const store = new MemoryStore(clusterRecord({ status: "DELETING", operation }), [memberRecord("a")]);
  store.instances.set("i-a", { cluster: NAME, member: "a" });
  return { store, aws: {} };
}

test("members and instances are forgotten; the cluster's record stays, without what is gone", async () => {
  const { store } = newStage();

  await run(deleteRecords, { store, aws: {} }, INPUT);

  expect(await store.listMembers(NAME)).toEqual([]);
  expect(store.instances.size).toBe(0);
  expect(await store.getCluster(NAME)).not.toHaveProperty("network");
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(deleteRecords, newStage, INPUT);
});

test("an operation that no longer holds the cluster forgets nothing", async () => {
  const { store } = newStage("delete-2");

  await expect(run(deleteRecords, { store, aws: {} }, INPUT)).rejects.toThrow(LeaseLost);
  expect(await store.listMembers(NAME)).toHaveLength(1);
});
