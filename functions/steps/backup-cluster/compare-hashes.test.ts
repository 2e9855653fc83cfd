import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { readNote } from "../../domain/backup/backup-note.ts";
import { compareMembers } from "./compare-hashes.ts";

const INPUT = { cluster: NAME, operation: "backup-1" };
const env = { MEMBER_HASH_DOCUMENT: "member-hash" };

function hash(value: number, compactRevision = 5): string {
  return JSON.stringify([{ Endpoint: "x", HashKV: { hash: value, compact_revision: compactRevision } }]);
}

function newStage(hashes: Readonly<Record<string, string>> = { a: hash(1), b: hash(1), c: hash(1) }) {
  const cluster = clusterRecord();
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const account = new Account(cluster, members);
  account.host = ({ instanceId }) => ({ ok: true, output: hashes[instanceId.slice(2, 3)] ?? "" });
  const store = new MemoryStore(cluster, members, [{ ...operationRecord("backup"), id: "backup-1" }]);
  store.notes.set("backup-1", {
    attempts: [{ member: "b", instanceId: "i-b", etcdVersion: "3.6.14", clusterId: "77", raftTerm: 2, raftIndex: 99 }],
    snapshot: {
      status: { hash: 9, revision: 42, totalKey: 7, totalSize: 20_480 },
      hashkv: { hash: 1, compactRevision: 5 },
      bytes: 1000,
      sha256: "a".repeat(64),
    },
  });
  return { store, aws: account.calls, env };
}

test("members and the file agree", async () => {
  const stage = newStage();

  expect(await run(compareMembers, stage, INPUT)).toEqual({ members: ["a", "b", "c", "file"], equal: true });
  expect(readNote(stage.store.notes.get("backup-1"))).toMatchObject({
    hashkv: { equal: true },
    memberHash: { hash: 1, compactRevision: 5 },
  });
  expect(stage.store.eventTypes()).toEqual([]);
});

test("a member with other keys is reported once a day, and the backup continues", async () => {
  const stage = newStage({ a: hash(1), b: hash(1), c: hash(2) });

  expect(await run(compareMembers, stage, INPUT)).toMatchObject({ equal: false });
  expect(await run(compareMembers, stage, INPUT)).toMatchObject({ equal: false });
  expect(stage.store.eventTypes()).toEqual(["members-diverge"]);
});

test("what was compacted further is not compared, and is no failure", async () => {
  const stage = newStage({ a: hash(3, 40), b: "required revision has been compacted", c: "" });

  expect(await run(compareMembers, stage, INPUT)).toBeNull();
  expect(stage.store.eventTypes()).toEqual([]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(compareMembers, newStage, INPUT);
});
