import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { run } from "../../../test/support/steps/stage.ts";
import { BackupUnusable, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { parameterName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { Authorities } from "../../pki/pki.ts";
import { issuePki } from "./issue-pki.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const cluster = clusterRecord({ status: "CREATING", operation: "create-1" });
const owner = ownerOf(cluster);

function newStage() {
  const account = new Account(cluster, []);
  return { store: new MemoryStore(cluster), aws: account.calls, account };
}

test("authorities where functions alone may read, what masters need, and each master's own", async () => {
  const stage = newStage();

  await run(issuePki, stage, INPUT);

  expect([...stage.account.parameters.keys()].toSorted()).toEqual(
    [
      parameterName.authorities(owner),
      parameterName.masters(owner),
      ...["a", "b", "c"].map((member) => parameterName.member(owner, member)),
    ].toSorted(),
  );
  const kept = stage.account.parameters.get(parameterName.authorities(owner)) ?? "";
  expect(Authorities.parse(JSON.parse(kept)).etcd.certificate).toContain("BEGIN CERTIFICATE");
});

test("a second run, and one after a death between its calls, issues no second authority", async () => {
  const stage = newStage();
  const dying = async () => Promise.reject(new Error("dead"));
  const { ensureSecret } = stage.aws;
  const first = {
    ...stage.aws,
    ensureSecret: async (...given: Parameters<typeof ensureSecret>) => {
      const kept = await ensureSecret(...given);
      return given[2] === parameterName.masters(owner) ? dying() : kept;
    },
  };
  await expect(run(issuePki, { ...stage, aws: first }, INPUT)).rejects.toThrow("dead");
  const before = new Map(stage.account.parameters);

  await run(issuePki, stage, INPUT);
  await run(issuePki, stage, INPUT);

  for (const [name, value] of before) expect(stage.account.parameters.get(name)).toBe(value);
  expect(stage.account.parameters.size).toBe(5);
});

test("a parameter that somebody else wrote ends it with OwnershipConflict", async () => {
  const aws = { ensureSecret: async () => Promise.reject(new OwnershipConflict("it is another's")) };

  await expect(run(issuePki, { ...newStage(), aws }, INPUT)).rejects.toThrow(OwnershipConflict);
});

test("17.5: a cluster that takes another one over has its authorities, and refuses what are none", async () => {
  const first = newStage();
  await run(issuePki, first, INPUT);
  const kept = first.account.parameters.get(parameterName.authorities(owner)) ?? "";
  const takenFrom = { cluster: "old.example.com", uid: "01old", backup: "2026-11-29T115900Z-4f1c" };
  const asked: string[] = [];
  const taking = (text: string | undefined) => {
    const account = new Account(cluster, []);
    const findText = async ({ key }: { readonly key: string }) => {
      asked.push(key);
      return text;
    };
    const store = new MemoryStore({ ...cluster, takenFrom });
    return { store, aws: { ...account.calls, findText }, env: { BACKUP_BUCKET: "bucket" }, account };
  };
  const stage = taking(kept);

  await run(issuePki, stage, INPUT);

  expect(asked).toEqual(["clusters/old.example.com/01old/2026-11-29T115900Z-4f1c/pki.json"]);
  expect(JSON.parse(stage.account.parameters.get(parameterName.authorities(owner)) ?? "")).toEqual(JSON.parse(kept));
  for (const text of [undefined, "{}", "no JSON"])
    await expect(run(issuePki, taking(text), INPUT)).rejects.toThrow(BackupUnusable);
});
