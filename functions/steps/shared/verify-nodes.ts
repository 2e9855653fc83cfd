import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import { NonEmpty, readEnv } from "../../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../../runtime/handlers.ts";
import { table } from "../../runtime/table.ts";
import { getCluster, updateCluster } from "../../store/clusters.ts";
import { askMaster } from "../../usecases/members/host-command.ts";
import { nodesOf } from "../../usecases/members/observe.ts";

const STEP = "Verify nodes";
const env = readEnv({ AWAIT_NODES_DOCUMENT: NonEmpty });

/**
 * Kubernetes itself says that the nodes joined and are Ready; or only that they joined, where the user brings the network,
 * without which no node can be Ready.
 */
const verifyNodes = async ({ cluster: name, operation }: StepInput, begun: Begun): Promise<{ nodes: number }> => {
  const cluster = await getCluster(table, name);
  const wanted = cluster.plan.nodes.reduce((sum, { count }) => sum + count, 0);
  const mustBeReady = cluster.spec.networking.used !== "cni";
  const answer = await askMaster(table, { operation, step: STEP, member: null, begun }, name, {
    document: env.AWAIT_NODES_DOCUMENT,
    firstLookMs: 1_500,
    answersWithinMs: 40_000,
    parameters: { count: [String(wanted)], states: [mustBeReady ? "True" : "True|False|Unknown"] },
  });
  const nodes = answer.ok ? await nodesOf(table, name, answer) : [];
  const there = nodes.filter((node) => node.ready || !mustBeReady).length;
  if (there < wanted) throw new NotReadyYet(`${there} of ${wanted} nodes ${mustBeReady ? "are ready" : "have joined"}`);
  await updateCluster(table, name, operation, { nodes }, new Date());
  return { nodes: nodes.length };
};

export const handler = stepHandler(STEP, table, StepInputSchema, verifyNodes);
