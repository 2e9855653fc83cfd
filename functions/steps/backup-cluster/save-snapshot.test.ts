import { expect, test } from "vitest";
import { Account } from "../../../test/support/steps/account.ts";
import { jobAnswer } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord, UID } from "../../../test/support/steps/records.ts";
import { AGAIN, expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import { readNote } from "../../domain/backup/backup-note.ts";
import { BackupFailed, NotReadyYet } from "../../domain/cluster/errors.ts";
import { saveSnapshot } from "./save-snapshot.ts";

const INPUT = { cluster: NAME, operation: "backup-1" };
const env = {
  MEMBER_HEALTH_DOCUMENT: "member-health",
  BACKUP_ETCD_DOCUMENT: "backup-etcd",
  BACKUP_BUCKET: "backups",
  SECRETS_KEY_ARN: "arn:aws:kms:us-west-2:123456789012:key/k",
};
const RESULT = {
  status: { hash: 1, revision: 42, totalKey: 7, totalSize: 20_480 },
  hashkv: null,
  bytes: 1000,
  sha256: "a".repeat(64),
};

function report(member: string): string {
  const header = { cluster_id: 77, member_id: member.charCodeAt(0), raft_term: 2 };
  const status = [
    { Status: { header, version: "3.6.14", dbSize: 20_480, leader: 97, raftTerm: 2, raftAppliedIndex: 99 } },
  ];
  return JSON.stringify({ member, healthy: true, status, rootFreeKiB: 1_000_000 });
}

type Answer = { readonly ok: boolean; readonly output: string } | undefined;

/** What the host of a member answers to `backup-etcd`. */
function newStage(says: (member: string) => Answer = () => ({ ok: true, output: jobAnswer.done(RESULT) })) {
  const cluster = clusterRecord();
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const account = new Account(cluster, members);
  account.host = ({ document, instanceId }) => {
    const member = instanceId.slice(2, 3);
    return document === "member-health" ? { ok: true, output: report(member) } : says(member);
  };
  const store = new MemoryStore(cluster, members, [{ ...operationRecord("backup"), id: "backup-1" }]);
  return { store, aws: account.calls, env, account };
}

function saved({ account }: ReturnType<typeof newStage>) {
  return account.commands.filter(({ document }) => document === "backup-etcd");
}

async function noteOf({ store }: ReturnType<typeof newStage>) {
  return readNote(await store.findSideNote("backup-1"));
}

test("a follower saves its data below the cluster's name and uid", async () => {
  const stage = newStage();

  await run(saveSnapshot, stage, INPUT);

  const [command] = saved(stage);
  expect(command?.instanceId).toBe("i-b");
  expect(command?.parameters).toMatchObject({
    bucket: ["backups"],
    prefix: [
      `clusters/${NAME}/${UID}/2026-11-29T115900Z-3b2a/`.replace(
        "3b2a",
        command?.parameters["job"]?.[0]?.slice(19, 23) ?? "",
      ),
    ],
    key: [env.SECRETS_KEY_ARN],
  });
  expect(await noteOf(stage)).toMatchObject({
    attempts: [{ member: "b", etcdVersion: "3.6.14", clusterId: "77", raftTerm: 2, raftIndex: 99, epoch: 1 }],
    snapshot: RESULT,
  });
});

test("1.10.11: a host that takes long is asked about the same job again, and by no function that waits", async () => {
  let runs = 0;
  const stage = newStage(() => ({ ok: true, output: ++runs < 3 ? jobAnswer.running() : jobAnswer.done(RESULT) }));

  await expect(run(saveSnapshot, stage, INPUT)).rejects.toThrow(NotReadyYet);
  await expect(run(saveSnapshot, stage, INPUT, { begun: AGAIN })).rejects.toThrow(NotReadyYet);
  await run(saveSnapshot, stage, INPUT, { begun: AGAIN });

  expect(new Set(saved(stage).map(({ parameters }) => parameters["job"]?.[0])).size).toBe(1);
  expect((await noteOf(stage)).attempts.map(({ member }) => member)).toEqual(["b"]);
});

test("1.10.8: a master that is replaced meanwhile is left for another", async () => {
  const stage = newStage((member) => (member === "b" ? undefined : { ok: true, output: jobAnswer.done(RESULT) }));
  await expect(run(saveSnapshot, stage, INPUT)).rejects.toThrow(NotReadyYet);
  await stage.store.updateMember(NAME, "b", { instanceId: "i-b2" });

  await run(saveSnapshot, stage, INPUT, { begun: AGAIN });

  expect((await noteOf(stage)).attempts).toMatchObject([
    { member: "b", failed: "its master was replaced meanwhile" },
    { member: "c" },
  ]);
});

test("a host that fails is left for another, three times at most", async () => {
  const stage = newStage((member) => ({ ok: true, output: jobAnswer.failed(`no space on ${member}`) }));

  await expect(run(saveSnapshot, stage, INPUT)).rejects.toThrow(NotReadyYet);
  await expect(run(saveSnapshot, stage, INPUT, { begun: AGAIN })).rejects.toThrow(NotReadyYet);
  await expect(run(saveSnapshot, stage, INPUT, { begun: AGAIN })).rejects.toThrow(BackupFailed);

  expect((await noteOf(stage)).attempts.map(({ member }) => member)).toEqual(["b", "c", "a"]);
});

test("a master is waited for as long as a repair takes; without a quorum the backup fails with the reason", async () => {
  const stage = newStage();
  stage.account.host = () => ({ ok: false, output: "" });
  const clock = new TestClock();

  await expect(run(saveSnapshot, stage, INPUT, { clock })).rejects.toThrow(NotReadyYet);
  clock.advance(301_000);

  const last = run(saveSnapshot, stage, INPUT, { begun: AGAIN, clock });
  await expect(last).rejects.toThrow(new BackupFailed("no member can be saved: no master answers"));
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(saveSnapshot, newStage, INPUT);
});
