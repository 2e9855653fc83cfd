import type * as sdk from "@aws-sdk/client-dynamodb";
import { validationError } from "./errors.ts";
import type { Store } from "./store.ts";
import type { Table } from "./table.ts";

/**
 * "Typically within a few days of their expiration":
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
 */
export const usualExpiryLagMs = 48 * 3_600_000;
/** Times longer past than this are taken for a mistake, and the item stays. */
const oldestExpirySeconds = 5 * 365 * 86_400;

export function updateTimeToLive(store: Store, request: sdk.UpdateTimeToLiveInput): sdk.UpdateTimeToLiveOutput {
  const table = store.table(request.TableName);
  const { Enabled, AttributeName } = request.TimeToLiveSpecification ?? {};
  const { timeToLiveAttribute: current, ...definition } = table.definition;
  if (Enabled === (current !== undefined)) {
    throw validationError(`TimeToLive is already ${Enabled ? "enabled" : "disabled"}`);
  }
  if (!Enabled && AttributeName !== current) {
    throw validationError("TimeToLive is active on a different AttributeName");
  }
  table.define(Enabled ? { ...definition, timeToLiveAttribute: AttributeName } : definition);
  return { TimeToLiveSpecification: { Enabled, AttributeName } };
}

export function describeTimeToLive(store: Store, request: sdk.DescribeTimeToLiveInput): sdk.DescribeTimeToLiveOutput {
  const attribute = store.table(request.TableName).definition.timeToLiveAttribute;
  return {
    TimeToLiveDescription:
      attribute === undefined
        ? { TimeToLiveStatus: "DISABLED" }
        : { TimeToLiveStatus: "ENABLED", AttributeName: attribute },
  };
}

/** Deletes what expired at least `lagMs` ago, and returns how many items that were. Reads never hide expired items. */
export function deleteExpired(store: Store, lagMs: number): number {
  const latest = (store.now() - lagMs) / 1000;
  const oldest = store.now() / 1000 - oldestExpirySeconds;
  let deleted = 0;
  for (const table of store.list()) {
    for (const item of expiredItems(table, oldest, latest)) {
      store.commit(table, item, undefined);
      deleted += 1;
    }
  }
  return deleted;
}

function expiredItems(table: Table, oldest: number, latest: number) {
  const attribute = table.definition.timeToLiveAttribute;
  if (attribute === undefined) return [];
  return table.items.all().filter((item) => {
    const expiresAt = Number(item[attribute]?.N);
    return expiresAt > oldest && expiresAt <= latest;
  });
}
