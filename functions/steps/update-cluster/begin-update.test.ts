import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { beginUpdate } from "./begin-update.ts";

const INPUT = { cluster: NAME, operation: "update-1" };
const GROUP = "sg-0123456789abcdef0";

function newStage(fields: readonly string[] = ["masterSize"]) {
  const made = new Set<string>();
  const aws = {
    associateSecurityGroups: async (groups: readonly string[], vpc: string) => {
      for (const group of groups) made.add(`${group} in ${vpc}`);
    },
  };
  const change = { status: "UPDATING" as const, operation: "update-1", pending: { fields } };
  const cluster = clusterRecord(change, { "--master-security-groups": GROUP, "--node-security-groups": GROUP });
  return { store: new MemoryStore(cluster), aws, made };
}

test("a change of masters concerns all of them; a change of nodes none", async () => {
  expect(await run(beginUpdate, newStage(["masterSize"]), INPUT)).toEqual({ members: ["a", "b", "c"] });
  expect(await run(beginUpdate, newStage(["nodeCount"]), INPUT)).toEqual({ members: [] });
});

test("the user's groups are let into the VPC", async () => {
  const stage = newStage();

  await run(beginUpdate, stage, INPUT);

  expect(stage.made).toEqual(new Set([`${GROUP} in vpc-1`]));
});

test("a step of a former run that is still at work is waited for", async () => {
  const stage = newStage();
  const [startedAt, finishedAt] = ["2026-11-29T11:59:50.000Z", "2026-11-29T12:00:00.000Z"];
  const step = {
    name: "Add nodes",
    member: null,
    status: "RUNNING",
    startedAt,
    finishedAt: null,
    message: null,
  } as const;
  const former = operationRecord("update", {
    id: "update-0",
    status: "FAILED",
    finishedAt,
    steps: { "Add nodes": step },
  });
  stage.store.operations.set("update-0", former);

  await expect(run(beginUpdate, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect(stage.made.size).toBe(0);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(beginUpdate, newStage, INPUT);
});
