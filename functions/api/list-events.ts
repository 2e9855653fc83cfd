import { cursorOf, positionOf } from "../domain/contract/cursors.ts";
import { REQUESTS } from "../domain/contract/requests.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { pageOfEvents } from "../gateways/table/lists.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { table } from "../runtime/table.ts";

/** `GET /clusters/{name}/events`: a page of the cluster's story, oldest first. */
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
