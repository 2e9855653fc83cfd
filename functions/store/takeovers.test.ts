import { expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import type { ClusterRecord } from "../domain/cluster/records.ts";
import { recoverRecord } from "../domain/deletion/deletion.ts";
import { findCluster, updateCluster } from "./clusters.ts";
import type { Table } from "./keys.ts";
import { createClusterRecord } from "./operations.ts";
import { takerOfUid } from "./takeovers.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
const takenFrom = { cluster: "old.example.com", uid: "01old", backup: "2026-11-25T110000Z-4f1c" };

function taker(name: string, uid = name): ClusterRecord {
  const record = recoverRecord({ name, uid, region: "us-west-2", zones: [] }, NOW);
  return { ...record, status: "CREATING", operation: `create-${uid}`, takenFrom };
}

async function newTable() {
  const dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  const table: Table = { name: "clusters", client: dynamodb.documents };
  return {
    table,
    take: (record: ClusterRecord) => createClusterRecord(table, record, `create-${record.uid}`, undefined, NOW),
    remove: ({ name, uid }: ClusterRecord) => updateCluster(table, name, `create-${uid}`, { status: "DELETED" }, NOW),
    [Symbol.asyncDispose]: () => dynamodb[Symbol.asyncDispose](),
  };
}

test("17.5: of two takeovers of one source at the same moment one wins, and the other leaves nothing on record", async () => {
  await using stage = await newTable();

  const outcomes = await Promise.allSettled([stage.take(taker("one")), stage.take(taker("two"))]);

  const recorded = await Promise.all(["one", "two"].map((name) => findCluster(stage.table, name)));
  const [winner, ...others] = recorded.flatMap((record) => record?.name ?? []);
  expect(others).toEqual([]);
  expect(await takerOfUid(stage.table, "01old")).toBe(winner);
  expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([
    { status: "rejected", reason: expect.objectContaining({ name: "TakeoverRefused" }) },
  ]);
});

test("17.5: a taker gives way once it is deleted, to one of its own name too", async () => {
  await using stage = await newTable();
  await stage.take(taker("one"));
  await expect(stage.take(taker("two"))).rejects.toThrow("old.example.com has been taken over by one already");
  await stage.remove(taker("one"));

  expect(await takerOfUid(stage.table, "01old")).toBeUndefined();
  await stage.take(taker("one", "later"));
  expect(await takerOfUid(stage.table, "01old")).toBe("one");
  await stage.remove(taker("one", "later"));
  await stage.take(taker("two"));
  expect(await takerOfUid(stage.table, "01old")).toBe("two");
});

test("17.5: the same takeover again finds the cluster that it has made", async () => {
  await using stage = await newTable();
  await stage.take(taker("one"));

  await expect(stage.take(taker("one", "again"))).rejects.toMatchObject({ name: "ClusterExists" });
});
