import type * as sdk from "@aws-sdk/client-dynamodb";
import { AwsError } from "../wire/contract.ts";
import { validationError } from "./errors.ts";
import { applyUpdate } from "./expressions/apply-update.ts";
import { isTrueFor } from "./expressions/evaluate.ts";
import { parseCondition } from "./expressions/parse-condition.ts";
import type { DocumentPath } from "./expressions/path.ts";
import { type ExpressionParameters, Placeholders } from "./expressions/placeholders.ts";
import { project } from "./expressions/projection.ts";
import { parseUpdate } from "./expressions/update.ts";
import { itemBytes, maximumItemBytes } from "./item-size.ts";
import { namesOf } from "./keys.ts";
import { normaliseItem } from "./normalise.ts";
import type { Store } from "./store.ts";
import type { Table } from "./table.ts";
import type { Item } from "./values.ts";

/** A request for one item, whichever operation it came in. */
export type WriteRequest =
  | (WriteParameters & { readonly kind: "Put"; readonly Item: Item | undefined })
  | (WriteParameters & { readonly kind: "Delete" | "ConditionCheck"; readonly Key: Item | undefined })
  | (WriteParameters & {
      readonly kind: "Update";
      readonly Key: Item | undefined;
      readonly UpdateExpression?: string | undefined;
    });

interface WriteParameters extends ExpressionParameters {
  readonly TableName: string | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: sdk.ReturnValuesOnConditionCheckFailure | undefined;
}

/** A request understood and checked as far as it can be without looking at the item. */
export interface PreparedWrite {
  readonly table: Table;
  readonly request: WriteRequest;
  readonly key: Item;
  readonly paths: readonly DocumentPath[];
  readonly isAllowed: (old: Readonly<Item>) => boolean;
  /** The item that is to be stored, `undefined` for none. Throws if the update does not fit the item. */
  readonly outcome: (old: Item | undefined) => Item | undefined;
}

/** Throws `ValidationException` or `ResourceNotFoundException` for what is wrong whatever the item. */
export function prepareWrite(store: Store, request: WriteRequest): PreparedWrite {
  const table = store.table(request.TableName);
  const placeholders = new Placeholders(request);
  const { ConditionExpression: source } = request;
  const update = request.kind === "Update" ? request.UpdateExpression : undefined;
  const actions = update === undefined ? [] : parseUpdate(update, placeholders);
  const condition = source === undefined ? undefined : parseCondition(source, placeholders, "ConditionExpression");
  placeholders.finish([source, update]);
  const paths = actions.map((action) => action.path);
  refuseKeyChange(table, paths);
  const item = request.kind === "Put" ? checkedItem(table, request.Item) : undefined;
  const key = request.kind === "Put" ? table.keyOf(item ?? {}) : table.checkedKey(request.Key);
  return {
    table,
    request,
    key,
    paths,
    isAllowed: (old) => condition === undefined || isTrueFor(condition, old),
    outcome: (old) => {
      if (request.kind !== "Update") return request.kind === "ConditionCheck" ? old : item;
      const updated = applyUpdate(actions, old ?? key);
      checkSize(updated, "Item size to update has exceeded the maximum allowed size");
      table.checkItem(updated);
      return updated;
    },
  };
}

function refuseKeyChange(table: Table, paths: readonly DocumentPath[]): void {
  const attribute = namesOf(table.key).find((name) => paths.some(([first]) => first === name));
  if (attribute === undefined) return;
  throw validationError(
    `One or more parameter values were invalid: Cannot update attribute ${attribute}. This attribute is part of the key`,
  );
}

function checkedItem(table: Table, item: Item | undefined): Item {
  const normalised = normaliseItem(item ?? {});
  table.checkItem(normalised);
  checkSize(normalised, "Item size has exceeded the maximum allowed size");
  return normalised;
}

function checkSize(item: Readonly<Item>, message: string): void {
  if (itemBytes(item) > maximumItemBytes) throw validationError(message);
}

/** Executes one write by itself. Throws `ConditionalCheckFailedException`, with the old item if that was asked for. */
export function write(store: Store, request: WriteRequest): { prepared: PreparedWrite; old?: Item; next?: Item } {
  const prepared = prepareWrite(store, request);
  const old = prepared.table.items.get(prepared.key);
  if (!prepared.isAllowed(old ?? {})) {
    const fields = shownOnFailure(request, old);
    throw new AwsError("ConditionalCheckFailedException", "The conditional request failed", { fields });
  }
  const next = prepared.outcome(old);
  store.commit(prepared.table, old, next);
  return { prepared, ...(old && { old }), ...(next && { next }) };
}

export function shownOnFailure(request: WriteRequest, old: Item | undefined): { Item?: Item } {
  return request.ReturnValuesOnConditionCheckFailure === "ALL_OLD" && old ? { Item: old } : {};
}

/** What `ReturnValues` asks for. */
export function returnedAttributes(
  returnValues: sdk.ReturnValue | undefined,
  written: ReturnType<typeof write>,
): { Attributes?: Item } {
  const { prepared, old, next } = written;
  switch (returnValues) {
    case "ALL_OLD":
      return old ? { Attributes: old } : {};
    case "ALL_NEW":
      return next ? { Attributes: next } : {};
    case "UPDATED_OLD":
      return old ? { Attributes: project(prepared.paths, old) } : {};
    case "UPDATED_NEW":
      return { Attributes: project(prepared.paths, next ?? {}) };
    default:
      return {};
  }
}
