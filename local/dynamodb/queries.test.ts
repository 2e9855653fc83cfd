import { expect, test } from "vitest";
import { startDynamoDb } from "../testing/dynamodb.ts";

const TableName = "ttt";

async function withItems(...sks: string[]) {
  const db = await startDynamoDb();
  for (const sk of sks) await db.documents.put({ TableName, Item: { pk: "a", sk, g: "g1", n: Number(sk.at(-1)) } });
  return db;
}

test("a query reads one partition in the order of the sort key, forwards or backwards", async () => {
  await using db = await withItems("event#2", "event#1", "member#1", "event#3");
  await db.documents.put({ TableName, Item: { pk: "b", sk: "event#9" } });
  const query = (ScanIndexForward: boolean) =>
    db.documents.query({
      TableName,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
      ExpressionAttributeValues: { ":pk": "a", ":prefix": "event#" },
      ScanIndexForward,
    });
  expect((await query(true)).Items?.map((item) => item["sk"])).toEqual(["event#1", "event#2", "event#3"]);
  expect((await query(false)).Items?.map((item) => item["sk"])).toEqual(["event#3", "event#2", "event#1"]);
});

test("pages of an index query meet every item once, and a filter counts what was read", async () => {
  await using db = await withItems("1", "2", "3", "4", "5");
  const seen: unknown[] = [];
  const counts: unknown[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await db.documents.query({
      TableName,
      IndexName: "gs1",
      KeyConditionExpression: "g = :g",
      FilterExpression: "n <> :three",
      ExpressionAttributeValues: { ":g": "g1", ":three": 3 },
      Limit: 2,
      ExclusiveStartKey,
    });
    seen.push(...(page.Items ?? []).map((item) => item["sk"]));
    counts.push([page.Count, page.ScannedCount]);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  expect(seen).toEqual(["1", "2", "4", "5"]);
  expect(counts).toEqual([
    [2, 2],
    [1, 2],
    [1, 1],
  ]);
});

test("a page ends after a megabyte", async () => {
  await using db = await startDynamoDb();
  for (const sk of ["1", "2", "3", "4"]) {
    await db.documents.put({ TableName, Item: { pk: "a", sk, filler: "x".repeat(390_000) } });
  }
  const page = await db.documents.scan({ TableName, ProjectionExpression: "sk" });
  expect(page.Items).toEqual([{ sk: "1" }, { sk: "2" }, { sk: "3" }]);
  expect(page.LastEvaluatedKey).toEqual({ pk: "a", sk: "3" });
});

test("the segments of a parallel scan share out every item", async () => {
  await using db = await startDynamoDb();
  const pks = Array.from({ length: 20 }, (_, index) => `p${index}`);
  for (const pk of pks) await db.documents.put({ TableName, Item: { pk, sk: "1" } });
  const segments = await Promise.all(
    [0, 1, 2].map((Segment) => db.documents.scan({ TableName, Segment, TotalSegments: 3 })),
  );
  const found = segments.flatMap(({ Items = [] }) => Items.map((item) => item["pk"]));
  expect(found.toSorted()).toEqual(pks.toSorted());
  expect(segments.every(({ Count }) => Count !== 20)).toBe(true);
});

test.each([
  ["sk = :v", "Query condition missed key schema element: pk"],
  ["pk > :v", "Query key condition not supported"],
  ["pk = :v AND n = :v", "Query condition missed key schema element: sk"],
  ["pk = :v OR sk = :v", "Invalid operator used in KeyConditionExpression: OR"],
])("the key condition %s is refused", async (KeyConditionExpression, message) => {
  await using db = await startDynamoDb();
  const query = db.documents.query({ TableName, KeyConditionExpression, ExpressionAttributeValues: { ":v": "x" } });
  await expect(query).rejects.toMatchObject({ name: "ValidationException", message });
});

test("filters on keys, consistent reads of an index and unknown indexes are refused", async () => {
  await using db = await startDynamoDb();
  const base = { TableName, KeyConditionExpression: "pk = :v", ExpressionAttributeValues: { ":v": "x" } };
  await expect(db.documents.query({ ...base, FilterExpression: "sk = :v" })).rejects.toThrow(
    "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
  );
  await expect(db.documents.query({ ...base, IndexName: "gs1", ConsistentRead: true })).rejects.toThrow(
    "Consistent reads are not supported on global secondary indexes",
  );
  await expect(db.documents.query({ ...base, IndexName: "other" })).rejects.toThrow(
    "The table does not have the specified index: other",
  );
});

test("batches read and write across keys, and refuse the same key twice", async () => {
  await using db = await startDynamoDb();
  const items = ["1", "2", "3"].map((sk) => ({ pk: "a", sk }));
  await db.documents.batchWrite({ RequestItems: { ttt: items.map((Item) => ({ PutRequest: { Item } })) } });
  const read = await db.documents.batchGet({ RequestItems: { ttt: { Keys: [...items, { pk: "b", sk: "1" }] } } });
  expect(read.Responses?.["ttt"]).toEqual(items);
  const twice = [{ DeleteRequest: { Key: { pk: "a", sk: "1" } } }, { DeleteRequest: { Key: { pk: "a", sk: "1" } } }];
  await expect(db.documents.batchWrite({ RequestItems: { ttt: twice } })).rejects.toThrow(
    "Provided list of item keys contains duplicates",
  );
});
