import { expect, test } from "vitest";
import { NAME } from "../../../../test/support/steps/records.ts";
import { held, hosts, REQUEST, report, storeOf } from "../../../../test/support/steps/restores.ts";
import { expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import type { HostReport } from "../../../domain/restore/host-report.ts";
import { undoRestore } from "./undo-restore.ts";

/** A host that serves its former data again. */
const back = { held: false, etcd: true, data: "former" } as const;
const env = { UNDO_RESTORE_DOCUMENT: "undo", STOP_CONTROL_PLANE_DOCUMENT: "stop" };

/** After "undo", hosts say this; others, and "stop", that they are stopped. */
function newStage(afterUndo: Readonly<Record<string, HostReport | null>> = { a: report("a", back), b: report("b") }) {
  const made: Record<string, string> = {};
  const fresh = { former: { volumeId: "vol-lost", generation: 1 }, generation: 2, freshVolumeId: "vol-b" };
  const members = [held("a", { generation: 2 }), held("b", { restoring: fresh })];
  const replaceText = async (name: string, text: string) => {
    made[name.split("/").at(-1) ?? ""] = text;
  };
  const ended: string[] = [];
  const stopped = hosts({ a: report("a"), b: report("b") });
  const undone = hosts(afterUndo);
  const aws = {
    listLiveMasters: stopped.listLiveMasters,
    askHosts: (document: string, ids: readonly string[]) =>
      (document === "undo" ? undone : stopped).askHosts(document, ids),
    listGroupInstances: async () => new Map(),
    terminateInstance: async ({ id }: { readonly id: string }) => void ended.push(id),
    replaceText,
  };
  return { store: storeOf({}, members), env, aws, made, ended };
}

test("each member has its former volume and generation, and repairs may begin again", async () => {
  const stage = newStage();

  await run(undoRestore, stage, REQUEST);

  expect(stage.made).toEqual({ "a-volume": "vol-a 1 in-use", "b-volume": "vol-lost 1 in-use" });
  expect(stage.store.member("a")).toMatchObject({ volumeId: "vol-a", generation: 1, restoring: null });
  expect(stage.store.member("b")).toMatchObject({ volumeId: "vol-lost", generation: 1, restoring: null });
  expect((await stage.store.getCluster(NAME)).restoration).toBeNull();
  expect(stage.ended).toEqual([]);
});

test("17: a host that has booted on hold and waits for its volume is ended: it would stay on hold for ever", async () => {
  const stage = newStage({ a: report("a", { mounted: false, data: "none" }), b: report("b") });

  await run(undoRestore, stage, REQUEST);

  expect(stage.ended).toEqual(["i-a"]);
  expect(stage.made["a-volume"]).toBe("vol-a 1 in-use");
  expect((await stage.store.getCluster(NAME)).restoration).toBeNull();
});

test("17: a host that does not say that it has its former data is asked again", async () => {
  const stage = newStage({ a: null, b: report("b") });

  await expect(run(undoRestore, stage, REQUEST)).rejects.toThrow(NotReadyYet);
  expect((await stage.store.getCluster(NAME)).restoration).not.toBeNull();
});

test("17: it may die at each of its calls: whoever was undone before, and is stopped again, is undone again", async () => {
  await expectRepeatable(undoRestore, () => newStage(), REQUEST);
  const stage = newStage();
  await stage.store.updateMember(NAME, "a", { restoring: null, volumeId: "vol-a", generation: 1 });
  const undone: string[] = [];
  const askHosts = (document: string, ids: readonly string[]) => {
    if (document === "undo") undone.push(...ids);
    return stage.aws.askHosts(document, ids);
  };

  await run(undoRestore, { ...stage, aws: { ...stage.aws, askHosts } }, REQUEST);

  expect(undone).toEqual(["i-a", "i-b"]);
});

test("no former etcd starts while a restored one may be alive", async () => {
  const asked: string[] = [];
  for (const b of [report("b", { etcd: true }), null]) {
    const stage = { ...newStage(), aws: { ...newStage().aws, ...hosts({ a: report("a"), b }, asked) } };
    await expect(run(undoRestore, stage, REQUEST)).rejects.toThrow(NotReadyYet);
  }
  expect(asked).toEqual(["stop i-a i-b", "stop i-a i-b"]);
});

test("once clients may have written there is no way back", async () => {
  const stage = { store: storeOf({ serving: true }), aws: {}, env };

  await run(undoRestore, stage, REQUEST);

  expect((await stage.store.getCluster(NAME)).restoration?.serving).toBe(true);
});
