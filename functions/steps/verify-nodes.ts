import { NotReadyYet } from "../domain/errors.ts";
import { getCluster, updateCluster } from "../gateways/table/clusters.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { type StepInput, StepInput as StepInputSchema, stepHandler } from "../runtime/handlers.ts";
import { table } from "../runtime/table.ts";
import { anyHealthyMaster } from "../usecases/members.ts";
import { observeNodes } from "../usecases/observe.ts";

const env = readEnv({ AWAIT_NODES_DOCUMENT: NonEmpty });

/**
 * Kubernetes itself says that the nodes joined and are Ready; or only that they joined, where the user brings the network,
 * without which no node can be Ready.
 */
const verifyNodes = async ({ cluster: name, operation }: StepInput): Promise<{ nodes: number }> => {
  const cluster = await getCluster(table, name);
  const wanted = cluster.plan.nodes.reduce((sum, { count }) => sum + count, 0);
  const mustBeReady = cluster.spec.networking.used !== "cni";
  const master = await anyHealthyMaster(table, name);
  const nodes =
    (await observeNodes(table, name, {
      document: env.AWAIT_NODES_DOCUMENT,
      master,
      withinMs: 8_000,
      firstLookMs: 1_500,
      everyMs: 500,
      parameters: { count: [String(wanted)], states: [mustBeReady ? "True" : "True|False|Unknown"] },
    })) ?? [];
  const there = nodes.filter((node) => node.ready || !mustBeReady).length;
  if (there < wanted) throw new NotReadyYet(`${there} of ${wanted} nodes ${mustBeReady ? "are ready" : "have joined"}`);
  await updateCluster(table, name, operation, { nodes }, new Date());
  return { nodes: nodes.length };
};

export const handler = stepHandler("Verify nodes", table, StepInputSchema, verifyNodes);
