import { ClusterName } from "../domain/spec.ts";
import { getCluster, listEvents } from "../gateways/table/clusters.ts";
import { httpHandler } from "../runtime/handlers.ts";
import { pathParameter } from "../runtime/request.ts";
import { table } from "../runtime/table.ts";

/** `GET /clusters/{name}/events`: the cluster's story, oldest first. */
export const handler = httpHandler(async (event) => {
  const name = pathParameter(event, "name", ClusterName);
  await getCluster(table, name);
  return { status: 200, body: { items: await listEvents(table, name) } };
});
