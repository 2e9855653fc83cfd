import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { CODE_S, ConsoleSession } from "../domain/console/console-session.ts";
import { isConditionFailure, keys, type Table } from "./keys.ts";

function secondsOf(time: number): number {
  return Math.floor(time / 1_000);
}

/** A code that opens this session, once and soon. */
export async function putConsoleCode(table: Table, hash: string, session: ConsoleSession, now: Date): Promise<void> {
  const expiresAt = secondsOf(now.getTime()) + CODE_S;
  await table.client.send(
    new PutCommand({ TableName: table.name, Item: { ...keys.consoleCode(hash), record: session, expiresAt } }),
  );
}

/** Takes the code: of two that present it, one gets the session. DynamoDB removes what has expired only later. */
export async function takeConsoleCode(table: Table, hash: string, now: Date): Promise<ConsoleSession | undefined> {
  try {
    const { Attributes } = await table.client.send(
      new DeleteCommand({
        TableName: table.name,
        Key: keys.consoleCode(hash),
        ConditionExpression: "attribute_exists(pk) AND expiresAt > :now",
        ExpressionAttributeValues: { ":now": secondsOf(now.getTime()) },
        ReturnValues: "ALL_OLD",
      }),
    );
    return ConsoleSession.parse(Attributes?.["record"]);
  } catch (error) {
    if (isConditionFailure(error)) return undefined;
    throw error;
  }
}

export async function putConsoleSession(table: Table, hash: string, session: ConsoleSession): Promise<void> {
  const expiresAt = secondsOf(Date.parse(session.until)) + 1;
  await table.client.send(
    new PutCommand({ TableName: table.name, Item: { ...keys.consoleSession(hash), record: session, expiresAt } }),
  );
}

export async function findConsoleSession(table: Table, hash: string, now: Date): Promise<ConsoleSession | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.consoleSession(hash), ConsistentRead: true }),
  );
  if (!Item) return undefined;
  const session = ConsoleSession.parse(Item["record"]);
  return Date.parse(session.until) > now.getTime() ? session : undefined;
}

export async function deleteConsoleSession(table: Table, hash: string): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: keys.consoleSession(hash) }));
}
