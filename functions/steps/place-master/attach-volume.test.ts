import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, UID } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { InstanceGone, NotReadyYet, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { ownerTags } from "../../domain/cluster/naming.ts";
import { attachVolume } from "./attach-volume.ts";

const INPUT = { cluster: NAME, operation: "repair-1", member: "a", instanceId: "i-new" };

function instance(state: string) {
  return {
    instanceId: "i-new",
    state,
    zone: "us-west-2a",
    launchedAt: 0,
    tags: ownerTags({ cluster: NAME, uid: UID, labels: {} }, "master-a"),
  };
}

/** Volumes by the instance that has them. `attaching`: how many looks it takes. */
function newStage({ state = "running", attaching = 1, holder = "" } = {}) {
  const made = { attached: new Map(holder === "" ? [] : [["vol-a", holder]]), ended: new Set<string>(), looks: 0 };
  const aws = {
    findInstances: async () => [instance(made.ended.has("i-new") ? "terminated" : state)],
    tryAttach: async (volumeId: string, instanceId: string) => {
      if (state !== "running" || made.attached.has(volumeId)) return false;
      made.attached.set(volumeId, instanceId);
      return true;
    },
    attachOnce: async (_: unknown, volumeId: string, instanceId: string) => {
      if (made.attached.get(volumeId) === "stuck") return "stuck" as const;
      if (made.attached.has(volumeId) && made.attached.get(volumeId) !== instanceId)
        throw new NotReadyYet(`${volumeId} is still attached to ${made.attached.get(volumeId)}`);
      made.attached.set(volumeId, instanceId);
      if (made.looks++ < attaching) throw new NotReadyYet(`${volumeId} is attaching`);
      made.looks = 0;
      return "attached" as const;
    },
    listGroupInstances: async () => new Map(),
    listTerminateHooks: async () => [],
    terminateInstance: async ({ id }: { readonly id: string }) => {
      made.ended.add(id);
    },
  };
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const store = new MemoryStore(clusterRecord({ operation: "repair-1" }), members);
  return { store, aws, made };
}

test("the instance gets its member's volume, by one call", async () => {
  const stage = newStage();
  const { tryAttach } = stage.aws;

  expect(await run(attachVolume, { ...stage, aws: { tryAttach } }, INPUT)).toEqual({ volumeId: "vol-a" });
  expect(stage.made.attached).toEqual(new Map([["vol-a", "i-new"]]));
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(attachVolume, newStage, INPUT);
});

test("while the predecessor holds the volume it is not ready", async () => {
  const stage = newStage({ holder: "i-old" });

  await expect(run(attachVolume, stage, INPUT)).rejects.toThrow(NotReadyYet);
  expect(stage.made.attached.get("vol-a")).toBe("i-old");
});

test("a member without a volume on record is a conflict, not a reason to make one", async () => {
  const stage = newStage();
  await stage.store.updateMember(NAME, "a", { volumeId: null });

  await expect(run(attachVolume, stage, INPUT)).rejects.toThrow(OwnershipConflict);
});

test("an instance that ends instead is recorded, so that the step before does not take it again", async () => {
  const stage = newStage({ state: "shutting-down" });

  await expect(run(attachVolume, stage, INPUT)).rejects.toThrow(InstanceGone);
  expect(stage.store.member("a")?.health).toBe("unhealthy");
});

test("an attachment that hangs ends with its instance; the second time in an operation is counted for the alarm", async () => {
  const stage = newStage({ holder: "stuck" });

  await expect(run(attachVolume, stage, INPUT)).rejects.toThrow(InstanceGone);
  expect(stage.made.ended).toEqual(new Set(["i-new"]));
  expect(stage.made.attached.get("vol-a")).toBe("stuck");
  stage.made.ended.clear();
  await expect(run(attachVolume, stage, INPUT)).rejects.toThrow(InstanceGone);
  expect(stage.store.eventTypes()).toEqual(["volume-stuck", "volume-stuck-again"]);
});
