import { cursorOf, positionOf } from "../domain/api/cursors.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { table } from "../runtime/table.ts";
import { getCluster } from "../store/clusters.ts";
import { pageOfEvents } from "../store/lists.ts";

/** `GET /clusters/{name}/events`: a page of the cluster's event history, oldest first. */
export const handler = apiHandler(REQUESTS.listEvents, async ({ path, query }) => {
  await getCluster(table, path.name);
  const { limit, cursor, since, type } = query;
  const { items, next } = await pageOfEvents(table, path.name, {
    limit,
    after: cursor && positionOf(cursor),
    // Events carry milliseconds: a moment without them would come after those of its own second.
    since: since && new Date(since).toISOString(),
    type,
  });
  return { status: 200, body: { items, ...(next === undefined ? {} : { nextCursor: cursorOf(next) }) } };
});
