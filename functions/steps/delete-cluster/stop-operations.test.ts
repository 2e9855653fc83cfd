import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { OperationRecord } from "../../domain/cluster/records.ts";
import { stopOperations } from "./stop-operations.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };
const LOST = { name: "LeaseLost", message: "the cluster is being deleted", remedy: "" };

function newStage(...others: readonly OperationRecord[]) {
  const cluster = clusterRecord({ status: "DELETING", operation: "delete-1" });
  const made = new Set<string>();
  const aws = {
    stopExecution: async (arn: string, name: string) => {
      made.add(`${arn} ${name}`);
    },
  };
  const store = new MemoryStore(cluster, [], [operationRecord("delete"), ...others]);
  return { store, aws, env: { STATE_MACHINES: "arn:create,arn:repair" }, made };
}

function overruled() {
  return newStage(operationRecord("create", { status: "FAILED", error: LOST }));
}

test("executions of what was overruled are stopped, in whichever flow they run", async () => {
  const stage = overruled();

  await run(stopOperations, stage, INPUT);

  expect(stage.made).toEqual(new Set(["arn:create create-1", "arn:repair create-1"]));
});

test("what has ended by itself is left alone", async () => {
  const stage = newStage(operationRecord("create", { status: "SUCCEEDED" }));

  await run(stopOperations, stage, INPUT);

  expect(stage.made.size).toBe(0);
});

test("a step that had begun is waited for: what it makes must be removed too", async () => {
  const stage = overruled();
  stage.store.inFlight.set("create-1", ["Create network"]);

  await expect(run(stopOperations, stage, INPUT)).rejects.toThrow(NotReadyYet);
  await expect(run(stopOperations, stage, INPUT)).rejects.toThrow("Create network");
});

test("a drill beside it ends, and a step of it is waited for: its host must be removed too", async () => {
  const stage = newStage();
  const begun = { cluster: NAME, operation: "drill-1", kind: "drill", listed: true } as const;
  await stage.store.beginSideOperation(begun, new Date("2026-11-29T12:00:00Z"));
  stage.store.inFlight.set("drill-1", ["Launch drill host"]);

  await expect(run(stopOperations, stage, INPUT)).rejects.toThrow("Launch drill host");
  expect(await stage.store.getOperation("drill-1")).toMatchObject({ status: "FAILED", error: { name: "LeaseLost" } });
  stage.store.inFlight.delete("drill-1");
  await run(stopOperations, stage, INPUT);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(stopOperations, overruled, INPUT);
});
