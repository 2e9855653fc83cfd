import { expect, test } from "vitest";
import { startDynamoDb } from "../testing/dynamodb.ts";

const TableName = "ttt";
const lock = { pk: "LOCK#c", sk: "1" };
const record = { pk: "c", sk: "1" };

test("all writes of a transaction happen", async () => {
  await using db = await startDynamoDb();
  await db.documents.put({ TableName, Item: { ...lock, fence: 7 } });
  await db.documents.transactWrite({
    TransactItems: [
      {
        ConditionCheck: {
          TableName,
          Key: lock,
          ConditionExpression: "fence = :f",
          ExpressionAttributeValues: { ":f": 7 },
        },
      },
      { Put: { TableName, Item: { ...record, state: "ACTIVE" } } },
    ],
  });
  const read = await db.documents.transactGet({
    TransactItems: [{ Get: { TableName, Key: record } }, { Get: { TableName, Key: { pk: "x", sk: "x" } } }],
  });
  expect(read.Responses).toEqual([{ Item: { ...record, state: "ACTIVE" } }, {}]);
});

test("one failed condition leaves nothing written, and the reasons come in the order of the request", async () => {
  await using db = await startDynamoDb();
  await db.documents.put({ TableName, Item: { ...lock, fence: 8 } });
  const transaction = db.documents.transactWrite({
    TransactItems: [
      { Put: { TableName, Item: record } },
      {
        Update: {
          TableName,
          Key: lock,
          UpdateExpression: "SET x = :f",
          ConditionExpression: "fence = :f",
          ExpressionAttributeValues: { ":f": 7 },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
    ],
  });
  await expect(transaction).rejects.toMatchObject({
    name: "TransactionCanceledException",
    message:
      "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]",
    CancellationReasons: [
      { Code: "None" },
      { Code: "ConditionalCheckFailed", Message: "The conditional request failed", Item: { fence: { N: "8" } } },
    ],
  });
  expect((await db.documents.get({ TableName, Key: record })).Item).toBeUndefined();
});

test("an update that does not fit its item cancels the transaction with ValidationError", async () => {
  await using db = await startDynamoDb();
  const Update = {
    TableName,
    Key: record,
    UpdateExpression: "SET n = absent + :one",
    ExpressionAttributeValues: { ":one": 1 },
  };
  await expect(db.documents.transactWrite({ TransactItems: [{ Update }] })).rejects.toMatchObject({
    CancellationReasons: [
      {
        Code: "ValidationError",
        Message: "The provided expression refers to an attribute that does not exist in the item",
      },
    ],
  });
});

test("a repeated request token does nothing for ten minutes, and must come with the same request", async () => {
  await using db = await startDynamoDb();
  const add = (amount: number) =>
    db.documents.transactWrite({
      ClientRequestToken: "token-1",
      TransactItems: [
        {
          Update: { TableName, Key: record, UpdateExpression: "ADD n :v", ExpressionAttributeValues: { ":v": amount } },
        },
      ],
    });
  const total = async () => (await db.documents.get({ TableName, Key: record })).Item?.["n"];
  await add(1);
  await add(1);
  expect(await total()).toBe(1);
  await expect(add(2)).rejects.toMatchObject({ name: "IdempotentParameterMismatchException" });
  db.time.now += 10 * 60_000;
  await add(1);
  expect(await total()).toBe(2);
});

test("two actions on one item are refused", async () => {
  await using db = await startDynamoDb();
  const TransactItems = [{ Put: { TableName, Item: record } }, { Delete: { TableName, Key: record } }];
  await expect(db.documents.transactWrite({ TransactItems })).rejects.toThrow(
    "Transaction request cannot include multiple operations on one item",
  );
});
