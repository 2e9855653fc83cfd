import { listGroupInstances } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances, isRunning } from "../../aws/ec2/compute.ts";
import type { NodeView } from "../../domain/api/views.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { nodeGroupName } from "../../domain/cluster/naming.ts";
import { type Begun, type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { spreadNodes } from "../../domain/plan/spread-nodes.ts";
import { counted, isOrAre } from "../../domain/text/counted.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { collaborators } from "../../runtime/system.ts";
import {
  type Asking,
  askHost,
  chooseMaster,
  hostCommandCalls,
  runDocument,
  SHORT_COMMAND_MS,
} from "../../usecases/members/host-command.ts";
import { nodesOf, observeCalls } from "../../usecases/members/observe.ts";

const calls = {
  ...hostCommandCalls,
  ...observeCalls,
  ...bind(ec2, { findInstances }),
  ...bind(autoScaling, { listGroupInstances }),
};

const STEP = "Forget gone nodes";
const ENV = { LIST_NODES_DOCUMENT: NonEmpty, FORGET_NODES_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** Names that one command takes, and ids that one filter takes (EC2 allows 200 values). */
const BATCH = 200;
/** No chunk is begun after this: one takes some seconds, and the function ends after a minute. */
const LAST_CHUNK_MS = 35_000;

/**
 * Waits until the groups have no surplus instances, and removes ended instances from Kubernetes, as its own node
 * lifecycle controller would.
 */
export async function forgetGoneNodes(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<{ forgotten: number }> {
  const startedAt = deps.clock.now().getTime();
  const cluster = await deps.store.getCluster(name);
  const kept = await pollUntil(deps.clock, () => keptInstances(deps, cluster), {
    waitingFor: "nodes to end",
    firstMs: 300,
  });
  const asking = { operation, step: STEP, member: null, begun };
  const master = await chooseMaster(deps, name, begun, SHORT_COMMAND_MS);
  const strangers = (await listNodes(deps, name, asking, master)).filter(({ instanceId }) => !kept.has(instanceId));
  let forgotten = 0;
  for (let first = 0; first < strangers.length; first += BATCH) {
    if (deps.clock.now().getTime() - startedAt > LAST_CHUNK_MS)
      throw new NotReadyYet(`${counted(strangers.length - first, "more node")} may have ended`);
    forgotten += await forgetEnded(deps, asking, master, strangers.slice(first, first + BATCH));
  }
  return { forgotten };
}

async function listNodes(deps: Collaborators, cluster: string, asking: Asking, master: string): Promise<NodeView[]> {
  const question = { document: deps.env.LIST_NODES_DOCUMENT, instanceId: master, firstLookMs: 500 };
  const answer = await askHost(deps, asking, { ...question, answersWithinMs: SHORT_COMMAND_MS });
  if (!answer.ok) throw new NotReadyYet(`${master} did not say which nodes there are`);
  return await nodesOf(deps, cluster, answer);
}

/** Those of them whose instances have ended. */
async function forgetEnded(
  deps: Collaborators,
  asking: Asking,
  master: string,
  nodes: readonly NodeView[],
): Promise<number> {
  const states = new Map(
    (await deps.aws.findInstances(nodes.map(({ instanceId }) => instanceId))).map((each) => [
      each.instanceId,
      each.state,
    ]),
  );
  const gone = nodes.filter(({ instanceId }) => !isRunning(states.get(instanceId)));
  if (gone.length > 0)
    await runDocument(deps, asking, master, deps.env.FORGET_NODES_DOCUMENT, {
      nodes: gone.map((node) => node.name).join(" "),
    });
  return gone.length;
}

/** Ids of the groups' instances, once none is on its way out and none is too many. */
async function keptInstances(deps: Collaborators, cluster: ClusterRecord): Promise<Set<string>> {
  const { spec } = cluster;
  const owner = ownerOf(cluster);
  const wanted = spreadNodes(spec.nodeCount, spec.zones).map(({ zone, count }) => ({
    group: nodeGroupName(owner, zone),
    count,
  }));
  const groups = await deps.aws.listGroupInstances(wanted.map(({ group }) => group));
  const surplus = wanted.reduce((sum, { group, count }) => {
    return sum + Math.max(0, (groups.get(group)?.length ?? 0) - count);
  }, 0);
  if (surplus > 0) throw new NotReadyYet(`${counted(surplus, "node")} ${isOrAre(surplus)} still being ended`);
  return new Set([...groups.values()].flat().map(({ instanceId }) => instanceId));
}

export const handler = stepHandler(STEP, StepInput, forgetGoneNodes, collaborators(calls, ENV));
