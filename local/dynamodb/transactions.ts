import type * as sdk from "@aws-sdk/client-dynamodb";
import { AwsError } from "../wire/contract.ts";
import { validationError } from "./errors.ts";
import { itemBytes } from "./item-size.ts";
import { getItem } from "./reads.ts";
import { RequestTokens } from "./request-tokens.ts";
import type { Store } from "./store.ts";
import type { Item } from "./values.ts";
import { type PreparedWrite, prepareWrite, shownOnFailure, type WriteRequest } from "./writes.ts";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html */
const maximumActions = 100;
const maximumBytes = 4 * 1024 * 1024;

/** Writes of which all happen or none; the store is single-threaded, so that there are never conflicts. */
export class Transactions {
  readonly #store: Store;
  readonly #tokens: RequestTokens;

  constructor(store: Store) {
    this.#store = store;
    this.#tokens = new RequestTokens(() => store.now());
  }

  write(request: sdk.TransactWriteItemsInput): sdk.TransactWriteItemsOutput {
    const items = request.TransactItems ?? [];
    checkCount(items.length);
    if (this.#tokens.wasDone(request.ClientRequestToken, items)) return {};
    const prepared = items.map((item) => prepareWrite(this.#store, writeRequest(item)));
    refuseDuplicates(prepared);
    this.#commit(prepared);
    this.#tokens.remember(request.ClientRequestToken, items);
    return {};
  }

  get(request: sdk.TransactGetItemsInput): sdk.TransactGetItemsOutput {
    const items = request.TransactItems ?? [];
    checkCount(items.length);
    return {
      Responses: items.map(({ Get }) => getItem(this.#store, { TableName: undefined, Key: undefined, ...Get })),
    };
  }

  #commit(prepared: readonly PreparedWrite[]): void {
    const attempts = prepared.map((one) => ({ one, ...attempt(one) }));
    if (attempts.some(({ reason }) => reason.Code !== "None")) throw cancelled(attempts.map(({ reason }) => reason));
    const bytes = attempts.reduce((total, { next }) => total + itemBytes(next ?? {}), 0);
    if (bytes > maximumBytes) {
      throw validationError("Collective size of items in a transaction cannot exceed 4MB");
    }
    for (const { one, old, next } of attempts) this.#store.commit(one.table, old, next);
  }
}

interface Attempt {
  readonly old?: Item | undefined;
  readonly next?: Item | undefined;
  readonly reason: sdk.CancellationReason;
}

/** What one action would do, or why it stops the transaction. */
function attempt(prepared: PreparedWrite): Attempt {
  const old = prepared.table.items.get(prepared.key);
  if (!prepared.isAllowed(old ?? {})) {
    const Message = "The conditional request failed";
    return { reason: { Code: "ConditionalCheckFailed", Message, ...shownOnFailure(prepared.request, old) } };
  }
  try {
    return { old, next: prepared.outcome(old), reason: { Code: "None" } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { reason: { Code: "ValidationError", Message: error.message } };
  }
}

function cancelled(reasons: readonly sdk.CancellationReason[]): AwsError {
  const codes = reasons.map(({ Code }) => Code).join(", ");
  return new AwsError(
    "TransactionCanceledException",
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { fields: { CancellationReasons: reasons } },
  );
}

function writeRequest({ Put, Update, Delete, ConditionCheck, ...others }: sdk.TransactWriteItem): WriteRequest {
  const given = [Put, Update, Delete, ConditionCheck].filter((action) => action !== undefined);
  if (given.length === 1 && Object.keys(others).length === 0) {
    if (Put) return { kind: "Put", ...Put };
    if (Update) return { kind: "Update", ...Update };
    if (Delete) return { kind: "Delete", ...Delete };
    if (ConditionCheck) return { kind: "ConditionCheck", ...ConditionCheck };
  }
  throw validationError("TransactItems can only contain one of Check, Put, Update or Delete");
}

function checkCount(count: number): void {
  if (count >= 1 && count <= maximumActions) return;
  const bound = count === 0 ? "greater than or equal to 1" : `less than or equal to ${maximumActions}`;
  throw validationError(
    `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length ${bound}`,
  );
}

function refuseDuplicates(prepared: readonly PreparedWrite[]): void {
  const identities = prepared.map(({ table, key }) => `${table.name} ${table.identity(key)}`);
  if (new Set(identities).size === identities.length) return;
  throw validationError("Transaction request cannot include multiple operations on one item");
}
