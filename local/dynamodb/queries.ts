import { crc32 } from "node:zlib";
import type * as sdk from "@aws-sdk/client-dynamodb";
import type { Collection } from "./collection.ts";
import { validationError } from "./errors.ts";
import { attributesIn, type Condition } from "./expressions/condition.ts";
import { isTrueFor } from "./expressions/evaluate.ts";
import { type KeyCondition, keyConditionOf } from "./expressions/key-condition.ts";
import { parseCondition } from "./expressions/parse-condition.ts";
import { Placeholders } from "./expressions/placeholders.ts";
import { parseProjection, project } from "./expressions/projection.ts";
import { namesOf, partText } from "./keys.ts";
import { firstPage } from "./pages.ts";
import { checkKeyValues, startKey } from "./start-key.ts";
import type { Store } from "./store.ts";
import type { SecondaryIndex, Table } from "./table.ts";
import type { Item } from "./values.ts";

type Answer = Pick<sdk.QueryOutput, "Items" | "Count" | "ScannedCount" | "LastEvaluatedKey">;
/** What Query and Scan have in common. */
type ReadRequest = Omit<sdk.ScanInput, "Segment" | "TotalSegments">;

export function query(store: Store, request: sdk.QueryInput): Answer {
  const { table, index, collection, placeholders } = sourceOf(store, request);
  if (request.KeyConditionExpression === undefined) {
    throw validationError(
      "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
    );
  }
  const parsed = parseCondition(request.KeyConditionExpression, placeholders, "KeyConditionExpression");
  const condition = keyConditionOf(parsed, collection.key);
  checkKeyValues(condition, collection.key, table.keyTypes);
  const selection = selectionOf(request, placeholders, [request.KeyConditionExpression]);
  refuseKeysInFilter(selection.filter, collection);
  const found = collection.partition(condition.hashValue).filter((item) => inRange(condition, item));
  const forward = request.ScanIndexForward ?? true;
  return answer(request, forward ? found : found.reverse(), forward, { table, index, collection, selection });
}

export function scan(store: Store, request: sdk.ScanInput): Answer {
  const { table, index, collection, placeholders } = sourceOf(store, request);
  const selection = selectionOf(request, placeholders, []);
  const { Segment: segment, TotalSegments: segments } = request;
  if ((segment === undefined) !== (segments === undefined)) {
    throw validationError(
      "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    );
  }
  if (segment !== undefined && segments !== undefined && segment >= segments) {
    throw validationError(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${segments}`,
    );
  }
  const all = collection.all();
  const inSegment = (item: Item) =>
    segments === undefined || crc32(partText(item[collection.key.hash])) % segments === segment;
  return answer(request, all.filter(inSegment), true, { table, index, collection, selection });
}

interface Selection {
  readonly filter: Condition | undefined;
  readonly project: (item: Item) => Item;
}

function sourceOf(store: Store, request: ReadRequest) {
  const table = store.table(request.TableName);
  const index = request.IndexName === undefined ? undefined : table.index(request.IndexName);
  if (index && request.ConsistentRead) {
    throw validationError("Consistent reads are not supported on global secondary indexes");
  }
  if (index?.attributes && request.Select === "ALL_ATTRIBUTES") {
    throw validationError(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${request.IndexName} because its projection type is not ALL`,
    );
  }
  if (request.Limit !== undefined && request.Limit < 1) {
    throw validationError(
      `1 validation error detected: Value '${request.Limit}' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`,
    );
  }
  return { table, index, collection: index?.collection ?? table.items, placeholders: new Placeholders(request) };
}

function selectionOf(request: ReadRequest, placeholders: Placeholders, others: readonly string[]): Selection {
  const { FilterExpression: filter, ProjectionExpression: projection } = request;
  const condition = filter === undefined ? undefined : parseCondition(filter, placeholders, "FilterExpression");
  const paths = projection === undefined ? undefined : parseProjection(projection, placeholders);
  placeholders.finish([filter, projection, ...others]);
  return { filter: condition, project: (item) => (paths ? project(paths, item) : item) };
}

/** A filter on the key would read what the key condition could leave out; AWS refuses it. */
function refuseKeysInFilter(filter: Condition | undefined, collection: Collection): void {
  const used = filter ? attributesIn(filter) : [];
  const attribute = namesOf(collection.key).find((name) => used.includes(name));
  if (attribute === undefined) return;
  throw validationError(
    `Filter Expression can only contain non-primary key attributes: Primary key attribute: ${attribute}`,
  );
}

function inRange(condition: KeyCondition, item: Readonly<Item>): boolean {
  return condition.range === undefined || isTrueFor(condition.range, item);
}

function answer(
  request: ReadRequest,
  items: readonly Item[],
  forward: boolean,
  source: { table: Table; index: SecondaryIndex | undefined; collection: Collection; selection: Selection },
): Answer {
  const { table, index, collection, selection } = source;
  const start = startKey(table, index, request.ExclusiveStartKey);
  const isAfter = (item: Item) => start === undefined || collection.compare(item, start) * (forward ? 1 : -1) > 0;
  const page = firstPage(items.filter(isAfter), request.Limit);
  const visible = page.items.map((item) => seenThrough(index, item));
  const { filter } = selection;
  const matching = visible.filter((item) => filter === undefined || isTrueFor(filter, item));
  const names = new Set([...namesOf(table.key), ...namesOf(collection.key)]);
  return {
    ...(request.Select !== "COUNT" && { Items: matching.map(selection.project) }),
    Count: matching.length,
    ScannedCount: page.items.length,
    ...(page.last && { LastEvaluatedKey: pick(page.last, names) }),
  };
}

function seenThrough(index: SecondaryIndex | undefined, item: Item): Item {
  return index?.attributes ? pick(item, index.attributes) : item;
}

function pick(item: Readonly<Item>, names: ReadonlySet<string>): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}
