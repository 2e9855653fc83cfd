import { expect, test } from "vitest";
import { jobs, REQUEST, storeOf } from "../../../../test/support/steps/restores.ts";
import { run } from "../../../../test/support/steps/stage.ts";
import { restoreMember } from "./restore-member.ts";

const env = { RESTORE_ETCD_DOCUMENT: "restore", BACKUP_BUCKET: "bucket" };
const input = { ...REQUEST, member: "a" };

test("the generation rises before the host's identity does", async () => {
  const store = storeOf();

  await run(
    restoreMember,
    { store, env, aws: jobs({ restore: { state: "done", result: { restored: true } } }) },
    input,
  );

  expect(store.member("a")?.generation).toBe(2);
});

test("7: a disk that is full ends the restore with that word", async () => {
  const said = "no space: the volume has 10 KiB free, the restored data needs 164000 KiB";
  const aws = jobs({ restore: { state: "failed", code: 1, said } });

  await expect(run(restoreMember, { store: storeOf(), env, aws }, input)).rejects.toThrow(said);
});
