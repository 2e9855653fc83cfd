import { findGroups, resumeProcesses, setSizeToOne } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { completeHook, listTerminateHooks } from "../../aws/auto-scaling/instances.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { findInstances, isRunning } from "../../aws/ec2/compute.ts";
import { masterGroupName } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import { evaluateGroup, type GroupFacts } from "../../domain/drift/group-drift.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { recordEvent, recordEventCalls } from "../operations/record-event.ts";
import { endMasterCalls, releaseLaunch } from "./end-master.ts";

export const masterGroupsCalls = {
  ...endMasterCalls,
  ...recordEventCalls,
  ...bind(autoScaling, { findGroups, setSizeToOne, resumeProcesses, listTerminateHooks, completeHook }),
  ...bind(ec2, { findInstances }),
};

type Collaborators = Deps<typeof masterGroupsCalls>;

interface Work {
  readonly cluster: ClusterRecord;
  readonly operation: string;
  readonly members: readonly string[];
}

/**
 * Corrects masters' groups that somebody, or AWS, changed: size 1, nothing suspended, no ended instance held by a
 * terminate hook. It terminates no instance. Each correction is reported once in an operation. A launch that the
 * replacement of a master holds continues as soon as it may. Resolves with the groups found, by name, and with the
 * members whose group must not launch yet.
 */
export async function fixGroups(
  deps: Collaborators,
  { cluster, operation, members }: Work,
): Promise<{ groups: ReadonlyMap<string, GroupFacts>; held: ReadonlySet<string> }> {
  const names = new Map(members.map((member) => [member, masterGroupName(ownerOf(cluster), member)]));
  const [groups, records] = await Promise.all([
    deps.aws.findGroups([...names.values()]),
    deps.store.listMembers(cluster.name),
  ]);
  const held = new Set<string>();
  for (const [member, name] of names) {
    const group = groups.get(name);
    const record = records.find((each) => each.member === member);
    if (group && record && !(await releaseLaunch(deps, cluster, record, group.instances))) held.add(member);
    const done = group ? await fixGroup(deps, group, record) : [];
    const time = deps.clock.now().toISOString();
    for (const { type, message } of done)
      await recordEvent(deps, cluster.name, {
        time,
        type,
        message: `Master ${member}: ${message}.`,
        member,
        operation,
      });
  }
  return { groups, held };
}

async function fixGroup(
  deps: Collaborators,
  group: GroupFacts,
  record: MemberRecord | undefined,
): Promise<{ type: string; message: string }[]> {
  const drift = evaluateGroup(group, { launchHeld: Boolean(record?.launchHeld) });
  const done: { type: string; message: string }[] = [];
  if (drift.sizes !== null) {
    await deps.aws.setSizeToOne(group.name);
    done.push({ type: "group-resized", message: `its group had ${drift.sizes}; it has 1 again` });
  }
  if (drift.suspended.length > 0) {
    await deps.aws.resumeProcesses(group.name, drift.suspended);
    const why = group.suspended[0]?.reason ?? "";
    done.push({
      type: "group-resumed",
      message: `its group had ${drift.suspended.join(", ")} suspended (${why}); resumed`,
    });
  }
  // One that is being replaced is to end, too: its hook would hold it for an hour.
  const asked = drift.held.filter((id) => id === record?.launchHeld?.instanceId);
  for (const id of new Set([...asked, ...(await endedOf(deps, drift.held))])) {
    for (const hook of await deps.aws.listTerminateHooks(group.name)) {
      if (!(await deps.aws.completeHook(group.name, hook, id))) continue;
      done.push({ type: "hook-completed", message: `${id} had ended and was held by the hook ${hook}; completed` });
    }
  }
  return done;
}

async function endedOf(deps: Collaborators, ids: readonly string[]): Promise<string[]> {
  const states = new Map((await deps.aws.findInstances(ids)).map(({ instanceId, state }) => [instanceId, state]));
  // One that is not found may be a read that lags: it is asked about again.
  return ids.filter((id) => states.has(id) && !isRunning(states.get(id)));
}
