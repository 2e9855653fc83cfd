import { expect, test } from "vitest";
import { NAME } from "../../../../test/support/steps/records.ts";
import { REQUEST, storeOf } from "../../../../test/support/steps/restores.ts";
import { expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { finishRestore } from "./finish-restore.ts";

test("the epoch counts, nothing is on hold, and running it again changes nothing", async () => {
  await expectRepeatable(finishRestore, () => ({ store: storeOf({ serving: true }), aws: {} }), REQUEST);
  const store = storeOf({ serving: true });

  await run(finishRestore, { store, aws: {} }, REQUEST);

  expect(await store.getCluster(NAME)).toMatchObject({ restoration: null, epoch: 2 });
  expect(store.member("a")?.restoring).toBeNull();
});

test("a migration that was open has come to its end: what was restored are the masters", async () => {
  const store = storeOf({ serving: true });
  const cluster = await store.getCluster(NAME);
  const migration = { from: ["us-west-2a"], to: ["us-west-2b"], done: [], current: null, noRoll: false };
  store.clusters.set(NAME, { ...cluster, migration });
  await store.updateMember(NAME, "b", { migrating: "joining" });

  await run(finishRestore, { store, aws: {} }, REQUEST);

  expect(await store.getCluster(NAME)).toMatchObject({ migration: null, plan: { quorum: { size: 3 } } });
  expect(store.member("b")?.migrating).toBeNull();
});
