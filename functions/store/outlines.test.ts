import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLUSTER_TABLE, startDynamoDb } from "../../local/testing/dynamodb.ts";
import { CREATED_AT, clusterRecord, memberRecord, NAME } from "../../test/support/steps/records.ts";
import { type DriftState, NO_DRIFT } from "../domain/drift/drift-records.ts";
import { ownCluster } from "../domain/fleet/endpoint-records.ts";
import { toFleetView } from "../domain/fleet/fleet-view.ts";
import { listLocalClusters } from "../usecases/fleet/local-clusters.ts";
import { toClusterView } from "../usecases/operations/views.ts";
import { keys, type Table } from "./keys.ts";
import { listOutlines } from "./outlines.ts";
import { listKind } from "./reconcile.ts";

let dynamodb: Awaited<ReturnType<typeof startDynamoDb>>;
let table: Table;
const FOUND = { key: "k", area: "network", since: CREATED_AT } as const;
const drift: DriftState = { ...NO_DRIFT, found: [{ ...FOUND, message: "a route is missing", reported: true }] };
const record = clusterRecord({ leader: "b", drift }, { "--backup-interval": "0" });
const members = ["a", "b", "c"].map((member) => memberRecord(member, member === "c" ? { health: "unhealthy" } : {}));

beforeAll(async () => {
  dynamodb = await startDynamoDb();
  dynamodb.service.createTable(CLUSTER_TABLE);
  table = { name: "clusters", client: dynamodb.documents };
  const items = [
    { ...keys.cluster(NAME), kind: "CLUSTER", name: NAME, record },
    ...members.map((member) => ({
      ...{ ...keys.member(NAME, member.member), kind: "MEMBER", name: `${NAME}/${member.member}`, record: member },
    })),
  ];
  for (const Item of items) await table.client.send(new PutCommand({ TableName: table.name, Item }));
});
afterAll(() => dynamodb[Symbol.asyncDispose]());

test("an outline shows a fleet as the whole records do", async () => {
  const blank = { policy: { masters: { minimum: 5 } }, strategy: null, createdAt: "", updatedAt: "" };
  const fleet = { name: "f", selector: null, clusters: [{ endpoint: "local", cluster: NAME }], ...blank };
  const whole = toFleetView(fleet, [ownCluster(toClusterView(record, members))]);

  const view = toFleetView(fleet, (await listLocalClusters(table)).map(ownCluster));

  expect(view).toEqual(whole);
  expect(view.clusters[0]?.problems).toEqual([
    "2 of 3 members healthy, not: c",
    "0 of 2 nodes ready",
    "a route is missing",
  ]);
  expect(view.monthlyCost).toBeGreaterThan(0);
});

test("an outline is less than half of a cluster's item", async () => {
  const [outline] = await listOutlines(table);
  const [item] = await listKind(table, "CLUSTER");

  expect(JSON.stringify(outline?.cluster).length).toBeLessThan(JSON.stringify(item).length / 2);
  expect(outline?.cluster.plan).toEqual({ members: record.plan.members, cost: { monthly: record.plan.cost?.monthly } });
});
