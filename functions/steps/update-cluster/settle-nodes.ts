import { listGroupInstances } from "../../aws/auto-scaling/auto-scaling.ts";
import { findInstances, isRunning } from "../../aws/ec2/compute.ts";
import type { NodeView } from "../../domain/api/views.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { nodeGroupName } from "../../domain/cluster/naming.ts";
import { type Begun, type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { spreadNodes } from "../../domain/plan/plan.ts";
import { counted, isOrAre } from "../../domain/text/counted.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { table } from "../../runtime/table.ts";
import { getCluster } from "../../store/clusters.ts";
import {
  type Asking,
  askHost,
  chooseMaster,
  runDocument,
  SHORT_COMMAND_MS,
} from "../../usecases/members/host-command.ts";
import { nodesOf } from "../../usecases/members/observe.ts";

const STEP = "Settle nodes";
const env = readEnv({ LIST_NODES_DOCUMENT: NonEmpty, FORGET_NODES_DOCUMENT: NonEmpty });

/** Names that one command takes, and ids that one filter takes (EC2 allows 200 values). */
const BATCH = 200;
/** No chunk is begun after this: one takes some seconds, and the function ends after a minute. */
const LAST_CHUNK_MS = 35_000;

/**
 * Waits until the groups have no more instances than they should, and takes those that have ended out of Kubernetes, as
 * its own node lifecycle controller would: a node that is not coming back is no node that is not ready.
 */
const settleNodes = async ({ cluster: name, operation }: StepInput, begun: Begun): Promise<{ forgotten: number }> => {
  const startedAt = Date.now();
  const cluster = await getCluster(table, name);
  const kept = await pollUntil(() => settledInstances(cluster), {
    waitingFor: "nodes to end",
    firstMs: 300,
  });
  const asking = { operation, step: STEP, member: null, begun };
  const master = await chooseMaster(table, name, begun, SHORT_COMMAND_MS);
  const strangers = (await listNodes(name, asking, master)).filter(({ instanceId }) => !kept.has(instanceId));
  let forgotten = 0;
  for (let first = 0; first < strangers.length; first += BATCH) {
    if (Date.now() - startedAt > LAST_CHUNK_MS)
      throw new NotReadyYet(`${counted(strangers.length - first, "more node")} may have ended`);
    forgotten += await forgetEnded(asking, master, strangers.slice(first, first + BATCH));
  }
  return { forgotten };
};

const listNodes = async (cluster: string, asking: Asking, master: string): Promise<NodeView[]> => {
  const question = { document: env.LIST_NODES_DOCUMENT, instanceId: master, firstLookMs: 500 };
  const answer = await askHost(table, asking, { ...question, answersWithinMs: SHORT_COMMAND_MS });
  if (!answer.ok) throw new NotReadyYet(`${master} did not say which nodes there are`);
  return await nodesOf(table, cluster, answer);
};

/** Those of them whose instances have ended. */
const forgetEnded = async (asking: Asking, master: string, nodes: readonly NodeView[]): Promise<number> => {
  const states = new Map(
    (await findInstances(nodes.map(({ instanceId }) => instanceId))).map((each) => [each.instanceId, each.state]),
  );
  const gone = nodes.filter(({ instanceId }) => !isRunning(states.get(instanceId)));
  if (gone.length > 0)
    await runDocument(table, asking, master, env.FORGET_NODES_DOCUMENT, {
      nodes: gone.map((node) => node.name).join(" "),
    });
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
  if (surplus > 0) throw new NotReadyYet(`${counted(surplus, "node")} ${isOrAre(surplus)} still being ended`);
  return new Set([...groups.values()].flat().map(({ instanceId }) => instanceId));
};

export const handler = stepHandler(STEP, table, StepInputSchema, settleNodes);
