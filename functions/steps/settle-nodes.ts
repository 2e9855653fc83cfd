import { NotReadyYet } from "../domain/errors.ts";
import { nodeGroupName } from "../domain/naming.ts";
import { spreadNodes } from "../domain/plan.ts";
import { type ClusterRecord, ownerOf } from "../domain/records.ts";
import type { NodeView } from "../domain/views.ts";
import { listGroupInstances } from "../gateways/auto-scaling.ts";
import { findInstances, isRunning } from "../gateways/ec2/compute.ts";
import { getCluster } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { pollUntil } from "../runtime/poll.ts";
import { table } from "../runtime/table.ts";
import { anyHealthyMaster, tell } from "../usecases/members.ts";
import { observeNodes } from "../usecases/observe.ts";

const env = readEnv({ LIST_NODES_DOCUMENT: NonEmpty, FORGET_NODES_DOCUMENT: NonEmpty });

/** Names that one command takes, and ids that one filter takes (EC2 allows 200 values). */
const BATCH = 200;
/** No chunk is begun after this: one takes some seconds, and the function ends after a minute. */
const LAST_CHUNK_MS = 35_000;

/**
 * Waits until the groups have no more instances than they should, and takes those that have ended out of Kubernetes, as
 * its own node lifecycle controller would: a node that is not coming back is no node that is not ready.
 */
const settleNodes = async ({ cluster: name }: StepInput): Promise<{ forgotten: number }> => {
  const startedAt = Date.now();
  const cluster = await getCluster(table, name);
  const kept = await pollUntil(() => settledInstances(cluster), {
    waitingFor: "nodes to end",
    firstMs: 300,
  });
  const master = await anyHealthyMaster(table, name);
  const nodes = await observeNodes(table, name, { document: env.LIST_NODES_DOCUMENT, master, withinMs: 8_000 });
  if (!nodes) throw new NotReadyYet(`${master} did not say which nodes there are`);
  const strangers = nodes.filter(({ instanceId }) => !kept.has(instanceId));
  let forgotten = 0;
  for (let first = 0; first < strangers.length; first += BATCH) {
    if (Date.now() - startedAt > LAST_CHUNK_MS)
      throw new NotReadyYet(`${strangers.length - first} more nodes may have ended`);
    forgotten += await forgetEnded(master, strangers.slice(first, first + BATCH));
  }
  return { forgotten };
};

/** Those of them whose instances have ended. */
const forgetEnded = async (master: string, nodes: readonly NodeView[]): Promise<number> => {
  const states = new Map(
    (await findInstances(nodes.map(({ instanceId }) => instanceId))).map((each) => [each.instanceId, each.state]),
  );
  const gone = nodes.filter(({ instanceId }) => !isRunning(states.get(instanceId)));
  if (gone.length > 0)
    await tell(env.FORGET_NODES_DOCUMENT, master, { nodes: gone.map((node) => node.name).join(" ") });
  return gone.length;
};

/** Ids of the groups' instances, once none is on its way out and none is too many. */
const settledInstances = async (cluster: ClusterRecord): Promise<Set<string>> => {
  const { spec } = cluster;
  const owner = ownerOf(cluster);
  const wanted = spreadNodes(spec.nodeCount, spec.zones).map(({ zone, count }) => ({
    group: nodeGroupName(owner, zone),
    count,
  }));
  const groups = await listGroupInstances(wanted.map(({ group }) => group));
  const surplus = wanted.reduce((sum, { group, count }) => {
    return sum + Math.max(0, (groups.get(group)?.length ?? 0) - count);
  }, 0);
  if (surplus > 0) throw new NotReadyYet(`${surplus} nodes are still being ended`);
  return new Set([...groups.values()].flat().map(({ instanceId }) => instanceId));
};

export const handler = stepHandler("Settle nodes", table, StepInputSchema, settleNodes);
