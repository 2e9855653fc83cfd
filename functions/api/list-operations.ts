import { cursorOf, positionOf } from "../domain/contract/cursors.ts";
import { REQUESTS } from "../domain/contract/requests.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { pageOfOperations } from "../gateways/table/lists.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { table } from "../runtime/table.ts";
import { toOperationView } from "../usecases/views.ts";

/** `GET /clusters/{name}/operations`: a page of them, newest first. */
export const handler = apiHandler(REQUESTS.listOperations, async ({ path, query }) => {
  await getCluster(table, path.name);
  const { limit, cursor, status } = query;
  const wanted = { limit, after: cursor && positionOf(cursor), status };
  const { items, next } = await pageOfOperations(table, path.name, wanted);
  const nextCursor = next === undefined ? {} : { nextCursor: cursorOf(next) };
  return { status: 200, body: { items: items.map(toOperationView), ...nextCursor } };
});
