import { ulid } from "ulid";
import { sfn } from "../aws/step-functions/client.ts";
import { startExecution } from "../aws/step-functions/executions.ts";
import { REQUESTS } from "../domain/api/requests.ts";
import { apiHandler } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { requestDeletion } from "../store/deletion.ts";
import { lostClusterCalls, recoverCluster } from "../usecases/deletion/lost-cluster.ts";
import { publishStatus, recordEvent, recordEventCalls } from "../usecases/operations/record-event.ts";
import { accepted } from "../usecases/operations/views.ts";

const deps = { ...system, aws: { ...lostClusterCalls, ...recordEventCalls } };

const env = readEnv({ DELETE_STATE_MACHINE: NonEmpty, AWS_REGION: NonEmpty });

/**
 * `DELETE /clusters/{name}`: takes the cluster from whatever works on it and starts its deletion. 202 with the
 * operation; a deletion that is under way answers for every further request. 404 only if neither the table nor any tag
 * knows the cluster.
 */
export const handler = apiHandler(REQUESTS.deleteCluster, async ({ path: { name }, query, by, claim: claimOf }) => {
  const finalSnapshot = query.finalSnapshot === "true";
  const now = new Date();
  const id = `delete-${ulid(now.getTime()).toLowerCase()}`;
  const claim = claimOf({ route: REQUESTS.deleteCluster.route, cluster: name, finalSnapshot });
  const operation = await requestDeletion(
    table,
    {
      name,
      operation: id,
      claim,
      recover: (known) => recoverCluster(deps, { name, region: env.AWS_REGION, known }, now),
    },
    now,
  );
  await recordEvent(deps, name, {
    time: operation.startedAt,
    type: "delete-requested",
    message: `Deletion of ${name} was requested.`,
    member: null,
    operation: operation.id,
    by,
  });
  if (operation.id === id) {
    const reason = "The cluster is being deleted.";
    await publishStatus(deps, { cluster: name, status: "DELETING", reason, operation: operation.id }, now);
  }
  // Named after the operation, so a request that comes again, because we died here, starts it, and starts nothing
  // twice.
  const input = { cluster: name, operation: operation.id, finalSnapshot };
  if (operation.status === "RUNNING") await startExecution(sfn, env.DELETE_STATE_MACHINE, operation.id, input);
  return accepted(operation);
});
