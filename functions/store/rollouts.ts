import { GetCommand, PutCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { NotReadyYet, RolloutConflict, RolloutUnknown } from "../domain/cluster/errors.ts";
import { LOCAL, refText } from "../domain/fleet/fleet-records.ts";
import { isOpen, type RolloutRecord } from "../domain/fleet/rollout-records.ts";
import { claimWrite, type IdempotencyClaim } from "./claims.ts";
import { readAll, readRollout } from "./items.ts";
import { CLUSTERS_INDEX, holds, keys, type Table, type Write } from "./keys.ts";
import { cancelledBy } from "./operations.ts";
import { queryAll } from "./query.ts";

/** Open roll-outs by their ids: the fleet, and the clusters that they hold. */
const OpenRollouts = z.object({
  version: z.number(),
  open: z.record(z.string(), z.object({ fleet: z.string(), clusters: z.array(z.string()) })),
});
export type OpenRollouts = z.output<typeof OpenRollouts>;

export async function readOpenRollouts(table: Table): Promise<OpenRollouts> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.openRollouts(), ConsistentRead: true }),
  );
  return Item === undefined ? { version: 0, open: {} } : OpenRollouts.parse(Item["record"]);
}

/** Throws RolloutUnknown. */
export async function getRollout(table: Table, id: string): Promise<RolloutRecord> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: keys.rollout(id), ConsistentRead: true }),
  );
  if (!Item) throw new RolloutUnknown(`there is no roll-out ${id}`);
  return readRollout(Item);
}

/** Of a fleet, the newest first: ids sort by time. Lags by a moment. */
export async function listRollouts(table: Table, fleet: string): Promise<RolloutRecord[]> {
  const items = await queryAll(table, {
    IndexName: CLUSTERS_INDEX,
    KeyConditionExpression: "kind = :kind AND begins_with(#name, :fleet)",
    ExpressionAttributeNames: { "#name": "name" },
    ExpressionAttributeValues: { ":kind": "ROLLOUT", ":fleet": `${fleet}/` },
    ScanIndexForward: false,
  });
  return readAll(items, readRollout);
}

/**
 * Writes a new roll-out, or one that was read as `former`; whether it is open changes together with it. Throws
 * RolloutConflict while another open one has a cluster of it, and NotReadyYet if something has changed meanwhile.
 */
export async function writeRollout(
  table: Table,
  rollout: RolloutRecord,
  former?: RolloutRecord,
  claim?: IdempotencyClaim,
): Promise<void> {
  const put = putOf(table, rollout, former);
  const wasOpen = former !== undefined && isOpen(former);
  if (wasOpen === isOpen(rollout)) {
    if (await holds(table.client.send(new PutCommand(put)))) return;
    throw changed(rollout);
  }
  const registry = await readOpenRollouts(table);
  const next = withRollout(registry, rollout);
  const writes: Write[] = [
    { Put: put },
    { Put: registryPut(table, next, registry.version) },
    ...(claim ? [claimWrite(table, claim, rollout.id, new Date(rollout.startedAt))] : []),
  ];
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: writes }));
  } catch (error) {
    if (cancelledBy(error)) throw changed(rollout);
    throw error;
  }
}

function changed({ id }: RolloutRecord): NotReadyYet {
  return new NotReadyYet(`roll-out ${id} was changed at the same moment`);
}

/** Throws RolloutConflict. */
export function withRollout({ version, open }: OpenRollouts, rollout: RolloutRecord): OpenRollouts {
  const { [rollout.id]: _, ...others } = open;
  if (!isOpen(rollout)) return { version: version + 1, open: others };
  const clusters = rollout.clusters.map(refText);
  for (const [id, other] of Object.entries(others)) {
    const shared = other.clusters.find((each) => clusters.includes(each));
    if (shared !== undefined)
      throw new RolloutConflict(
        `roll-out ${id} of fleet ${other.fleet} is open, and has ${shared.replace(`${LOCAL}/`, "")} too`,
      );
  }
  return { version: version + 1, open: { ...others, [rollout.id]: { fleet: rollout.fleet, clusters } } };
}

function putOf(table: Table, rollout: RolloutRecord, former: RolloutRecord | undefined) {
  return {
    TableName: table.name,
    Item: {
      ...keys.rollout(rollout.id),
      kind: "ROLLOUT",
      name: `${rollout.fleet}/${rollout.id}`,
      record: rollout,
    },
    ConditionExpression: former ? "#r.#version = :former" : "attribute_not_exists(pk)",
    ...(former
      ? {
          ExpressionAttributeNames: { "#r": "record", "#version": "version" },
          ExpressionAttributeValues: { ":former": former.version },
        }
      : {}),
  };
}

function registryPut(table: Table, record: OpenRollouts, before: number) {
  return {
    TableName: table.name,
    Item: { ...keys.openRollouts(), record },
    ConditionExpression: before === 0 ? "attribute_not_exists(pk)" : "#r.#version = :before",
    ...(before === 0
      ? {}
      : {
          ExpressionAttributeNames: { "#r": "record", "#version": "version" },
          ExpressionAttributeValues: { ":before": before },
        }),
  };
}
