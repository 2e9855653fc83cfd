import { ClusterName } from "../domain/spec.ts";
import { getCluster, listOperations } from "../gateways/table/clusters.ts";
import { httpHandler } from "../runtime/handlers.ts";
import { pathParameter } from "../runtime/request.ts";
import { table } from "../runtime/table.ts";
import { toOperationView } from "../usecases/views.ts";

/** `GET /clusters/{name}/operations`: the latest fifty, newest first. */
export const handler = httpHandler(async (event) => {
  const name = pathParameter(event, "name", ClusterName);
  await getCluster(table, name);
  return { status: 200, body: { items: (await listOperations(table, name, 50)).map(toOperationView) } };
});
