import { expect } from "vitest";
import * as z from "zod";
import type { Kubectl } from "./kubectl.ts";
import type { ProofCluster } from "./proof-cluster.ts";
import { eventually } from "./scenario.ts";

const Nodes = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()) }),
      spec: z.object({ taints: z.array(z.object({ key: z.string(), effect: z.string() })).default([]) }),
    }),
  ),
});
const ROLE = "node-role.kubernetes.io/control-plane";

/** The files in which the host of a master keeps what it has done. */
export async function stateOf({ name, scenario }: ProofCluster, member: string): Promise<string> {
  return (await scenario.holdfast("local", "shell", name, member, "--", "ls", "/etc/holdfast")).stdout;
}

/** Waits until each master of today has finished its boot and is a Node, and expects its label and its taint. */
export async function expectFinished(cluster: ProofCluster, kubectl: Kubectl): Promise<void> {
  const { members } = await cluster.scenario.cluster(cluster.name);
  const current = members.map(({ instanceId }) => instanceId ?? "");
  const { items } = await eventually(
    async () => Nodes.parse(JSON.parse(await kubectl("get", "nodes", "-o", "json"))),
    ({ items: nodes }) => current.every((id) => nodes.some(({ metadata }) => metadata.name === id)),
    60_000,
  );
  for (const { name } of members)
    await eventually(
      () => stateOf(cluster, name),
      (files) => files.includes("booted"),
      60_000,
    );
  const nodes = items.filter(({ metadata: { name } }) => current.includes(name));
  expect(nodes.map(({ metadata: { labels } }) => Object.hasOwn(labels, ROLE))).toEqual(members.map(() => true));
  for (const { spec } of nodes) expect(spec.taints).toContainEqual({ key: ROLE, effect: "NoSchedule" });
}
