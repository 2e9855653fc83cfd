import { createHash } from "node:crypto";
import { ulid } from "ulid";
import * as z from "zod";
import { ClusterName } from "../domain/spec.ts";
import { startExecution } from "../gateways/executions.ts";
import { requestDeletion } from "../gateways/table/deletion.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { httpHandler } from "../runtime/handlers.ts";
import { pathParameter } from "../runtime/request.ts";
import { table } from "../runtime/table.ts";
import { recoverCluster } from "../usecases/lost-cluster.ts";
import { tellEvent, tellStatus } from "../usecases/story.ts";
import { toOperationView } from "../usecases/views.ts";

const env = readEnv({ DELETE_STATE_MACHINE: NonEmpty, AWS_REGION: NonEmpty });
const IdempotencyKey = z.string().min(1).max(128).optional();
const Query = z.object({ finalSnapshot: z.enum(["true", "false"]).default("false") });

/**
 * `DELETE /clusters/{name}`: takes the cluster from whatever works on it and starts its deletion. 202 with the operation; a
 * deletion that is under way answers for every further request. 404 only if neither the table nor any tag knows the cluster.
 */
export const handler = httpHandler(async (event) => {
  const name = pathParameter(event, "name", ClusterName);
  const key = IdempotencyKey.parse(event.headers["idempotency-key"]);
  const finalSnapshot = Query.parse(event.queryStringParameters ?? {}).finalSnapshot === "true";

  const now = new Date();
  const id = `delete-${ulid(now.getTime()).toLowerCase()}`;
  const requestHash = createHash("sha256").update(`DELETE ${name} ${finalSnapshot}`).digest("hex");
  const claim = key === undefined ? undefined : { key: `${event.requestContext.accountId}#${key}`, requestHash };
  const operation = await requestDeletion(
    table,
    {
      name,
      operation: id,
      claim,
      recover: (known) => recoverCluster(name, env.AWS_REGION, known, now),
    },
    now,
  );
  await tellEvent(table, name, {
    time: operation.startedAt,
    type: "delete-requested",
    message: `Deletion of ${name} was requested.`,
    member: null,
    operation: operation.id,
  });
  if (operation.id === id) {
    const reason = "The cluster is being deleted.";
    await tellStatus({ cluster: name, status: "DELETING", reason, operation: operation.id }, now);
  }
  // Named after the operation, so a request that comes again, because we died here, starts it, and starts nothing twice.
  const input = { cluster: name, operation: operation.id, finalSnapshot };
  if (operation.status === "RUNNING") await startExecution(env.DELETE_STATE_MACHINE, operation.id, input);
  return { status: 202, headers: { location: `/operations/${operation.id}` }, body: toOperationView(operation) };
});
