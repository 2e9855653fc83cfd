import * as dynamodb from "@aws-sdk/client-dynamodb";
import { DynamoDBDocument } from "@aws-sdk/lib-dynamodb";
import type { CloudContext } from "../context/context.ts";
import { CredentialStore } from "../context/credentials.ts";
import { createDynamoDb } from "../dynamodb/dynamodb.ts";
import type { TableDefinition } from "../dynamodb/table-definition.ts";
import { defineService } from "../wire/service.ts";
import { startWire } from "./wire.ts";

/** A table with a sort key and one index by `g`. */
export const tableT: TableDefinition = {
  tableName: "ttt",
  keySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  attributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    { AttributeName: "g", AttributeType: "S" },
  ],
  globalSecondaryIndexes: [
    {
      IndexName: "gs1",
      KeySchema: [
        { AttributeName: "g", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
  ],
  timeToLiveAttribute: "expiresAt",
};

/** The product's table as its stack makes it. */
export const CLUSTER_TABLE: TableDefinition = {
  ...tableT,
  tableName: "clusters",
  attributeDefinitions: ["pk", "sk", "kind", "name"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
  globalSecondaryIndexes: [
    {
      IndexName: "clusters",
      KeySchema: [
        { AttributeName: "kind", KeyType: "HASH" },
        { AttributeName: "name", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "ALL" },
    },
  ],
};

/** A DynamoDB behind the wire, with table T, a clock that the test sets, and clients. */
export async function startDynamoDb(restored?: unknown) {
  const time = { now: Date.UTC(2026, 10, 22) };
  const context: CloudContext = {
    region: "us-west-2",
    accountId: "123456789012",
    clock: { now: () => time.now, sleep: async () => undefined },
    credentials: new CredentialStore("123456789012"),
    publish: () => undefined,
    id: (prefix) => `${prefix}-0`,
    log: () => undefined,
  };
  const service = createDynamoDb(context, restored);
  service.createTable(tableT);
  const cloud = await startWire({ services: [defineService(dynamodb, "DynamoDBClient", service.handlers)] });
  const client = new dynamodb.DynamoDB(cloud.client);
  const documents = DynamoDBDocument.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return { service, client, documents, time, [Symbol.asyncDispose]: () => cloud.wire.close() };
}
