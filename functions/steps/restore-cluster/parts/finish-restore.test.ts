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
