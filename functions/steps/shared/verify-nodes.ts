import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import { counted } from "../../domain/text/counted.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { askMaster, hostCommandCalls } from "../../usecases/members/host-command.ts";
import { nodesOf, observeCalls } from "../../usecases/members/observe.ts";

const calls = { ...hostCommandCalls, ...observeCalls };

const STEP = "Verify nodes";
const ENV = { AWAIT_NODES_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Kubernetes itself says that the nodes joined and are Ready; or only that they joined, where the user brings the
 * network, without which no node can be Ready.
 */
export async function verifyNodes(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<{ nodes: number }> {
  const cluster = await deps.store.getCluster(name);
  const wanted = cluster.plan.nodes.reduce((sum, { count }) => sum + count, 0);
  const mustBeReady = cluster.spec.networking.used !== "cni";
  const answer = await askMaster(deps, { operation, step: STEP, member: null, begun }, name, {
    document: deps.env.AWAIT_NODES_DOCUMENT,
    firstLookMs: 1_500,
    answersWithinMs: 40_000,
    parameters: { count: [String(wanted)], states: [mustBeReady ? "True" : "True|False|Unknown"] },
  });
  const nodes = answer.ok ? await nodesOf(deps, name, answer) : [];
  const there = nodes.filter((node) => node.ready || !mustBeReady).length;
  if (there < wanted)
    throw new NotReadyYet(`${there} of ${counted(wanted, "node")} ${mustBeReady ? "are ready" : "have joined"}`);
  await deps.store.updateCluster(name, operation, { nodes }, deps.clock.now());
  return { nodes: nodes.length };
}

export const handler = stepHandler(STEP, StepInput, verifyNodes, collaborators(calls, ENV));
