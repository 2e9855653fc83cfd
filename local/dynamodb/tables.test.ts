import { expect, test } from "vitest";
import { startDynamoDb, tableT } from "../testing/dynamodb.ts";
import type { ItemChange } from "./store.ts";

const TableName = "ttt";
const key = { pk: "a", sk: "1" };

test("a table is created, described, listed, tagged and deleted", async () => {
  await using db = await startDynamoDb();
  const created = await db.client.createTable({
    TableName: "other",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  });
  const ResourceArn = created.TableDescription?.TableArn;
  expect(ResourceArn).toBe("arn:aws:dynamodb:us-west-2:123456789012:table/other");
  expect((await db.client.listTables({})).TableNames).toEqual(["other", "ttt"]);
  await db.client.tagResource({ ResourceArn, Tags: [{ Key: "k", Value: "v" }] });
  expect((await db.client.listTagsOfResource({ ResourceArn })).Tags).toEqual([{ Key: "k", Value: "v" }]);
  await db.client.deleteTable({ TableName: "other" });
  await expect(db.client.describeTable({ TableName: "other" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: "Requested resource not found: Table: other not found",
  });
});

test("an index added later shows the items that were there before", async () => {
  await using db = await startDynamoDb();
  await db.documents.put({ TableName, Item: { ...key, kind: "cluster", secret: "s" } });
  await db.client.updateTable({
    TableName,
    AttributeDefinitions: [{ AttributeName: "kind", AttributeType: "S" }],
    GlobalSecondaryIndexUpdates: [
      {
        Create: {
          IndexName: "by-kind",
          KeySchema: [{ AttributeName: "kind", KeyType: "HASH" }],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      },
    ],
  });
  const found = await db.documents.query({
    TableName,
    IndexName: "by-kind",
    KeyConditionExpression: "kind = :k",
    ExpressionAttributeValues: { ":k": "cluster" },
  });
  expect(found.Items).toEqual([{ ...key, kind: "cluster" }]);
});

test("expired items are still read until they are removed, two days late", async () => {
  await using db = await startDynamoDb();
  const removed: ItemChange[] = [];
  db.service.onChange((change) => {
    if (change.kind === "REMOVE") removed.push(change);
  });
  await db.documents.put({ TableName, Item: { ...key, expiresAt: db.time.now / 1000 + 60 } });
  db.time.now += 3_600_000;
  expect(db.service.deleteExpired()).toBe(0);
  expect((await db.documents.get({ TableName, Key: key })).Item).toBeDefined();
  db.time.now += 48 * 3_600_000;
  expect(db.service.deleteExpired()).toBe(1);
  expect((await db.documents.get({ TableName, Key: key })).Item).toBeUndefined();
  expect(removed.map((change) => change.oldImage?.["pk"])).toEqual([{ S: "a" }]);
});

test("changes are fed with both images, and a write that changes nothing is not one", async () => {
  await using db = await startDynamoDb();
  const changes: ItemChange[] = [];
  const stop = db.service.onChange((change) => changes.push(change));
  await db.documents.put({ TableName, Item: { ...key, n: 1 } });
  await db.documents.put({ TableName, Item: { ...key, n: 1 } });
  await db.documents.put({ TableName, Item: { ...key, n: 2 } });
  stop();
  await db.documents.delete({ TableName, Key: key });
  expect(changes.map(({ kind, oldImage, newImage }) => [kind, oldImage?.["n"], newImage?.["n"]])).toEqual([
    ["INSERT", undefined, { N: "1" }],
    ["MODIFY", { N: "1" }, { N: "2" }],
  ]);
});

test("a snapshot restores tables and items, and a declared table keeps them", async () => {
  await using before = await startDynamoDb();
  const item = { ...key, g: "g1", bytes: new Uint8Array([0, 255]), nested: { list: [true, null, new Set(["x"])] } };
  await before.documents.put({ TableName, Item: item });
  await using after = await startDynamoDb(JSON.parse(JSON.stringify(before.service.snapshot())));
  expect((await after.documents.get({ TableName, Key: key })).Item).toEqual(item);
  const otherKey = {
    ...tableT,
    keySchema: tableT.keySchema.slice(0, 1),
    globalSecondaryIndexes: [],
    attributeDefinitions: tableT.attributeDefinitions.slice(0, 1),
  };
  expect(() => after.service.createTable(otherKey)).toThrow("cannot become");
});

test("time to live and point-in-time recovery say what is set", async () => {
  await using db = await startDynamoDb();
  expect((await db.client.describeTimeToLive({ TableName })).TimeToLiveDescription).toEqual({
    TimeToLiveStatus: "ENABLED",
    AttributeName: "expiresAt",
  });
  const TimeToLiveSpecification = { Enabled: true, AttributeName: "expiresAt" };
  await expect(db.client.updateTimeToLive({ TableName, TimeToLiveSpecification })).rejects.toThrow("already enabled");
  await db.client.updateContinuousBackups({
    TableName,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
  const { ContinuousBackupsDescription } = await db.client.describeContinuousBackups({ TableName });
  expect(ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus).toBe("ENABLED");
});
