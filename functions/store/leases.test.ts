import { expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import { LEASE_MS } from "../domain/cluster/records.ts";
import { recoverRecord } from "../domain/deletion/deletion.ts";
import { getOperation } from "./operation-records.ts";
import { createClusterRecord, finishOperation } from "./operations.ts";
import { beginSideOperation } from "./side-operations.ts";
import { beginStep } from "./steps.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
const LATER = new Date("2026-11-25T12:09:00Z");
const NAME = "ha.example.com";

test("17: a backup that an operation waits for keeps that one's lease, step by step, and no lease of one that has ended", async () => {
  await using dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  const table = { name: "clusters", client: dynamodb.documents };
  const found = { name: NAME, uid: "01ab", region: "us-west-2", zones: [] };
  const cluster = { ...recoverRecord(found, NOW), status: "REPAIRING" as const, operation: "restore-1" };
  await createClusterRecord(table, cluster, "restore-1", undefined, NOW);
  const backup = { cluster: NAME, operation: "restore-1-after-0", kind: "backup", listed: true } as const;
  await beginSideOperation(table, { ...backup, parent: "restore-1" }, NOW);

  const step = { operation: backup.operation, cluster: NAME, step: "Save snapshot", member: null };
  await beginStep(table, step, LATER);
  expect((await getOperation(table, "restore-1")).leaseUntil).toBe(LATER.getTime() + LEASE_MS);

  const outcome = { status: "FAILED", error: null, clusterStatus: "ACTIVE", reason: null } as const;
  await finishOperation(table, { id: "restore-1", cluster: NAME }, outcome, LATER);
  await beginStep(table, step, new Date("2026-11-25T12:30:00Z"));
  expect((await getOperation(table, "restore-1")).leaseUntil).toBe(LATER.getTime() + LEASE_MS);
});
