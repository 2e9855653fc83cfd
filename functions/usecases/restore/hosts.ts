import { ec2 } from "../../aws/ec2/client.ts";
import { type InstanceFacts, listLiveMasters } from "../../aws/ec2/compute.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { askHosts } from "../../aws/ssm/run-command.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { type HostReport, readHostReport } from "../../domain/restore/host-report.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export const restoreHostsCalls = { ...bind(ssm, { askHosts }), ...bind(ec2, { listLiveMasters }) };

type Collaborators = Deps<typeof restoreHostsCalls>;

/** A master's instance that is not terminated, and what its host says. */
export interface LiveMaster extends InstanceFacts {
  readonly member: string;
  readonly report: HostReport | null;
}

/** The longest of these documents waits for twelve seconds on the host. */
const WITHIN_MS = 20_000;

/** Every instance of a master that is not terminated, on record or not: each may run an etcd. */
export async function liveMasters(deps: Collaborators, { uid }: Pick<ClusterRecord, "uid">): Promise<InstanceFacts[]> {
  return await deps.aws.listLiveMasters(uid);
}

/** Runs a document that ends with a report on masters, all at once. One that does not answer has the report null. */
export async function askMasters(
  deps: Collaborators,
  document: string,
  masters: readonly InstanceFacts[],
  parameters: Readonly<Record<string, string>>,
): Promise<LiveMaster[]> {
  const running = masters.filter(({ state }) => state === "running").map(({ instanceId }) => instanceId);
  const lists = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
  const answers = await deps.aws.askHosts(document, running, { withinMs: WITHIN_MS, parameters: lists });
  return masters.map((instance) => {
    const member = instance.tags[TAG.member] ?? "";
    const answer = answers.find(({ instanceId }) => instanceId === instance.instanceId);
    return { ...instance, member, report: (answer && readHostReport(member, answer.output)) ?? null };
  });
}

/** Hosts that one command takes. */
const BATCH = 50;
const KUBELET_MS = 8_000;

/** Runs a short document on nodes. One that does not answer is left as it is. */
export async function askNodes(
  deps: Deps<Pick<typeof restoreHostsCalls, "askHosts">>,
  document: string,
  instanceIds: readonly string[],
): Promise<void> {
  for (let from = 0; from < instanceIds.length; from += BATCH)
    await deps.aws.askHosts(document, instanceIds.slice(from, from + BATCH), { withinMs: KUBELET_MS });
}
