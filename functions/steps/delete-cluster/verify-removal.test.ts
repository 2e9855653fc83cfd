import { expect, test } from "vitest";
import { Leftovers } from "../../../test/support/steps/leftovers.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { verifyRemoval } from "./verify-removal.ts";

const INPUT = { cluster: NAME, operation: "delete-1" };

function newStage() {
  const cluster = clusterRecord({ status: "DELETING", operation: "delete-1", hostedZoneId: "Z1" });
  const left = new Leftovers(cluster);
  left.add({ kind: "instance", id: "i-theirs", tags: {} });
  const aws = { ...left.calls, find: left.find, findAddressRecord: async () => undefined };
  return { store: new MemoryStore(cluster), aws, left, made: left };
}

test("nothing is left of the cluster, whatever others have", async () => {
  expect(await run(verifyRemoval, newStage(), INPUT)).toEqual({ left: 0, what: "" });
});

test("what a run that was overruled made late is counted and named", async () => {
  const stage = newStage();
  stage.left.own("volume", "vol-late", "volume/a");
  stage.left.own("parameter", "/holdfast/prod.example.com/a", "parameter/a");

  const { left, what } = await run(verifyRemoval, stage, INPUT);

  expect(left).toBe(2);
  expect(what).toContain("volume vol-late");
});

test("it changes nothing, however often it runs", async () => {
  await expectRepeatable(verifyRemoval, newStage, INPUT);
});
