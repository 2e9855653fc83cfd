import type * as sdk from "@aws-sdk/client-dynamodb";
import { type ExpressionParameters, Placeholders } from "./expressions/placeholders.ts";
import { parseProjection, project } from "./expressions/projection.ts";
import type { Store } from "./store.ts";
import type { Item } from "./values.ts";

/** A request for one item by its key. Reads are always consistent, which `ConsistentRead` may ask for or not. */
export interface GetRequest extends ExpressionParameters {
  readonly TableName: string | undefined;
  readonly Key: Item | undefined;
  readonly ProjectionExpression?: string | undefined;
}

export function getItem(store: Store, request: GetRequest): Pick<sdk.GetItemOutput, "Item"> {
  const table = store.table(request.TableName);
  const placeholders = new Placeholders(request);
  const { ProjectionExpression: source } = request;
  const paths = source === undefined ? undefined : parseProjection(source, placeholders);
  placeholders.finish([source]);
  const item = table.items.get(table.checkedKey(request.Key));
  if (!item) return {};
  return { Item: paths ? project(paths, item) : item };
}
