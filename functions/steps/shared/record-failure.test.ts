import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import type { OperationKind, StepView } from "../../domain/api/views.ts";
import { recordFailure } from "./record-failure.ts";

const CAUSE = JSON.stringify({ errorMessage: "vol-9 is another's" });

function newStage(kind: OperationKind = "create") {
  const id = `${kind}-1`;
  const step: StepView = {
    name: "Attach volume",
    member: "a",
    status: "FAILED",
    startedAt: "2026-11-29T11:59:00.000Z",
    finishedAt: null,
    message: null,
  };
  const operation = operationRecord(kind, { steps: { "Attach volume a": step } });
  const cluster = clusterRecord({ status: "CREATING", operation: id });
  const store = new MemoryStore(cluster, [memberRecord("a")], [operation]);
  return { store, aws: {}, input: { cluster: NAME, operation: id, error: "OwnershipConflict", cause: CAUSE } };
}

test("the operation says what failed, where, and what to do about it", async () => {
  const { store, aws, input } = newStage();

  await run(recordFailure, { store, aws }, input);

  const { status, error } = await store.getOperation("create-1");
  expect(status).toBe("FAILED");
  expect(error).toMatchObject({ name: "OwnershipConflict", message: "vol-9 is another's" });
  expect(error?.remedy).not.toBe("");
  const [event] = await store.listEvents(NAME);
  expect(event).toMatchObject({ type: "create-failed", member: "a" });
  expect(event?.message).toBe('The creation stopped at "Attach volume" of member a: vol-9 is another\'s');
});

test.each([
  ["create", "FAILED"],
  ["delete", "FAILED"],
  ["repair", "DEGRADED"],
  ["scale", "ACTIVE"],
] as const)("after a %s that failed the cluster is %s, and free", async (kind, status) => {
  const { store, aws, input } = newStage(kind);

  await run(recordFailure, { store, aws }, input);

  expect(await store.getCluster(NAME)).toMatchObject({ status, operation: null });
});

test("an operation that was superseded is left as it is", async () => {
  const { store, aws, input } = newStage();
  store.operations.set("create-1", operationRecord("create", { status: "FAILED" }));

  await run(recordFailure, { store, aws }, input);

  expect(store.eventTypes()).toEqual([]);
  expect((await store.getCluster(NAME)).operation).toBe("create-1");
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(recordFailure, newStage, newStage().input);
});
