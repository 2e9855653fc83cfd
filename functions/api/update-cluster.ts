import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import { ClusterName } from "../domain/spec.ts";
import { getCluster, listMembers } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { httpHandler } from "../runtime/handlers.ts";
import { claimOf } from "../runtime/idempotency.ts";
import { BadRequest } from "../runtime/problems.ts";
import { pathParameter, readBody } from "../runtime/request.ts";
import { table } from "../runtime/table.ts";
import { changeCluster } from "../usecases/change-cluster.ts";
import { accepted, toClusterView } from "../usecases/views.ts";

const env = readEnv({ CREATE_STATE_MACHINE: NonEmpty, UPDATE_STATE_MACHINE: NonEmpty });
const machines = { create: env.CREATE_STATE_MACHINE, update: env.UPDATE_STATE_MACHINE };

const Patch = z.strictObject({ spec: z.record(z.string(), z.unknown()) });
const Scale = z.strictObject({ count: z.int() });

/** What each route asks for, as a merge patch of the spec. */
const PATCHES: Readonly<Record<string, (event: APIGatewayProxyEventV2) => Record<string, unknown>>> = {
  "PATCH /clusters/{name}": (event) => readBody(event, Patch).spec,
  "POST /clusters/{name}/scale": (event) => ({ nodeCount: readBody(event, Scale).count }),
  "POST /clusters/{name}/resume": () => ({}),
};

/**
 * Changes what is asked of a cluster, or goes on with what stopped. 202 with the operation, or 200 with the cluster when
 * there is nothing to do. `If-Match` with the ETag of `GET /clusters/{name}` refuses a change of a spec that is no more.
 */
export const handler = httpHandler(async (event) => {
  const cluster = pathParameter(event, "name", ClusterName);
  const read = PATCHES[event.routeKey];
  if (!read) throw new BadRequest(`${event.routeKey} is not a change of a cluster`);
  const document = read(event);
  const operation = await changeCluster(table, machines, {
    cluster,
    patch: { document },
    ifMatch: event.headers["if-match"],
    claim: claimOf(event, { route: event.routeKey, cluster, document }),
  });
  if (operation) return accepted(operation);
  const [record, members] = await Promise.all([getCluster(table, cluster), listMembers(table, cluster)]);
  return { status: 200, body: toClusterView(record, members) };
});
