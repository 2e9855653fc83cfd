import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import type { OperationKind } from "../../domain/api/views.ts";
import { completeOperation } from "./complete-operation.ts";

function newStage(kind: OperationKind = "create", health: "healthy" | "unhealthy" = "healthy") {
  const id = `${kind}-1`;
  const cluster = clusterRecord({ status: "CREATING", operation: id, pending: { fields: ["nodeCount"] } });
  const members = [memberRecord("a", { health }), memberRecord("b"), memberRecord("c")];
  const store = new MemoryStore(cluster, members, [operationRecord(kind)]);
  return { store, aws: {}, input: { cluster: NAME, operation: id } };
}

test.each([
  ["create", "ACTIVE", "cluster-active"],
  ["scale", "ACTIVE", "cluster-changed"],
  ["update", "ACTIVE", "cluster-changed"],
  ["delete", "DELETED", "cluster-deleted"],
  ["repair", "ACTIVE", "cluster-whole"],
] as const)("after a %s the cluster is %s, and free", async (kind, status, event) => {
  const { store, aws, input } = newStage(kind);

  await run(completeOperation, { store, aws }, input);

  expect(await store.getCluster(NAME)).toMatchObject({ status, operation: null });
  expect(await store.getOperation(input.operation)).toMatchObject({ status: "SUCCEEDED", error: null });
  expect(store.eventTypes()).toEqual([event]);
});

test("what was asked for is fulfilled by a change, and not by a repair", async () => {
  const [change, repair] = [newStage("scale"), newStage("repair")];

  await run(completeOperation, change, change.input);
  await run(completeOperation, repair, repair.input);

  expect((await change.store.getCluster(NAME)).pending).toBeNull();
  expect((await repair.store.getCluster(NAME)).pending).toEqual({ fields: ["nodeCount"] });
});

test("a change whose masters are not healthy leaves the cluster DEGRADED", async () => {
  const { store, aws, input } = newStage("update", "unhealthy");

  await run(completeOperation, { store, aws }, input);

  expect(await store.getCluster(NAME)).toMatchObject({ status: "DEGRADED", reason: "Not healthy: master a." });
});

test("18: after a migration the event says how many masters there are, and where", async () => {
  const { store, aws, input } = newStage("migrate");

  await run(completeOperation, { store, aws }, input);

  const [event] = await store.listEvents(NAME);
  expect(event).toMatchObject({ type: "cluster-migrated" });
  expect(event?.message).toContain(
    "The migration is complete: 3 masters in us-west-2a, us-west-2b, us-west-2c, after ",
  );
});

test("an operation that was superseded ends nothing", async () => {
  const { store, aws, input } = newStage();
  store.operations.set("create-1", operationRecord("create", { status: "FAILED" }));

  await run(completeOperation, { store, aws }, input);

  expect((await store.getCluster(NAME)).status).toBe("CREATING");
  expect(store.eventTypes()).toEqual([]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(completeOperation, newStage, newStage().input);
});
