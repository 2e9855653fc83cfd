import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import { getCluster } from "../gateways/table/clusters.ts";
import { finishOperation, getOperation } from "../gateways/table/operations.ts";
import { StepInput } from "../runtime/handlers.ts";
import { logger } from "../runtime/logger.ts";
import { table } from "../runtime/table.ts";
import { tellEvent } from "../usecases/story.ts";

/**
 * The operation did what it was for: the cluster is ACTIVE and free for the next one. Like record-failure it runs outside
 * the lease that it ends, so that running it again after it has succeeded is harmless.
 */
const completeOperation = async ({ cluster: name, operation: id }: StepInput): Promise<void> => {
  const [cluster, operation] = await Promise.all([getCluster(table, name), getOperation(table, id)]);
  if (operation.status !== "RUNNING") return;
  const now = new Date();
  const seconds = Math.round((now.getTime() - Date.parse(operation.startedAt)) / 100) / 10;
  const { size } = cluster.plan.quorum;
  const message =
    operation.kind === "create"
      ? `The cluster is active: ${size} of ${size} members healthy, ${cluster.nodes.length} nodes ready, after ${seconds} s.`
      : `Whole again: ${size} of ${size} members healthy, ${seconds} s after the ${operation.kind} began.`;
  const type = operation.kind === "create" ? "cluster-active" : "cluster-whole";
  await tellEvent(table, name, { time: now.toISOString(), type, message, member: null, operation: id });
  const outcome = { status: "SUCCEEDED", error: null, clusterStatus: "ACTIVE", reason: null } as const;
  await finishOperation(table, { id, cluster: name }, outcome, now);
};

export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event: unknown): Promise<void> => completeOperation(StepInput.parse(event)));
