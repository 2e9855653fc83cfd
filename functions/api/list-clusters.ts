import * as z from "zod";
import { ClusterName } from "../domain/spec.ts";
import { listClusters, listMembers } from "../gateways/table/clusters.ts";
import { httpHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { toClusterView } from "../usecases/views.ts";

const Query = z.object({ limit: z.coerce.number().int().min(1).max(100).default(50), after: ClusterName.optional() });

/** `GET /clusters`: a page of clusters by name; `next` is given back as `after`. */
export const handler = httpHandler(async (event) => {
  const { limit, after } = Query.parse(event.queryStringParameters ?? {});
  const { clusters, next } = await listClusters(table, { limit, ...(after === undefined ? {} : { after }) });
  const items = await Promise.all(
    clusters.map(async (cluster) => toClusterView(cluster, await listMembers(table, cluster.name))),
  );
  return { status: 200, body: { items, ...(next === undefined ? {} : { next }) } };
});
