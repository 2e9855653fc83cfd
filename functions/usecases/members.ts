import { NotReadyYet, OwnershipConflict } from "../domain/errors.ts";
import type { MemberPlan } from "../domain/plan-types.ts";
import type { ClusterRecord, MemberRecord } from "../domain/records.ts";
import { askHosts } from "../gateways/run-command.ts";
import { listMembers } from "../gateways/table/clusters.ts";
import type { Table } from "../gateways/table/keys.ts";

export const planOf = (cluster: ClusterRecord, member: string): MemberPlan => {
  const plan = cluster.plan.members.find(({ name }) => name === member);
  if (!plan) throw new OwnershipConflict(`${cluster.name} has no member ${member}`);
  return plan;
};

export const recordOf = async (table: Table, cluster: string, member: string): Promise<MemberRecord> => {
  const record = (await listMembers(table, cluster)).find((candidate) => candidate.member === member);
  if (!record) throw new OwnershipConflict(`member ${member} of ${cluster} is not on record`);
  return record;
};

/** The instance of a master whose member was healthy when last asked; the first by name, but for `except`. */
export const anyHealthyMaster = async (table: Table, cluster: string, except?: string): Promise<string> => {
  const master = (await listMembers(table, cluster)).find(
    ({ instanceId, health, member }) => instanceId !== null && health === "healthy" && member !== except,
  );
  if (!master?.instanceId) throw new NotReadyYet(`no master of ${cluster} is known to be healthy`);
  return master.instanceId;
};

/** Runs a document on one host and answers with its output. Throws NotReadyYet with what it said if it failed. */
export const tell = async (
  document: string,
  instanceId: string,
  parameters: Record<string, string> = {},
): Promise<string> => {
  const lists = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]]));
  const [answer] = await askHosts(document, [instanceId], { withinMs: 20_000, parameters: lists });
  if (answer?.ok) return answer.output;
  throw new NotReadyYet(
    `${document} on ${instanceId}: ${answer?.status ?? "no answer"} ${answer?.output ?? ""}`.trimEnd(),
  );
};
