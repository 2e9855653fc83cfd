import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import * as z from "zod";
import type { MemberRecord } from "../domain/records.ts";
import { ClusterName } from "../domain/spec.ts";
import { findInstances } from "../gateways/ec2/compute.ts";
import { addEvent, findCluster, listMembers, updateMember } from "../gateways/table/clusters.ts";
import { takeCluster } from "../gateways/table/operations.ts";
import { logger } from "../runtime/logger.ts";
import { table } from "../runtime/table.ts";

const Input = z.object({
  cluster: ClusterName,
  operation: z.string().min(1).max(80),
  /** What the event said, for the story; nothing is decided by it. */
  detectedBy: z.string(),
});

/** States of a cluster in which a lost master is repaired; in the others another operation answers for it, or none should. */
const REPAIRABLE = new Set(["ACTIVE", "DEGRADED", "REPAIRING"]);

const isRunning = (state: string | undefined): boolean => state === "pending" || state === "running";

/**
 * Reads the truth again (events are hints): which masters have no running instance? None: nothing is to be done. Else
 * takes the cluster and answers with the members to place. Throws ClusterBusy while another operation holds it.
 */
const beginRepair = async ({ cluster: name, operation, detectedBy }: z.output<typeof Input>) => {
  const cluster = await findCluster(table, name);
  if (!cluster || !REPAIRABLE.has(cluster.status)) return { lost: [], reason: cluster?.status ?? "unknown cluster" };
  const members = await listMembers(table, name);
  const lost = await findLost(members);
  if (lost.length === 0 && cluster.operation !== operation) return { lost: [], reason: "every master runs" };

  const now = new Date();
  const names = lost.map(({ member }) => member);
  const reason = `Master ${names.join(", ")} was lost and is being replaced.`;
  await takeCluster(table, { cluster: name, operation, kind: "repair", status: "REPAIRING", reason }, now);
  await Promise.all(
    lost.map(async ({ member, instanceId }) => {
      await updateMember(table, name, member, { health: "unhealthy", observedAt: now.toISOString() });
      const message = `Master ${member} was lost: ${instanceId} is gone (${detectedBy}).`;
      await addEvent(table, name, { time: now.toISOString(), type: "master-lost", message, member, operation });
    }),
  );
  return { lost: names, reason };
};

const findLost = async (members: readonly MemberRecord[]): Promise<MemberRecord[]> => {
  const ids = members.flatMap(({ instanceId }) => (instanceId === null ? [] : [instanceId]));
  // One by one if need be: an id that EC2 has forgotten makes a call by ids fail as a whole.
  const together = await findInstances(ids);
  const found = together.length > 0 ? together : (await Promise.all(ids.map((id) => findInstances([id])))).flat();
  const states = new Map(found.map(({ instanceId, state }) => [instanceId, state]));
  return members.filter(({ instanceId }) => instanceId === null || !isRunning(states.get(instanceId)));
};

export const handler = middy()
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .handler(async (event: unknown) => beginRepair(Input.parse(event)));
