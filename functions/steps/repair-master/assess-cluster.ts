import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Begun } from "../../domain/cluster/records.ts";
import { countUnfinishedBoot } from "../../domain/repair/kubernetes-health.ts";
import type { MemberFacts } from "../../domain/repair/member-facts.ts";
import { evaluateQuorum } from "../../domain/repair/quorum.ts";
import type { RepairAction } from "../../domain/repair/repair-action.ts";
import { losesQuorum, planRepair, waitingInterruptions } from "../../domain/repair/repair-plan.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { fixMembers, memberDriftCalls } from "../../usecases/drift/member-drift.ts";
import { fixGroups, masterGroupsCalls } from "../../usecases/members/master-groups.ts";
import { recordOf } from "../../usecases/members/members.ts";
import { learnClusterId, observeCalls } from "../../usecases/members/observe.ts";
import { readMembers, readMembersCalls } from "../../usecases/members/read-members.ts";
import { recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = { ...memberDriftCalls, ...masterGroupsCalls, ...readMembersCalls, ...observeCalls, ...recordEventCalls };

const ENV = { MEMBER_HEALTH_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** Corrects members' resources and groups, reads instances, volumes and etcd, and returns the next action. */
export async function assessCluster(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  { first }: Pick<Begun, "first">,
) {
  const cluster = await deps.store.getCluster(name);
  // Once for each operation, before anything that depends on tags. The reconciler finds later changes.
  const volumes = first ? await fixMembers(deps, cluster, operation) : undefined;
  await fixGroups(deps, { cluster, operation, members: cluster.plan.members.map((member) => member.name) });
  const { facts, asked } = await readMembers(deps, cluster, deps.env.MEMBER_HEALTH_DOCUMENT, volumes);
  const action = planRepair(facts);
  if (asked)
    await Promise.all([
      recordHealth(deps, name, facts),
      learnClusterId(
        deps,
        cluster,
        facts.map(({ answer }) => answer),
      ),
    ]);
  const now = deps.clock.now().toISOString();
  if (action.kind === "replace" && action.unfinished) await countUnfinished(deps, name, action.member);
  const event = eventFor(action);
  const reason = action.kind === "whole" ? "" : action.reason;
  if (action.kind === "wait") throw new NotReadyYet(reason);
  for (const member of event ? membersOf(action) : []) {
    const message = `${event?.words(member)} (${reason}).`;
    await recordEvent(deps, name, { time: now, type: event?.type ?? "", message, member, operation });
  }
  for (const { member, reason: why } of waitingInterruptions(facts, action)) {
    const message = `AWS will take away the instance of master ${member}; its replacement waits: ${why}.`;
    await recordEvent(deps, name, { time: now, type: "interruption-waits", message, member, operation });
  }
  const error = action.kind === "stuck" ? action.error : "QuorumAtRisk";
  return {
    kind: action.kind,
    members: membersOf(action),
    reason,
    error,
    quorumLost: losesQuorum(action, facts.length),
  };
}

/** Delays the next replacement for the same cause: a mirror may be down for hours. */
async function countUnfinished(deps: Collaborators, cluster: string, member: string): Promise<void> {
  const { unfinishedBoots } = await recordOf(deps, cluster, member);
  await deps.store.updateMember(cluster, member, {
    unfinishedBoots: countUnfinishedBoot(unfinishedBoots, deps.clock.now().getTime()),
  });
}

function membersOf(action: RepairAction): string[] {
  if ("members" in action) return [...action.members];
  return "member" in action ? [action.member] : [];
}

/** The event for an action. Placing has none: the loss was reported. */
function eventFor(action: RepairAction): { type: string; words: (member: string) => string } | undefined {
  const { kind } = action;
  if (kind === "reattach")
    return {
      type: "member-without-data",
      words: (member) => `Member ${member} comes back on another instance, with the data that it had`,
    };
  if (kind === "replace")
    return { type: "member-hung", words: (member) => `Member ${member} is unhealthy; its instance is replaced` };
  if (kind === "retire")
    return {
      type: "master-retired",
      words: (member) =>
        action.cause === "interruption"
          ? `Master ${member} is replaced before AWS takes its instance away`
          : `Master ${member} is replaced, with new certificates`,
    };
  if (kind === "move") return { type: "member-moves", words: (member) => `Member ${member} moves to ${action.zone}` };
  if (kind === "renew")
    return { type: "volume-lost", words: (member) => `Member ${member} is renewed with a new volume` };
  return undefined;
}

async function recordHealth(deps: Collaborators, cluster: string, facts: readonly MemberFacts[]): Promise<void> {
  const now = deps.clock.now();
  const observedAt = now.toISOString();
  const { leader } = evaluateQuorum(facts.map(({ answer }) => answer));
  await Promise.all([
    ...facts.map(({ member, answer }) =>
      deps.store.updateMember(cluster, member, { health: answer.healthy ? "healthy" : "unhealthy", observedAt }),
    ),
    deps.store.recordObservation(cluster, { leader }, now),
  ]);
}

export const handler = stepHandler("Assess cluster", StepInput, assessCluster, collaborators(calls, ENV));
