import { cursorOf, positionOf } from "../domain/api/cursors.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { table } from "../runtime/table.ts";
import { getCluster } from "../store/clusters.ts";
import { pageOfOperations } from "../store/lists.ts";
import { toOperationView } from "../usecases/operations/views.ts";

/** `GET /clusters/{name}/operations`: a page of them, newest first. */
export const handler = apiHandler(REQUESTS.listOperations, async ({ path, query }) => {
  await getCluster(table, path.name);
  const { limit, cursor, status } = query;
  const wanted = { limit, after: cursor && positionOf(cursor), status };
  const { items, next } = await pageOfOperations(table, path.name, wanted);
  const nextCursor = next === undefined ? {} : { nextCursor: cursorOf(next) };
  return { status: 200, body: { items: items.map(toOperationView), ...nextCursor } };
});
