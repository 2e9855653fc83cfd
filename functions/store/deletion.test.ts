import { expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import { ClusterUnknown } from "../domain/cluster/errors.ts";
import type { ClusterRecord } from "../domain/cluster/records.ts";
import { recoverRecord } from "../domain/deletion/deletion.ts";
import { getCluster } from "./clusters.ts";
import { forgetCluster, requestDeletion } from "./deletion.ts";
import { keys, type Table } from "./keys.ts";
import { forgetMember, listMembers, rememberInstance, updateMember } from "./members.ts";
import { getOperation } from "./operation-records.ts";
import { createClusterRecord, finishOperation } from "./operations.ts";
import { allMembers } from "./reconcile.ts";
import { beginSideOperation } from "./side-operations.ts";
import { beginStep, endStep, stepsInFlight } from "./steps.ts";
import { namesOfUid } from "./uids.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
const NAME = "gone.example.com";
const found = { name: NAME, uid: "01ab", region: "us-west-2", zones: [] };
const creating: ClusterRecord = {
  ...recoverRecord(found, NOW),
  status: "CREATING",
  reason: null,
  operation: "create-1",
};
const step = { operation: "create-1", cluster: NAME, step: "Create network", member: null };

/** The table as the stack makes it. */
async function openTable() {
  const dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  const table: Table = { name: "clusters", client: dynamodb.documents };
  return { table, dynamodb, [Symbol.asyncDispose]: () => dynamodb[Symbol.asyncDispose]() };
}

function ask(table: Table, operation: string, key?: string) {
  return requestDeletion(
    table,
    {
      name: NAME,
      operation,
      claim: key === undefined ? undefined : { key, requestHash: "h" },
      recover: async (known) => {
        if (known) throw new ClusterUnknown("it was deleted");
        return recoverRecord(found, NOW);
      },
    },
    NOW,
  );
}

test("a deletion takes a cluster from the creation that works on it, and that one's next step is refused", async () => {
  await using stage = await openTable();
  const { table } = stage;
  await createClusterRecord(table, creating, "create-1", undefined, NOW);

  await ask(table, "delete-1");

  expect(await getCluster(table, NAME)).toMatchObject({ status: "DELETING", operation: "delete-1" });
  const overruled = await getOperation(table, "create-1");
  expect(overruled).toMatchObject({ status: "FAILED", error: { name: "LeaseLost" } });
  await expect(beginStep(table, step, NOW)).rejects.toMatchObject({ name: "LeaseLost" });
});

test("a second deletion is answered with the first, also when both come at once", async () => {
  await using stage = await openTable();
  const { table } = stage;
  await createClusterRecord(table, creating, "create-1", undefined, NOW);

  const answers = await Promise.all(["delete-1", "delete-2", "delete-3"].map((id) => ask(table, id)));

  expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
});

test("the same key is answered with the same operation, even after it has ended", async () => {
  await using stage = await openTable();
  const { table } = stage;
  await createClusterRecord(table, creating, "create-1", undefined, NOW);
  await ask(table, "delete-1", "key");
  const outcome = { status: "SUCCEEDED", error: null, clusterStatus: "DELETED", reason: null } as const;
  await finishOperation(table, { id: "delete-1", cluster: NAME }, outcome, NOW);

  const again = await ask(table, "delete-2", "key");

  expect(again).toMatchObject({ id: "delete-1", status: "SUCCEEDED" });
  await expect(ask(table, "delete-3")).rejects.toThrow("it was deleted");
});

test("a cluster that is not on record is put on record, held by its deletion", async () => {
  await using stage = await openTable();
  const { table } = stage;

  await ask(table, "delete-1");

  expect(await getCluster(table, NAME)).toMatchObject({ uid: "01ab", status: "DELETING", operation: "delete-1" });
});

test("after a deletion the name is free for a new cluster", async () => {
  await using stage = await openTable();
  const { table } = stage;
  await ask(table, "delete-1");
  const outcome = { status: "SUCCEEDED", error: null, clusterStatus: "DELETED", reason: null } as const;
  await finishOperation(table, { id: "delete-1", cluster: NAME }, outcome, NOW);

  await createClusterRecord(table, { ...creating, uid: "02cd", operation: "create-2" }, "create-2", undefined, NOW);

  expect(await getCluster(table, NAME)).toMatchObject({ uid: "02cd", status: "CREATING" });
});

test("steps that have begun are known until they end, however often they begin", async () => {
  await using stage = await openTable();
  const { table } = stage;
  await createClusterRecord(table, creating, "create-1", undefined, NOW);

  await beginStep(table, step, NOW);
  await endStep(table, step, { status: "WAITING", message: null }, NOW);
  const between = await stepsInFlight(table, "create-1");
  await beginStep(table, step, NOW);
  await beginStep(table, { ...step, step: "Prepare member", member: "a" }, NOW);

  expect(between).toEqual([]);
  expect((await stepsInFlight(table, "create-1")).toSorted()).toEqual(["Create network", "Prepare member a"]);
});

test("members and instances are forgotten; record and operations stay, and other clusters' are untouched", async () => {
  await using stage = await openTable();
  const { table } = stage;
  await ask(table, "delete-1");
  await updateMember(table, NAME, "a", { instanceId: "i-1" });
  await updateMember(table, "other.example.com", "a", { instanceId: "i-3" });
  for (const id of ["i-1", "i-2"]) await rememberInstance(table, id, { cluster: NAME, member: "a" }, NOW);

  await forgetCluster(table, await getCluster(table, NAME), "delete-1", NOW);

  const { Items = [] } = await stage.dynamodb.documents.scan({ TableName: table.name });
  expect(Items.map(({ pk, sk }) => `${pk} ${String(sk).split("#")[0]}`).toSorted()).toEqual([
    "CLUSTER#gone.example.com META",
    "CLUSTER#gone.example.com OPERATION",
    "CLUSTER#other.example.com MEMBER",
    "OPERATION#delete-1 META",
  ]);
  expect(await listMembers(table, NAME)).toEqual([]);
});

test("a member that was removed is on no list, ends in a week, and goes with its cluster", async () => {
  await using stage = await openTable();
  const { table } = stage;
  await ask(table, "delete-1");
  await updateMember(table, NAME, "a", { instanceId: "i-1" });
  await updateMember(table, NAME, "b", { instanceId: "i-2" });

  await forgetMember(table, NAME, "b", NOW);

  expect((await listMembers(table, NAME)).map(({ member }) => member)).toEqual(["a"]);
  expect([...(await allMembers(table)).values()].flat().map(({ member }) => member)).toEqual(["a"]);
  const { Item } = await stage.dynamodb.documents.get({ TableName: table.name, Key: keys.member(NAME, "b") });
  expect(Item?.["expiresAt"]).toBe(Math.floor(NOW.getTime() / 1000) + 604_800);

  await forgetCluster(table, await getCluster(table, NAME), "delete-1", NOW);

  expect(await stage.dynamodb.documents.get({ TableName: table.name, Key: keys.member(NAME, "b") })).not.toHaveProperty(
    "Item",
  );
});

test("1: a backup that still runs ends with its cluster, and the next cluster of that name is saved", async () => {
  await using stage = await openTable();
  const { table } = stage;
  const backup = { cluster: NAME, kind: "backup", listed: true } as const;
  await ask(table, "delete-1");
  await beginSideOperation(table, { ...backup, operation: "backup-1" }, NOW);

  await forgetCluster(table, await getCluster(table, NAME), "delete-1", NOW);

  expect(await getOperation(table, "backup-1")).toMatchObject({
    status: "FAILED",
    error: { name: "LeaseLost", message: "the cluster was deleted by delete-1" },
  });
  expect((await beginSideOperation(table, { ...backup, operation: "backup-2" }, NOW)).id).toBe("backup-2");
});

test("C2: whose uid it is, is known of clusters on record and DELETED ones; what poses as a record counts for nothing", async () => {
  await using stage = await openTable();
  const { table } = stage;
  await createClusterRecord(table, creating, "create-1", undefined, NOW);
  const put = (pk: string, name: string, record: object) =>
    stage.dynamodb.documents.put({ TableName: table.name, Item: { pk, sk: "META", kind: "CLUSTER", name, record } });
  await put("CLUSTER#old.example.com", "old.example.com", { name: "old.example.com", uid: "02cd", status: "DELETED" });
  await put("HEARTBEAT#02cd", "forged.example.com", { name: "forged.example.com", uid: "02cd" });
  await put("CLUSTER#odd.example.com", "other.example.com", { name: "other.example.com", uid: "02cd" });
  await put("CLUSTER#bad.example.com", "bad.example.com", { uid: "02cd" });

  expect(await namesOfUid(table, "01ab")).toEqual([NAME]);
  expect(await namesOfUid(table, "02cd")).toEqual(["old.example.com"]);
  expect(await namesOfUid(table, "03ef")).toEqual([]);
});
