import { expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import { NotReadyYet } from "../domain/cluster/errors.ts";
import type { TrafficRecord } from "../domain/traffic/traffic-records.ts";
import type { Table } from "./keys.ts";
import { deleteTraffic, findTraffic, listTraffic, writeTraffic } from "./traffic.ts";

const TRAFFIC: TrafficRecord = {
  ...{ fleet: "prod", id: "01k9", revision: 1, host: "app.example.com", hostedZoneId: "Z1", policy: "failover" },
  ...{ check: { protocol: "tcp", port: 443, path: null }, ttl: null, service: null, targets: [] },
  retired: { checks: [], names: [] },
  ...{ createdAt: "2026-11-30T10:00:00.000Z", updatedAt: "2026-11-30T10:00:00.000Z" },
};

test("a public name is written only as it was read, listed, and deleted", async () => {
  await using dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  const table: Table = { name: "clusters", client: dynamodb.documents };
  const changed = { ...TRAFFIC, revision: 2 };

  await writeTraffic(table, TRAFFIC, undefined);
  await expect(writeTraffic(table, TRAFFIC, undefined)).rejects.toThrow(NotReadyYet);
  await writeTraffic(table, changed, TRAFFIC);
  await expect(writeTraffic(table, changed, TRAFFIC)).rejects.toThrow(NotReadyYet);
  expect(await findTraffic(table, "prod")).toEqual(changed);
  expect(await listTraffic(table)).toEqual([changed]);
  await expect(deleteTraffic(table, TRAFFIC)).rejects.toThrow(NotReadyYet);
  await deleteTraffic(table, changed);

  expect([await findTraffic(table, "prod"), await listTraffic(table)]).toEqual([undefined, []]);
});
