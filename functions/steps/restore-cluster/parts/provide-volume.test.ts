import { expect, test } from "vitest";
import { master, REQUEST, storeOf, volumes } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import { provideVolume } from "./provide-volume.ts";

function newStage() {
  const made = { parameter: "", ended: [] as string[] };
  const aws = {
    volumeStates: async (ids: readonly string[]) =>
      new Map(ids.includes("vol-fresh") ? [["vol-fresh", { state: "available", attachedTo: null }]] : []),
    nextVolume: async () => "vol-fresh",
    putText: async (_: unknown, __: string, ___: string, text: string) => {
      made.parameter = text;
    },
    listGroupInstances: async (groups: readonly string[]) =>
      new Map(
        groups.map((group) => [
          group,
          made.ended.length > 0
            ? []
            : [{ instanceId: "i-b", lifecycleState: "InService", healthy: true, protected: false }],
        ]),
      ),
    findInstances: async () => [master("b")],
    suspendLaunch: async () => {},
    replaceInstance: async ({ id }: { readonly id: string }) => void made.ended.push(id),
  };
  return { store: storeOf(), aws: aws as never, made };
}

test("a lost volume is replaced by a fresh one on hold, and the instance that waits for the lost one is ended", async () => {
  const stage = newStage();

  await run(provideVolume, stage, { ...REQUEST, member: "b" });

  expect(stage.made).toEqual({ parameter: "vol-fresh 2 hold-new", ended: ["i-b"] });
  expect(stage.store.member("b")).toMatchObject({
    volumeId: "vol-fresh",
    generation: 1,
    restoring: { freshVolumeId: "vol-fresh", former: { volumeId: "vol-b", generation: 1 }, keptSnapshot: null },
  });
});

test("a volume that is there is left as it is", async () => {
  const stage = { store: storeOf(), aws: { ...volumes, findInstances: async () => [master("b")] } };

  await run(provideVolume, stage, { ...REQUEST, member: "b" });

  expect(stage.store.member("b")).toMatchObject({ volumeId: "vol-b", health: "pending" });
});
