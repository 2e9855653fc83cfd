import type * as sdk from "@aws-sdk/client-dynamodb";
import type { Handlers } from "../wire/contract.ts";
import { batchGetItem, batchWriteItem } from "./batches.ts";
import { refuseLegacyParameters } from "./legacy-parameters.ts";
import { query, scan } from "./queries.ts";
import { getItem } from "./reads.ts";
import type { Store } from "./store.ts";
import * as tables from "./table-operations.ts";
import { describeTimeToLive, updateTimeToLive } from "./time-to-live.ts";
import { Transactions } from "./transactions.ts";
import { returnedAttributes, write } from "./writes.ts";

/** The operations that the local cloud answers. PartiQL, streams' own API, backups and global tables are not among them. */
export function createHandlers(store: Store): Handlers<typeof sdk> {
  const transactions = new Transactions(store);
  return { ...itemHandlers(store, transactions), ...tableHandlers(store) };
}

function itemHandlers(store: Store, transactions: Transactions): Handlers<typeof sdk> {
  return {
    GetItem(input) {
      refuseLegacyParameters(input);
      return getItem(store, input);
    },
    PutItem(input) {
      refuseLegacyParameters(input);
      return returnedAttributes(input.ReturnValues, write(store, { ...input, kind: "Put" }));
    },
    UpdateItem(input) {
      refuseLegacyParameters(input);
      return returnedAttributes(input.ReturnValues, write(store, { ...input, kind: "Update" }));
    },
    DeleteItem(input) {
      refuseLegacyParameters(input);
      return returnedAttributes(input.ReturnValues, write(store, { ...input, kind: "Delete" }));
    },
    Query(input) {
      refuseLegacyParameters(input);
      return query(store, input);
    },
    Scan(input) {
      refuseLegacyParameters(input);
      return scan(store, input);
    },
    BatchGetItem: (input) => batchGetItem(store, input),
    BatchWriteItem: (input) => batchWriteItem(store, input),
    TransactWriteItems: (input) => transactions.write(input),
    TransactGetItems: (input) => transactions.get(input),
  };
}

function tableHandlers(store: Store): Handlers<typeof sdk> {
  return {
    // Backups are not emulated; the account's limits are AWS's defaults.
    ListBackups: () => ({ BackupSummaries: [] }),
    ListGlobalTables: () => ({ GlobalTables: [] }),
    DescribeLimits: () => ({
      ...{ AccountMaxReadCapacityUnits: 80_000, AccountMaxWriteCapacityUnits: 80_000 },
      ...{ TableMaxReadCapacityUnits: 40_000, TableMaxWriteCapacityUnits: 40_000 },
    }),
    CreateTable: (input) => tables.createTable(store, input),
    DescribeTable: (input) => tables.describeTable(store, input),
    ListTables: (input) => tables.listTables(store, input),
    UpdateTable: (input) => tables.updateTable(store, input),
    DeleteTable: (input) => tables.deleteTable(store, input),
    TagResource(input) {
      tables.tagResource(store, input);
      return {};
    },
    UntagResource(input) {
      tables.untagResource(store, input);
      return {};
    },
    ListTagsOfResource: (input) => tables.listTags(store, input),
    UpdateTimeToLive: (input) => updateTimeToLive(store, input),
    DescribeTimeToLive: (input) => describeTimeToLive(store, input),
    DescribeContinuousBackups: (input) => tables.describeContinuousBackups(store, input),
    UpdateContinuousBackups: (input) => tables.updateContinuousBackups(store, input),
  };
}
