import { expect, test } from "vitest";
import { startDynamoDb } from "../testing/dynamodb.ts";

const TableName = "ttt";
const key = { pk: "a", sk: "1" };

test("an item is stored, read, replaced and deleted", async () => {
  await using db = await startDynamoDb();
  const first = {
    ...key,
    n: 1.5,
    list: [1, "x"],
    tags: new Set(["p", "q"]),
    bytes: new Uint8Array([1, 255]),
    no: null,
  };
  expect((await db.documents.put({ TableName, Item: first, ReturnValues: "ALL_OLD" })).Attributes).toBeUndefined();
  expect((await db.documents.get({ TableName, Key: key })).Item).toEqual(first);
  expect((await db.documents.put({ TableName, Item: key, ReturnValues: "ALL_OLD" })).Attributes).toEqual(first);
  expect((await db.documents.delete({ TableName, Key: key, ReturnValues: "ALL_OLD" })).Attributes).toEqual(key);
  expect((await db.documents.get({ TableName, Key: key })).Item).toBeUndefined();
});

test("a lock is taken by one only, and the failure shows its holder", async () => {
  await using db = await startDynamoDb();
  const take = (me: string, now: number) =>
    db.documents.update({
      TableName,
      Key: key,
      UpdateExpression: "SET #o = :me, leaseUntil = :until, fence = if_not_exists(fence, :zero) + :one",
      ConditionExpression: "attribute_not_exists(#o) OR leaseUntil < :now",
      ExpressionAttributeNames: { "#o": "owner" },
      ExpressionAttributeValues: { ":me": me, ":until": now + 10, ":now": now, ":zero": 0, ":one": 1 },
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
  expect((await take("x", 100)).Attributes).toMatchObject({ owner: "x", fence: 1 });
  await expect(take("y", 105)).rejects.toMatchObject({
    name: "ConditionalCheckFailedException",
    Item: { pk: { S: "a" }, sk: { S: "1" }, owner: { S: "x" }, leaseUntil: { N: "110" }, fence: { N: "1" } },
  });
  expect((await take("y", 111)).Attributes).toMatchObject({ owner: "y", fence: 2 });
});

test("nested paths are set and removed, and a missing parent is refused", async () => {
  await using db = await startDynamoDb();
  await db.documents.put({ TableName, Item: { ...key, steps: { a: 1, b: 2 }, letters: ["x", "y", "z"] } });
  const update = (UpdateExpression: string, ExpressionAttributeValues?: Record<string, unknown>) =>
    db.documents.update({ TableName, Key: key, UpdateExpression, ExpressionAttributeValues, ReturnValues: "ALL_NEW" });
  const updated = await update("SET steps.c = :v, letters[7] = :v REMOVE steps.a, letters[0], letters[1]", { ":v": 3 });
  expect(updated.Attributes).toEqual({ ...key, steps: { b: 2, c: 3 }, letters: ["z", 3] });
  for (const expression of ["REMOVE nowhere.x", "REMOVE steps.b.x", "REMOVE steps[0]"]) {
    await expect(update(expression)).rejects.toMatchObject({
      name: "ValidationException",
      message: "The document path provided in the update expression is invalid for update",
    });
  }
});

test("lists and maps are equal by what is in them", async () => {
  await using db = await startDynamoDb();
  await db.documents.put({ TableName, Item: { ...key, letters: ["x", { n: 1.0 }] } });
  const deleteIf = (letters: unknown) =>
    db.documents.delete({
      TableName,
      Key: key,
      ConditionExpression: "letters = :letters",
      ExpressionAttributeValues: { ":letters": letters },
    });
  await expect(deleteIf(["x", { n: 2 }])).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
  await expect(deleteIf(["x", { n: 1 }])).resolves.toBeDefined();
});

test("numbers keep 38 digits, and more are refused", async () => {
  await using db = await startDynamoDb();
  const Key = { pk: { S: "a" }, sk: { S: "1" } };
  await db.client.putItem({
    TableName,
    Item: { ...Key, n: { N: "12345678901234567890123456789012345678" }, d: { N: "+001.50e2" } },
  });
  const added = await db.client.updateItem({
    TableName,
    Key,
    UpdateExpression: "SET n = n + :v, d = d - :v",
    ExpressionAttributeValues: { ":v": { N: "1" } },
    ReturnValues: "UPDATED_NEW",
  });
  expect(added.Attributes).toEqual({ n: { N: "12345678901234567890123456789012345679" }, d: { N: "149" } });
  const tooLong = db.client.putItem({ TableName, Item: { ...Key, n: { N: "1".repeat(39) } } });
  await expect(tooLong).rejects.toThrow("Attempting to store more than 38 significant digits in a Number");
});

test("placeholders must be defined, and used", async () => {
  await using db = await startDynamoDb();
  const get = (ProjectionExpression: string, ExpressionAttributeNames?: Record<string, string>) =>
    db.documents.get({ TableName, Key: key, ProjectionExpression, ExpressionAttributeNames });
  await expect(get("#s")).rejects.toThrow(
    "Invalid ProjectionExpression: An expression attribute name used in the document path is not defined; attribute name: #s",
  );
  await expect(get("n", { "#s": "status" })).rejects.toThrow(
    "Value provided in ExpressionAttributeNames unused in expressions: keys: {#s}",
  );
});

test.each([
  ["SET status = :v", "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status"],
  [
    "SET a = :v SET b = :v",
    'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
  ],
  [
    "SET a = :v, a.b = :v",
    "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]",
  ],
  ["SET a == :v", 'Invalid UpdateExpression: Syntax error; token: "=", near: "= = :v"'],
  [
    "SET pk = :v",
    "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key",
  ],
  ["SET a = b + :v", "The provided expression refers to an attribute that does not exist in the item"],
  [
    "ADD a :v",
    "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND",
  ],
])("the update %s is refused in AWS's words", async (UpdateExpression, message) => {
  await using db = await startDynamoDb();
  const value = UpdateExpression.includes("+") ? 1 : "text";
  const update = db.documents.update({
    TableName,
    Key: key,
    UpdateExpression,
    ExpressionAttributeValues: { ":v": value },
  });
  await expect(update).rejects.toMatchObject({ name: "ValidationException", message });
});

test.each([
  [{ pk: "a" }, "One or more parameter values were invalid: Missing the key sk in the item"],
  [{ pk: 1, sk: "1" }, "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"],
  [
    { pk: "", sk: "1" },
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk",
  ],
  [
    { ...key, g: 5 },
    "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: gs1",
  ],
  [{ ...key, big: "x".repeat(400 * 1024) }, "Item size has exceeded the maximum allowed size"],
])("an item that cannot be stored is refused: %#", async (Item, message) => {
  await using db = await startDynamoDb();
  await expect(db.documents.put({ TableName, Item })).rejects.toMatchObject({ name: "ValidationException", message });
});

test("legacy parameters are refused, not ignored", async () => {
  await using db = await startDynamoDb();
  await expect(db.documents.get({ TableName, Key: key, AttributesToGet: ["n"] })).rejects.toThrow(
    "The local cloud does not emulate the legacy parameter AttributesToGet; use an expression.",
  );
});
