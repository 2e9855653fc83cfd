import { cursorOf, positionOf } from "../domain/api/cursors.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { SELF_ROUTE } from "../domain/console/targets.ts";
import { requireSelector, selects } from "../domain/fleet/selector.ts";
import { callerOf, grantsOf, may } from "../runtime/access.ts";
import { answering, apiHandlers } from "../runtime/api-handler.ts";
import { table } from "../runtime/table.ts";
import { pageOfClusters } from "../store/lists.ts";
import { listMembers } from "../store/members.ts";
import { toClusterView } from "../usecases/operations/views.ts";

/** `GET /clusters`: a page of clusters by name, of those that the caller may read. */
const listClusters = answering(REQUESTS.listClusters, async ({ query, caller }) => {
  const selector = query.selector === undefined ? undefined : requireSelector(query.selector, "selector");
  const { items: clusters, next } = await pageOfClusters(table, {
    limit: query.limit,
    after: query.cursor && positionOf(query.cursor),
    prefix: query.namePrefix,
    status: query.status,
    selects: selector && (({ spec }) => selects(selector, spec.labels)),
    shows: (name) => may(caller, "read", name),
  });
  const items = await Promise.all(
    clusters.map(async (cluster) => toClusterView(cluster, await listMembers(table, cluster.name))),
  );
  return { status: 200, body: { items, ...(next === undefined ? {} : { nextCursor: cursorOf(next) }) } };
});

export const handler = apiHandlers(listClusters, {
  route: SELF_ROUTE.route,
  answer: async (event) => {
    const { principals } = callerOf(event);
    return { status: 200, body: { principal: principals[0], grants: grantsOf(principals) } };
  },
});
