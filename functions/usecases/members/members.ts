import type { HostAnswer } from "../../aws/ssm/run-command.ts";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import type { MemberPlan } from "../../domain/plan/plan-types.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export function planOf(cluster: ClusterRecord, member: string): MemberPlan {
  const plan = cluster.plan.members.find(({ name }) => name === member);
  if (!plan) throw new OwnershipConflict(`${cluster.name} has no member ${member}`);
  return plan;
}

export async function recordOf(deps: Deps, cluster: string, member: string): Promise<MemberRecord> {
  const record = (await deps.store.listMembers(cluster)).find((candidate) => candidate.member === member);
  if (!record) throw new OwnershipConflict(`member ${member} of ${cluster} is not on record`);
  return record;
}

/** Of what a host printed, for people: its end, where errors stand. */
export function endOf(answer: HostAnswer | undefined): string {
  return answer
    ? `${answer.instanceId} ${answer.status} ${answer.output.trim().slice(-SAID_CHARACTERS)}`.trimEnd()
    : "no master answers";
}

const SAID_CHARACTERS = 400;
