import { expect, test } from "vitest";
import { ownerOf } from "../../../functions/domain/cluster/records.ts";
import { createClusterRecord } from "../../../functions/store/operations.ts";
import { openStore, type Store } from "../../../functions/store/store.ts";
import { CLUSTER_TABLE, startDynamoDb } from "../../../local/testing/dynamodb.ts";
import { manifestOf } from "../backups.ts";
import { MemoryStore } from "./memory-store.ts";
import { clusterRecord, NAME, operationRecord } from "./records.ts";

const NOW = new Date("2026-11-29T12:00:00Z");
const LATER = new Date("2026-11-29T12:30:00Z");
const created = clusterRecord({ status: "CREATING", operation: "create-1" });
const running = operationRecord("create", { startedAt: NOW.toISOString() });

/** The real store on a table that conditions are checked by, and the one that tests of steps have. */
async function openBoth(): Promise<readonly [Store, Store]> {
  const dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  const table = { name: "clusters", client: dynamodb.documents };
  await createClusterRecord(table, created, "create-1", undefined, NOW);
  const real = openStore(table, { table: "heartbeats", instances: "", client: table.client });
  return [real, new MemoryStore(created, [], [running])];
}

/** What it answers, or the name of the error that it throws. */
function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.catch((error: unknown) => (error instanceof Error ? error.name : "no error"));
}

function take(operation: string) {
  return { cluster: NAME, operation, kind: "repair", status: "REPAIRING", reason: "lost" } as const;
}

const finish = { status: "SUCCEEDED", error: null, clusterStatus: "ACTIVE", reason: null, fulfilled: true } as const;
const event = { time: NOW.toISOString(), type: "master-lost", message: "gone", member: "a", operation: "repair-1" };
function drift(version: number) {
  return { version, fullAt: null, found: [] };
}

const BACKUP = manifestOf();
const LATER_ID = "2026-11-29T121400Z-5a5a";
const DRILL = {
  ...{ operation: "drill-1", at: "2026-11-29T12:00:00.000Z", level: "data" as const, ok: true, problems: [] },
  ...{ warnings: [], seconds: 192, revision: 4193, totalKey: 1287, kinds: { pods: 40 } },
};

function side(operation: string) {
  return { cluster: NAME, operation, kind: "backup", listed: false } as const;
}

const STEPS: readonly (readonly [string, (store: Store) => Promise<unknown>])[] = [
  ["reads what is there", (store) => store.getCluster(NAME)],
  ["refuses what is not", (store) => store.getCluster("other.example.com")],
  ["finds nothing of what is not", (store) => store.findCluster("other.example.com")],
  [
    "writes for the operation that holds the cluster",
    (store) => store.updateCluster(NAME, "create-1", { leader: "a" }, NOW),
  ],
  ["refuses every other", (store) => store.updateCluster(NAME, "repair-1", { leader: "b" }, NOW)],
  ["calls no held cluster degraded", (store) => store.markDegraded(NAME, "why", NOW)],
  ["makes a member by changing it", (store) => store.updateMember(NAME, "b", { volumeId: "vol-b" })],
  ["changes a member", (store) => store.updateMember(NAME, "b", { health: "healthy", generation: 2 })],
  ["makes another", (store) => store.updateMember(NAME, "a", { interfaceId: "eni-a" })],
  ["lists members by name", (store) => store.listMembers(NAME)],
  ["makes a third", (store) => store.updateMember(NAME, "c", { health: "healthy" })],
  ["forgets it", (store) => store.forgetMember(NAME, "c", NOW)],
  ["and one that is not there", (store) => store.forgetMember(NAME, "d", NOW)],
  ["lists it no more", (store) => store.listMembers(NAME)],
  ["writes an event once", (store) => store.addEvent(NAME, event)],
  ["and not again", (store) => store.addEvent(NAME, event)],
  ["lists events", (store) => store.listEvents(NAME)],
  ["records drift after what was known", (store) => store.recordDrift(NAME, 0, drift(1))],
  ["and not after what was not", (store) => store.recordDrift(NAME, 0, drift(1))],
  [
    "learns the id of etcd's cluster once",
    async (store) => {
      await store.recordClusterId(NAME, "77");
      await store.recordClusterId(NAME, "88");
      return (await store.getCluster(NAME)).etcdClusterId;
    },
  ],
  ["takes no cluster from a run that has its lease", (store) => store.takeCluster(take("repair-1"), NOW)],
  ["takes it once the lease is over", (store) => store.takeCluster(take("repair-1"), LATER)],
  ["which ends the former run", (store) => store.getOperation("create-1")],
  ["and fences it", (store) => store.updateCluster(NAME, "create-1", { leader: "c" }, LATER)],
  ["takes what it holds already", (store) => store.takeCluster(take("repair-1"), LATER)],
  ["refuses to begin while it is held", (store) => store.refuseWhileHeld(NAME, "repair-1", LATER)],
  ["lists operations, newest first", async (store) => (await store.listOperations(NAME, 5)).map(({ id }) => id)],
  ["ends an operation", (store) => store.finishOperation({ id: "repair-1", cluster: NAME }, finish, LATER)],
  [
    "and does no harm by ending it again",
    (store) => store.finishOperation({ id: "repair-1", cluster: NAME }, finish, NOW),
  ],
  ["knows how it ended", (store) => store.getOperation("repair-1")],
  ["refuses an operation that is not there", (store) => store.getOperation("repair-9")],
  ["calls a free cluster degraded", (store) => store.markDegraded(NAME, "why", LATER)],
  [
    "gives a node's key to the first",
    (store) => store.claimNodeKey({ uid: "u", instanceId: "i-1", keyHash: "k" }, NOW),
  ],
  ["and to nobody else", (store) => store.claimNodeKey({ uid: "u", instanceId: "i-1", keyHash: "l" }, NOW)],
  ["knows names by uid", (store) => store.namesOfUid(ownerOf(created).uid)],
  [
    "forgets nothing for whom does not hold it",
    async (store) => store.forgetCluster(await store.getCluster(NAME), "delete-1", LATER),
  ],
  [
    "records a backup with what it means for the cluster",
    (store) => store.recordBackup(BACKUP, { lastOkId: BACKUP.id }),
  ],
  ["and not again", (store) => store.recordBackup(BACKUP, { lastOkId: "another" })],
  ["records another", (store) => store.recordBackup({ ...BACKUP, id: LATER_ID }, { lastOkId: LATER_ID })],
  ["says so in the cluster's record", async (store) => (await store.getCluster(NAME)).backup],
  ["records what is known of backups alone", (store) => store.recordBackupFacts(NAME, { lastError: "S3 throttles" })],
  ["lists backups, newest first", (store) => store.listBackups(NAME)],
  ["finds one", (store) => store.findBackup(NAME, BACKUP.id)],
  ["pins one", (store) => store.pinBackup(NAME, BACKUP.id, true)],
  ["removes no pinned one", (store) => store.markBackupRemoved(NAME, BACKUP.id)],
  ["pins none that is not there", (store) => store.pinBackup(NAME, "2020-01-01T000000Z-0000", true)],
  ["takes the pin away", (store) => store.pinBackup(NAME, BACKUP.id, false)],
  ["records what a drill of it found", (store) => store.recordDrill(NAME, BACKUP.id, DRILL)],
  ["marks one that is being removed", (store) => store.markBackupRemoved(NAME, BACKUP.id)],
  ["of which no drill is recorded", (store) => store.recordDrill(NAME, BACKUP.id, DRILL)],
  ["which nobody can pin", (store) => store.pinBackup(NAME, BACKUP.id, true)],
  ["forgets it", (store) => store.forgetBackup(NAME, BACKUP.id, NOW)],
  ["and knows it no more", (store) => store.getBackup(NAME, BACKUP.id)],
  ["begins a backup beside what holds the cluster", (store) => store.beginSideOperation(side("backup-1"), NOW)],
  ["keeps its lease", (store) => store.renewLease("backup-1", NOW)],
  ["and that of no operation that is not there", (store) => store.renewLease("backup-99", NOW)],
  ["finds that it was begun", (store) => store.beginSideOperation(side("backup-1"), LATER)],
  ["begins no second one", (store) => store.beginSideOperation(side("backup-2"), NOW)],
  ["notes something of it", (store) => store.noteSide("backup-1", { member: "b" })],
  ["and reads it", (store) => store.findSideNote("backup-1")],
  ["supersedes one that stopped answering", (store) => store.beginSideOperation(side("backup-2"), LATER)],
  ["which has ended then", (store) => store.getOperation("backup-1")],
  ["ends a backup", (store) => store.endSideOperation("backup-2", { status: "SUCCEEDED", error: null }, LATER)],
  ["and not again", (store) => store.endSideOperation("backup-2", { status: "FAILED", error: null }, LATER)],
  ["begins the next one then", (store) => store.beginSideOperation(side("backup-3"), LATER)],
  ["and a drill beside it", (store) => store.beginSideOperation({ ...side("drill-1"), kind: "drill" }, LATER)],
  ["ends both for a deletion", (store) => store.endSideOperations(NAME, "delete-2", LATER)],
  ["also for one that comes again", (store) => store.endSideOperations(NAME, "delete-2", LATER)],
  ["of which each says so", (store) => store.getOperation("drill-1")],
  ["is taken for its deletion", (store) => store.takeCluster(take("repair-2"), LATER)],
  ["is forgotten", async (store) => store.forgetCluster(await store.getCluster(NAME), "repair-2", LATER)],
  ["which ends the backup", (store) => store.getOperation("backup-3")],
  ["and no lease is left of it", (store) => store.beginSideOperation(side("backup-4"), LATER)],
  ["is as it should be in the end", (store) => store.getCluster(NAME)],
];

test("the store of the steps' tests answers as the real one does", async () => {
  const [real, memory] = await openBoth();

  for (const [what, ask] of STEPS) {
    expect([what, await outcome(ask(memory))]).toEqual([what, await outcome(ask(real))]);
  }
});
