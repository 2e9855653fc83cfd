import { expect, test } from "vitest";
import { NAME } from "../../../../test/support/steps/records.ts";
import { held, hosts, REQUEST, report, storeOf } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { undoRestore } from "./undo-restore.ts";

const env = { UNDO_RESTORE_DOCUMENT: "undo", STOP_CONTROL_PLANE_DOCUMENT: "stop" };

function newStage() {
  const made: Record<string, string> = {};
  const fresh = { former: { volumeId: "vol-lost", generation: 1 }, generation: 2, freshVolumeId: "vol-b" };
  const members = [held("a", { generation: 2 }), held("b", { restoring: fresh })];
  const replaceText = async (name: string, text: string) => {
    made[name.split("/").at(-1) ?? ""] = text;
  };
  return {
    store: storeOf({}, members),
    env,
    aws: { ...hosts({ a: report("a"), b: report("b") }), replaceText },
    made,
  };
}

test("each member has its former volume and generation, and repairs may begin again", async () => {
  const stage = newStage();

  expect(await run(undoRestore, stage, REQUEST)).toEqual({ undone: true });
  expect(stage.made).toEqual({ "a-volume": "vol-a 1 in-use", "b-volume": "vol-lost 1 in-use" });
  expect(stage.store.member("a")).toMatchObject({ volumeId: "vol-a", generation: 1, restoring: null });
  expect(stage.store.member("b")).toMatchObject({ volumeId: "vol-lost", generation: 1, restoring: null });
  expect((await stage.store.getCluster(NAME)).restoration).toBeNull();
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

  expect(await run(undoRestore, stage, REQUEST)).toEqual({ undone: false });
  expect((await stage.store.getCluster(NAME)).restoration?.serving).toBe(true);
});
