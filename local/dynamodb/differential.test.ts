import { isDeepStrictEqual } from "node:util";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { expect, test } from "vitest";
import { startDynamoDb, tableT } from "../testing/dynamodb.ts";
import { RandomOperations } from "../testing/random-operations.ts";
import { isRecord } from "../wire/schema.ts";

const operations = 1500;

test(`dynalite, another's implementation, agrees on ${operations} random operations`, async () => {
  await using ours = await startDynamoDb();
  await using theirs = await startDynalite();
  const random = new RandomOperations(7);
  const differences: string[] = [];
  const outcomes = { answers: 0, errors: 0 };
  for (let index = 0; index < operations; index++) {
    const { description, send } = random.next();
    const [ourAnswer, theirAnswer] = await Promise.all([outcome(send(ours.client)), outcome(send(theirs.client))]);
    outcomes["error" in ourAnswer ? "errors" : "answers"] += 1;
    if (isDeepStrictEqual(ourAnswer, theirAnswer)) continue;
    differences.push(`${description}\nours:   ${JSON.stringify(ourAnswer)}\ntheirs: ${JSON.stringify(theirAnswer)}`);
  }
  expect(differences).toEqual([]);
  expect(outcomes.errors).toBeGreaterThan(operations / 20);
  expect(outcomes.answers).toBeGreaterThan(operations / 2);
}, 30_000);

async function startDynalite() {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = new DynamoDB({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-west-2",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    maxAttempts: 1,
  });
  await client.createTable({
    TableName: tableT.tableName,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: tableT.keySchema,
    AttributeDefinitions: tableT.attributeDefinitions,
    GlobalSecondaryIndexes: tableT.globalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection: { ProjectionType: Projection.ProjectionType },
    })),
  });
  await expect.poll(async () => (await client.describeTable({ TableName: "ttt" })).Table?.TableStatus).toBe("ACTIVE");
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What matters of an answer: not its metadata, nor the order of sets, nor the wording of errors. */
async function outcome(answer: Promise<object>): Promise<object> {
  try {
    const plain = comparable(await answer);
    return isRecord(plain) ? plain : {};
  } catch (error) {
    return { error: error instanceof Error ? error.name : String(error) };
  }
}

function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(comparable);
  if (!isRecord(value)) return value;
  const members = Object.entries(value).filter(([name, member]) => name !== "$metadata" && member !== undefined);
  return Object.fromEntries(
    members.map(([name, member]) => {
      const isSet = Array.isArray(member) && (name === "SS" || name === "NS");
      return [name, isSet ? member.map(String).toSorted() : comparable(member)];
    }),
  );
}
