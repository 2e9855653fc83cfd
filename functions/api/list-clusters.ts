import * as z from "zod";
import { ClusterName } from "../domain/spec.ts";
import { listClusters, listMembers } from "../gateways/table/clusters.ts";
import { httpHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { toClusterView } from "../usecases/views.ts";

const Query = z.object({ limit: z.coerce.number().int().min(1).max(100).default(50), next: ClusterName.optional() });

/** `GET /clusters`: a page of clusters by name; `next` of one answer asks for the page after it. */
export const handler = httpHandler(async (event) => {
  const query = Query.parse(event.queryStringParameters ?? {});
  const page = { limit: query.limit, ...(query.next === undefined ? {} : { after: query.next }) };
  const { clusters, next } = await listClusters(table, page);
  const items = await Promise.all(
    clusters.map(async (cluster) => toClusterView(cluster, await listMembers(table, cluster.name))),
  );
  return { status: 200, body: { items, ...(next === undefined ? {} : { next }) } };
});
