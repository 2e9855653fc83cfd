import { createHash } from "node:crypto";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { ulid } from "ulid";
import * as z from "zod";
import type { ClusterRecord } from "../domain/records.ts";
import { startExecution } from "../gateways/executions.ts";
import { createClusterRecord, type IdempotencyClaim } from "../gateways/table/operations.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { httpHandler } from "../runtime/handlers.ts";
import { readBody } from "../runtime/request.ts";
import { table } from "../runtime/table.ts";
import { checkAccount } from "../usecases/check-account.ts";
import { planRequest } from "../usecases/plan-request.ts";
import { tellEvent, tellStatus } from "../usecases/story.ts";
import { toOperationView } from "../usecases/views.ts";

const env = readEnv({ CREATE_STATE_MACHINE: NonEmpty });
const Body = z.strictObject({ spec: z.unknown() });
const IdempotencyKey = z.string().min(1).max(128).optional();

/**
 * `POST /clusters`: checks the spec and the account, records the cluster with the operation that creates it, starts that
 * operation. 202 with the operation; nothing is made before everything was found to be right.
 */
export const handler = httpHandler(async (event) => {
  const { spec: document } = readBody(event, Body);
  const key = IdempotencyKey.parse(event.headers["idempotency-key"]);
  const { spec, plan } = planRequest(document);
  const resolved = await checkAccount(spec);

  const now = new Date();
  const operationId = `create-${ulid(now.getTime()).toLowerCase()}`;
  const cluster: ClusterRecord = {
    name: spec.name,
    uid: ulid(now.getTime()).toLowerCase(),
    status: "CREATING",
    reason: "The cluster is being created.",
    spec,
    plan,
    operation: operationId,
    ...resolved,
    leader: null,
    nodes: [],
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
  };
  const claim = key === undefined ? undefined : claimOf(event, key, spec);
  const operation = await createClusterRecord(table, cluster, operationId, claim, now);
  await tellEvent(table, spec.name, {
    time: operation.startedAt,
    type: "create-requested",
    message: `Creation of ${spec.name} was requested: ${plan.members.length} masters, ${spec.nodeCount} nodes.`,
    member: null,
    operation: operation.id,
  });
  const { status, reason } = cluster;
  await tellStatus({ cluster: spec.name, status, reason, operation: operation.id }, now);
  // Named after the operation: a request that is repeated, because we died here, starts the same execution.
  await startExecution(env.CREATE_STATE_MACHINE, operation.id, { cluster: operation.cluster, operation: operation.id });
  return {
    status: 202,
    headers: { location: `/operations/${operation.id}` },
    body: toOperationView(operation),
  };
});

const claimOf = (event: APIGatewayProxyEventV2, key: string, spec: unknown): IdempotencyClaim => {
  const requestHash = createHash("sha256").update(JSON.stringify(spec)).digest("hex");
  return { key: `${event.requestContext.accountId}#${key}`, requestHash };
};
