import * as z from "zod";
import type { Read } from "../domain/api/output.ts";
import { type EventView, EventViewSchema } from "../domain/api/views.ts";
import { type BackupRecord, BackupRecordSchema } from "../domain/backup/backup-records.ts";
import { RecordDamaged } from "../domain/cluster/errors.ts";
import { withNames } from "../domain/cluster/former-names.ts";
import {
  ClusterOutlineSchema,
  ClusterRecordSchema,
  MemberRecordSchema,
  OperationRecordSchema,
} from "../domain/cluster/record-schemas.ts";
import type { ClusterRecord, MemberRecord, OperationRecord } from "../domain/cluster/records.ts";
import {
  type EndpointRecord,
  EndpointRecordSchema,
  type MirrorRecord,
  MirrorRecordSchema,
} from "../domain/fleet/endpoint-records.ts";
import { type FleetRecord, FleetRecordSchema } from "../domain/fleet/fleet-records.ts";
import { type RolloutRecord, RolloutRecordSchema } from "../domain/fleet/rollout-records.ts";
import { type TrafficRecord, TrafficRecordSchema } from "../domain/traffic/traffic-records.ts";
import { reportDamage } from "../runtime/damage.ts";
import { keys } from "./keys.ts";

/** An item as DynamoDB answers; nothing is known of it before it is read. */
export type Item = Readonly<Record<string, unknown>>;

interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Reads one kind of item. Throws RecordDamaged. */
export type Reader<T> = (item: Item) => T;

function nameOf({ pk, sk }: Item): string {
  return `${String(pk)} ${String(sk)}`;
}

function parse<S extends z.ZodType>(schema: S, item: Item): z.output<S> {
  const parsed = schema.safeParse(item["record"]);
  if (parsed.success) return parsed.data;
  const problem = z.prettifyError(parsed.error).replaceAll("\n", " ");
  throw new RecordDamaged(`item ${nameOf(item)} cannot be read: ${problem}`);
}

/** A record counts only under its own key: attributes that put an item into the index prove nothing. */
function checkKey(item: Item, { pk, sk }: Key): void {
  if (item["pk"] !== pk || item["sk"] !== sk)
    throw new RecordDamaged(`item ${nameOf(item)} says that it is ${pk} ${sk}, whose key it does not have`);
}

export const readCluster: Reader<ClusterRecord> = (item) => {
  const record = parse(ClusterRecordSchema, item);
  checkKey(item, keys.cluster(record.name));
  return record;
};

export const readOutline: Reader<Read<typeof ClusterOutlineSchema>> = (item) => {
  const record = parse(ClusterOutlineSchema, item);
  checkKey(item, keys.cluster(record.name));
  return record;
};

/** A member with its cluster, which its key names. */
export const readMember: Reader<{ readonly cluster: string; readonly record: MemberRecord }> = (item) => {
  const record = parse(MemberRecordSchema, item);
  const cluster = String(item["pk"]).slice(keys.cluster("").pk.length);
  checkKey(item, keys.member(cluster, record.member));
  return { cluster, record };
};

export const readBackup: Reader<BackupRecord> = (item) => {
  const record = parse(BackupRecordSchema, item);
  checkKey(item, keys.backup(record.manifest.cluster, record.manifest.id));
  return record;
};

export const readFleet: Reader<FleetRecord> = (item) => {
  const record = parse(FleetRecordSchema, item);
  checkKey(item, keys.fleet(record.name));
  return record;
};

export const readTraffic: Reader<TrafficRecord> = (item) => {
  const record = parse(TrafficRecordSchema, item);
  checkKey(item, keys.traffic(record.fleet));
  return record;
};

export const readEndpoint: Reader<EndpointRecord> = (item) => {
  const record = parse(EndpointRecordSchema, item);
  checkKey(item, keys.endpoint(record.name));
  return record;
};

export const readMirror: Reader<MirrorRecord> = (item) => {
  const record = parse(MirrorRecordSchema, item);
  checkKey(item, keys.mirror(record.endpoint, record.cluster));
  return record;
};

export const readRollout: Reader<RolloutRecord> = (item) => {
  const record = parse(RolloutRecordSchema, item);
  checkKey(item, keys.rollout(record.id));
  return record;
};

export const readOperation: Reader<OperationRecord> = (item) => {
  const record = parse(OperationRecordSchema, item);
  checkKey(item, keys.operation(record.id));
  return record;
};

/** Earlier versions stored `by.door`, which is `by.authMethod` now. */
function withAuthMethod(record: unknown): unknown {
  if (typeof record !== "object" || record === null || !("by" in record)) return record;
  return { ...record, by: withNames(record.by, { door: "authMethod" }) };
}

export const readEvent: Reader<EventView> = (item) =>
  parse(EventViewSchema, { ...item, record: withAuthMethod(item["record"]) });

/**
 * Those items that can be read. A damaged one is left out alone, logged and counted, so that it never stops the others.
 */
export function readAll<T>(items: readonly Item[], read: Reader<T>): T[] {
  return items.flatMap((item) => {
    try {
      return [read(item)];
    } catch (error) {
      if (!(error instanceof RecordDamaged)) throw error;
      reportDamage(error);
      return [];
    }
  });
}
