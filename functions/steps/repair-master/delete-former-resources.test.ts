import { expect, test } from "vitest";
import { Leftovers } from "../../../test/support/steps/leftovers.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import { deleteFormerResources } from "./delete-former-resources.ts";

const INPUT = { cluster: NAME, operation: "repair-1", member: "a" };
const LEFT = { zone: "us-west-2a", volumeId: "vol-old", interfaceId: "eni-old", retryAt: 0 };

/** The member has moved away from a zone, in its second generation. */
function newStage({ state = "available", former = LEFT } = {}) {
  const cluster = clusterRecord({ status: "REPAIRING", operation: "repair-1" });
  const left = new Leftovers(cluster);
  left.own("volume", "vol-old", "volume/a", { member: "a", state });
  left.own("network-interface", "eni-old", "interface/a", { member: "a", state: "available" });
  left.own("volume", "vol-a", "volume/a/2", { member: "a", state: "available" });
  const moved = memberRecord("a", { generation: 2, home: 2, formerResources: [former] });
  const aws = { find: left.find, deleteVolume: left.remove, deleteInterface: left.remove };
  return { store: new MemoryStore(cluster, [moved]), aws, left, made: left };
}

test("what the member had in its former zone goes, and what it has now stays", async () => {
  const stage = newStage();

  await run(deleteFormerResources, stage, INPUT);

  expect(stage.left.ids).toEqual(["vol-a"]);
  expect(stage.store.member("a")?.formerResources).toEqual([]);
  expect(stage.store.eventTypes()).toEqual(["former-resources-removed"]);
});

test("what is still in use is left for half an hour later", async () => {
  const stage = newStage({ state: "in-use" });

  await run(deleteFormerResources, stage, INPUT);

  const retryAt = Date.parse("2026-11-29T12:30:00Z");
  expect(stage.store.member("a")?.formerResources).toEqual([{ ...LEFT, interfaceId: null, retryAt }]);
  expect(stage.store.eventTypes()).toEqual(["former-resources-kept"]);
});

test("what the record calls the member's own now is never removed, whatever it is called besides", async () => {
  const stage = newStage({ former: { ...LEFT, volumeId: "vol-a", interfaceId: "eni-a" } });

  await run(deleteFormerResources, stage, INPUT);

  expect(stage.left.removed).toEqual([]);
});

test("a volume whose tags are another's ends it with OwnershipConflict", async () => {
  const stage = newStage();
  stage.left.add({ kind: "volume", id: "vol-old", tags: {}, state: "available" });

  await expect(run(deleteFormerResources, stage, INPUT)).rejects.toThrow(OwnershipConflict);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(deleteFormerResources, newStage, INPUT);
});
