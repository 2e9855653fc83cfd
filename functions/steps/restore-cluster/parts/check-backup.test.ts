import { expect, test } from "vitest";
import { hosts, REQUEST, report, storeOf } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import { checkBackupStep } from "./check-backup.ts";

const env = { RESTORE_STATUS_DOCUMENT: "status", TRY_BACKUP_DOCUMENT: "try", BACKUP_BUCKET: "backups" };

test.each([
  [3, true],
  [2, true],
  [1, false],
])("17.4: %i of three are healthy: what they have is saved first: %s", async (healthy, saves) => {
  const reports = ["a", "b", "c"].map((name, at) => [name, report(name, { healthy: at < healthy })] as const);
  const stage = { store: storeOf({ heldAt: null, file: null }), aws: hosts(Object.fromEntries(reports)), env };

  expect(await run(checkBackupStep, stage, REQUEST)).toEqual({ saves });
});

test("17.4: a restore that continues saves nothing: its members are on hold", async () => {
  expect(await run(checkBackupStep, { store: storeOf(), aws: {}, env }, REQUEST)).toEqual({ saves: false });
});
