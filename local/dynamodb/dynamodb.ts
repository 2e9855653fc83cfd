import type * as sdk from "@aws-sdk/client-dynamodb";
import type { CloudContext, Stateful } from "../context/context.ts";
import type { Handlers } from "../wire/contract.ts";
import { createHandlers } from "./handlers.ts";
import type { KeyNames } from "./keys.ts";
import { restoreSnapshot, takeSnapshot } from "./snapshot.ts";
import { type ItemChange, Store } from "./store.ts";
import type { TableDefinition } from "./table-definition.ts";
import { describe } from "./table-description.ts";
import { checkDefinition } from "./table-operations.ts";
import { deleteExpired, usualExpiryLagMs } from "./time-to-live.ts";

/** DynamoDB: tables with global secondary indexes, expressions, transactions, and a feed of changes. */
export interface DynamoDb extends Stateful {
  readonly handlers: Handlers<typeof sdk>;
  /**
   * Declares a table, as CloudFormation does. One that exists (restored from a snapshot) keeps its items and takes the
   * new definition; its key schema cannot change: then this throws, as it does for a malformed definition.
   */
  createTable(definition: TableDefinition): { readonly tableArn: string; readonly streamArn?: string };
  /** The key of a table, or of one of its indexes; undefined if there is none of that name. */
  keyOf(tableName: string, indexName?: string): KeyNames | undefined;
  /** Calls `listener` after every change of an item, in order. Returns what ends it. */
  onChange(listener: (change: ItemChange) => void): () => void;
  /**
   * Deletes items whose time to live ended at least `lagMs` ago (by default 48 hours: AWS is not quicker) and returns
   * their number. Nothing else deletes them, and reads still return them until then.
   */
  deleteExpired(lagMs?: number): number;
}

/** `restored` is what an earlier `snapshot()` returned. */
export function createDynamoDb(context: CloudContext, restored?: unknown): DynamoDb {
  const store = new Store(context);
  if (restored !== undefined) restoreSnapshot(store, restored);
  return {
    handlers: createHandlers(store),
    createTable(definition) {
      const { TableArn: tableArn = "", LatestStreamArn: streamArn } = describe(declare(store, definition));
      return { tableArn, ...(streamArn !== undefined && { streamArn }) };
    },
    keyOf: (tableName, indexName) => {
      const table = store.find(tableName);
      return indexName === undefined
        ? table?.key
        : table?.indexes.find(({ definition }) => definition.IndexName === indexName)?.collection.key;
    },
    onChange: (listener) => store.onChange(listener),
    deleteExpired: (lagMs = usualExpiryLagMs) => deleteExpired(store, lagMs),
    snapshot: () => takeSnapshot(store),
  };
}

function declare(store: Store, definition: TableDefinition) {
  checkDefinition(definition);
  const existing = store.find(definition.tableName);
  if (!existing) return store.create(definition);
  const [before, now] = [existing.definition.keySchema, definition.keySchema].map((schema) => JSON.stringify(schema));
  if (before !== now) {
    throw new Error(`table ${definition.tableName}: its key schema was ${before} and cannot become ${now}`);
  }
  existing.define(definition);
  return existing;
}
