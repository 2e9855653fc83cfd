import type { Engine } from "./engine.ts";
import { type Group, isTerminating, type Member } from "./model.ts";
import { forgetIfOld } from "./terminate.ts";

/** EC2 takes at most 200 values in one filter. */
const FILTER_VALUES = 200;

/**
 * Reads all members from EC2: restarts and status checks, which have no event.
 */
export async function refreshStates(engine: Engine): Promise<void> {
  const members = new Map<string, { group: Group; member: Member }>();
  for (const group of Object.values(engine.state.groups)) {
    for (const member of group.members) members.set(member.instanceId, { group, member });
  }
  const ids = [...members.keys()];
  for (let start = 0; start < ids.length; start += FILTER_VALUES) {
    const some = ids.slice(start, start + FILTER_VALUES);
    await readStates(engine, some, members);
    await readStatusChecks(engine, some, members);
  }
  for (const { group } of members.values()) engine.wake(group);
}

type Members = ReadonlyMap<string, { group: Group; member: Member }>;

async function readStates(engine: Engine, ids: string[], members: Members): Promise<void> {
  const answer = await engine.ec2("DescribeInstances", { Filters: [{ Name: "instance-id", Values: ids }] });
  const seen = new Set<string>();
  for (const instance of (answer.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? [])) {
    const found = members.get(instance.InstanceId ?? "");
    if (!found || !instance.State?.Name) continue;
    seen.add(found.member.instanceId);
    noteState(engine, found.member, instance.State.Name);
  }
  for (const id of ids) {
    const member = members.get(id)?.member;
    if (member && !seen.has(id)) forgetIfOld(engine, member);
  }
}

/** An instance's state as EC2 reports it; the time of a change decides when the group sees it. */
export function noteState(engine: Engine, member: Member, state: Member["ec2State"]): void {
  if (member.ec2State === state || member.ec2State === "terminated") return;
  // stopping → stopped and shutting-down → terminated are one fact to a health check: it counts from the first.
  const wasRunning = member.ec2State === "running" || member.ec2State === "pending";
  member.ec2State = state;
  if (wasRunning || state === "running") member.ec2StateSince = engine.context.clock.now();
}

async function readStatusChecks(engine: Engine, ids: string[], members: Members): Promise<void> {
  const running = runningOf(ids, members);
  // Without ids EC2 would answer for every instance of the account.
  if (running.length === 0) return;
  const answer = await engine.ec2("DescribeInstanceStatus", { InstanceIds: running });
  for (const status of answer.InstanceStatuses ?? []) {
    const member = members.get(status.InstanceId ?? "")?.member;
    if (!member) continue;
    const impaired = status.InstanceStatus?.Status === "impaired" || status.SystemStatus?.Status === "impaired";
    if (!impaired) delete member.impairedSince;
    else member.impairedSince ??= engine.context.clock.now();
  }
}

function runningOf(ids: string[], members: Members): string[] {
  return ids.filter((id) => {
    const member = members.get(id)?.member;
    return member?.ec2State === "running" && !isTerminating(member);
  });
}
