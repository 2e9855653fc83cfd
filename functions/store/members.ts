import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import type { MemberRecord } from "../domain/cluster/records.ts";
import { recordUpdate } from "./clusters.ts";
import { readAll, readMember } from "./items.ts";
import { holds, isConditionFailure, keys, type Table } from "./keys.ts";

export async function listMembers(table: Table, cluster: string): Promise<MemberRecord[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :member)",
      FilterExpression: "attribute_exists(#record)",
      ExpressionAttributeNames: { "#record": "record" },
      ExpressionAttributeValues: { ":pk": keys.cluster(cluster).pk, ":member": "MEMBER#" },
      ConsistentRead: true,
    }),
  );
  return readAll(Items, readMember).map(({ record }) => record);
}

/** Changes some fields of a member's record; makes the record if there is none. */
export async function updateMember(
  table: Table,
  cluster: string,
  member: string,
  change: Partial<Omit<MemberRecord, "member">>,
): Promise<MemberRecord> {
  const blank: MemberRecord = {
    member,
    volumeId: null,
    interfaceId: null,
    instanceId: null,
    generation: 1,
    health: "pending",
    observedAt: null,
  };
  const send = async () => {
    const { names, values, sets } = recordUpdate(change);
    const { Attributes } = await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.member(cluster, member),
        UpdateExpression: `SET ${sets}`,
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: values,
        ReturnValues: "ALL_NEW",
      }),
    );
    return readMember(Attributes ?? {}).record;
  };
  try {
    return await send();
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
  }
  await holds(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...keys.member(cluster, member), kind: "MEMBER", name: `${cluster}/${member}`, cluster, record: blank },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    ),
  );
  return send();
}

/**
 * Forgets a member that is no slot of its cluster any more. Its item stays for a week, without a record: only a deletion
 * may remove items, so that nobody else can remove a history.
 */
export async function forgetMember(table: Table, cluster: string, member: string, now: Date): Promise<void> {
  await holds(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.member(cluster, member),
        UpdateExpression: "SET #kind = :former, #expiresAt = :expiresAt REMOVE #record",
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: { "#kind": "kind", "#expiresAt": "expiresAt", "#record": "record" },
        ExpressionAttributeValues: { ":former": "FORMER_MEMBER", ":expiresAt": weekAfter(now) },
      }),
    ),
  );
}

function weekAfter(now: Date): number {
  return Math.floor(now.getTime() / 1000) + 7 * 86_400;
}

/** Who an instance was, so that an event that names only the instance finds its member. Kept for a week. */
export async function rememberInstance(
  table: Table,
  instanceId: string,
  of: { cluster: string; member: string },
  now: Date,
): Promise<void> {
  await table.client.send(
    new PutCommand({
      TableName: table.name,
      // In the index, so that a deletion finds all that a cluster ever had.
      Item: {
        ...keys.instance(instanceId),
        ...of,
        kind: "INSTANCE",
        name: `${of.cluster}/${instanceId}`,
        expiresAt: weekAfter(now),
      },
    }),
  );
}

export async function findInstance(
  table: Table,
  instanceId: string,
): Promise<{ cluster: string; member: string } | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.instance(instanceId), ConsistentRead: true }),
  );
  return InstanceItem.safeParse(Item).data;
}

const InstanceItem = z.object({ cluster: z.string(), member: z.string() });
