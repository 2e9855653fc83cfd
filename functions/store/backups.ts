import { GetCommand, TransactWriteCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type BackupFacts, type BackupRecord, NO_BACKUPS } from "../domain/backup/backup-records.ts";
import type { DrillResult, Manifest } from "../domain/backup/manifest.ts";
import { BackupUnknown } from "../domain/cluster/errors.ts";
import { readAll, readBackup } from "./items.ts";
import { isConditionFailure, keys, type Table, type Write } from "./keys.ts";
import { cancelledBy } from "./operations.ts";
import { queryAll } from "./query.ts";

/** The bucket removes what is older (infra/constructs/backup-bucket.ts). */
const EXPIRES_DAYS = 400;

function expiresAt({ takenAt }: Manifest): number {
  return Math.floor(Date.parse(takenAt) / 1000) + EXPIRES_DAYS * 86_400;
}

/** All backups of a cluster's name on record, the newest first: also those of earlier epochs and former clusters. */
export async function listBackups(table: Table, cluster: string): Promise<BackupRecord[]> {
  const items = await queryAll(table, {
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :backup)",
    FilterExpression: "attribute_not_exists(forgotten)",
    ExpressionAttributeValues: { ":pk": keys.cluster(cluster).pk, ":backup": "BACKUP#" },
    ScanIndexForward: false,
    ConsistentRead: true,
  });
  return readAll(items, readBackup);
}

export async function findBackup(table: Table, cluster: string, id: string): Promise<BackupRecord | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.backup(cluster, id), ConsistentRead: true }),
  );
  return Item && Item["forgotten"] !== true ? readBackup(Item) : undefined;
}

export async function getBackup(table: Table, cluster: string, id: string): Promise<BackupRecord> {
  const found = await findBackup(table, cluster, id);
  if (!found) throw new BackupUnknown(`${cluster} has no backup ${id}`);
  return found;
}

/** Records a backup together with what the cluster's record says of its backups. The same again changes nothing. */
export async function recordBackup(table: Table, manifest: Manifest, facts: Partial<BackupFacts>): Promise<void> {
  const { cluster, id } = manifest;
  const record: BackupRecord = { manifest, pinned: false };
  const put: Write = {
    Put: {
      TableName: table.name,
      Item: { ...keys.backup(cluster, id), record, expiresAt: expiresAt(manifest) },
      ConditionExpression: "attribute_not_exists(pk)",
    },
  };
  try {
    await table.client.send(
      new TransactWriteCommand({ TransactItems: [put, { Update: factsUpdate(table, cluster, facts) }] }),
    );
  } catch (error) {
    const [ofBackup, ofCluster] = cancelledBy(error) ?? [];
    if (ofBackup === "ConditionalCheckFailed") return;
    if (ofCluster !== "ConditionalCheckFailed") throw error;
    await beginFacts(table, cluster);
    return recordBackup(table, manifest, facts);
  }
}

/** Writes what is known of a cluster's backups. No lease is needed for it, and nothing else of the record is touched. */
export async function recordBackupFacts(table: Table, cluster: string, facts: Partial<BackupFacts>): Promise<void> {
  try {
    await table.client.send(new UpdateCommand(factsUpdate(table, cluster, facts)));
  } catch (error) {
    if (!isConditionFailure(error)) throw error;
    await beginFacts(table, cluster);
    await table.client.send(new UpdateCommand(factsUpdate(table, cluster, facts)));
  }
}

function factsUpdate(table: Table, cluster: string, facts: Partial<BackupFacts>) {
  const fields = Object.entries(facts);
  return {
    TableName: table.name,
    Key: keys.cluster(cluster),
    UpdateExpression: `SET ${fields.map((_, index) => `#r.#b.#f${index} = :f${index}`).join(", ")}`,
    ConditionExpression: "attribute_exists(#r.#b)",
    ExpressionAttributeNames: {
      "#r": "record",
      "#b": "backup",
      ...Object.fromEntries(fields.map(([field], index) => [`#f${index}`, field])),
    },
    ExpressionAttributeValues: Object.fromEntries(fields.map(([, value], index) => [`:f${index}`, value])),
  };
}

/** A record of before has nothing to put them into. */
async function beginFacts(table: Table, cluster: string): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.cluster(cluster),
      UpdateExpression: "SET #r.#b = if_not_exists(#r.#b, :none)",
      ConditionExpression: "attribute_exists(pk)",
      ExpressionAttributeNames: { "#r": "record", "#b": "backup" },
      ExpressionAttributeValues: { ":none": NO_BACKUPS },
    }),
  );
}

/** A pinned backup does not expire. Throws BackupUnknown. */
export async function pinBackup(table: Table, cluster: string, id: string, pinned: boolean): Promise<BackupRecord> {
  const { manifest } = await getBackup(table, cluster, id);
  return changeBackup(table, cluster, id, {
    update: pinned ? "SET #r.pinned = :pinned REMOVE expiresAt" : "SET #r.pinned = :pinned, expiresAt = :expires",
    names: {},
    values: { ":pinned": pinned, ...(pinned ? {} : { ":expires": expiresAt(manifest) }) },
  });
}

/** What a drill found, for lists that ask no S3. Throws BackupUnknown if the backup was removed meanwhile. */
export async function recordDrill(
  table: Table,
  cluster: string,
  id: string,
  result: DrillResult,
): Promise<BackupRecord> {
  return changeBackup(table, cluster, id, {
    update: "SET #r.#m.#v.#d = :drill",
    names: { "#m": "manifest", "#v": "verified", "#d": "drill" },
    values: { ":drill": result },
  });
}

interface BackupChange {
  readonly update: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

async function changeBackup(
  table: Table,
  cluster: string,
  id: string,
  { update, names, values }: BackupChange,
): Promise<BackupRecord> {
  try {
    const { Attributes } = await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.backup(cluster, id),
        UpdateExpression: update,
        ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(#r.#removing)",
        ExpressionAttributeNames: { "#r": "record", "#removing": "removing", ...names },
        ExpressionAttributeValues: { ...values },
        ReturnValues: "ALL_NEW",
      }),
    );
    return readBackup(Attributes ?? {});
  } catch (error) {
    if (isConditionFailure(error)) throw new BackupUnknown(`${cluster} has no backup ${id}`, { cause: error });
    throw error;
  }
}

/**
 * Marks a backup as being removed, unless it is pinned: false then. Whoever dies afterwards leaves the mark, and the
 * next retention continues.
 */
export async function markBackupRemoved(table: Table, cluster: string, id: string): Promise<boolean> {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.backup(cluster, id),
        UpdateExpression: "SET #r.#removing = :true",
        ConditionExpression: "#r.pinned = :no",
        ExpressionAttributeNames: { "#r": "record", "#removing": "removing" },
        ExpressionAttributeValues: { ":true": true, ":no": false },
      }),
    );
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}

/**
 * Forgets a backup whose objects are removed. The table removes the item by its time to live: whoever may delete items
 * of a cluster could delete its event history too.
 */
export async function forgetBackup(table: Table, cluster: string, id: string, now: Date): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: keys.backup(cluster, id),
      UpdateExpression: "SET expiresAt = :now, #forgotten = :true",
      ExpressionAttributeNames: { "#forgotten": "forgotten" },
      ExpressionAttributeValues: { ":now": Math.floor(now.getTime() / 1000), ":true": true },
    }),
  );
}
