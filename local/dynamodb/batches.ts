import type * as sdk from "@aws-sdk/client-dynamodb";
import { validationError } from "./errors.ts";
import { getItem } from "./reads.ts";
import type { Store } from "./store.ts";
import { prepareWrite, type WriteRequest, write } from "./writes.ts";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const maximumReads = 100;
const maximumWrites = 25;

export function batchGetItem(store: Store, request: sdk.BatchGetItemInput): sdk.BatchGetItemOutput {
  const tables = Object.entries(request.RequestItems ?? {});
  const count = tables.reduce((total, [, { Keys }]) => total + (Keys?.length ?? 0), 0);
  if (count === 0 || tables.some(([, { Keys }]) => (Keys ?? []).length === 0)) throw emptyBatch();
  if (count > maximumReads) throw validationError("Too many items requested for the BatchGetItem call");
  const responses: NonNullable<sdk.BatchGetItemOutput["Responses"]> = {};
  for (const [name, { Keys = [], ...parameters }] of tables) {
    const table = store.table(name);
    refuseDuplicates((Keys ?? []).map((key) => table.identity(table.checkedKey(key))));
    const items = (Keys ?? []).map((Key) => getItem(store, { ...parameters, TableName: name, Key }).Item);
    responses[name] = items.filter((item) => item !== undefined);
  }
  return { Responses: responses, UnprocessedKeys: {} };
}

/** All requests are checked before any is executed; the batch as a whole is not atomic, in AWS as here. */
export function batchWriteItem(store: Store, request: sdk.BatchWriteItemInput): sdk.BatchWriteItemOutput {
  const writes = Object.entries(request.RequestItems ?? {}).flatMap(([name, requests]) => {
    return requests.map((one) => writeRequest(name, one));
  });
  if (writes.length === 0) throw emptyBatch();
  if (writes.length > maximumWrites) {
    throw validationError(
      `1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to ${maximumWrites}, Member must have length greater than or equal to 1]`,
    );
  }
  const prepared = writes.map((one) => prepareWrite(store, one));
  refuseDuplicates(prepared.map(({ table, key }) => `${table.name} ${table.identity(key)}`));
  for (const one of writes) write(store, one);
  return { UnprocessedItems: {} };
}

function writeRequest(TableName: string, { PutRequest, DeleteRequest }: sdk.WriteRequest): WriteRequest {
  if (PutRequest && !DeleteRequest) return { kind: "Put", TableName, Item: PutRequest.Item };
  if (DeleteRequest && !PutRequest) return { kind: "Delete", TableName, Key: DeleteRequest.Key };
  throw validationError(
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
  );
}

function refuseDuplicates(identities: readonly string[]): void {
  if (new Set(identities).size === identities.length) return;
  throw validationError("Provided list of item keys contains duplicates");
}

function emptyBatch(): Error {
  return validationError(
    "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
  );
}
