import { ec2 } from "../../aws/ec2/client.ts";
import { readdressTemplate } from "../../aws/ec2/launch-templates.ts";
import { elb } from "../../aws/load-balancing/client.ts";
import { deregisterTargets } from "../../aws/load-balancing/load-balancing.ts";
import { tagsOfTargetGroup } from "../../aws/load-balancing/removal.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { masterTemplateName } from "../../domain/cluster/naming.ts";
import { endpointOf } from "../../domain/cluster/recorded-network.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import { addressVariables, withVariables } from "../../domain/host/boot-script.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { Owned } from "../../domain/ownership/ownership.ts";
import { type ListedMember, peerUrlOf, readMemberList } from "../../domain/repair/member-list.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type Asking, hostCommandCalls, runDocument } from "../members/host-command.ts";
import { planOf } from "../members/members.ts";
import { recordEvent, recordEventCalls } from "../operations/record-event.ts";

export const mastersAtWorkCalls = {
  ...hostCommandCalls,
  ...recordEventCalls,
  ...bind(ec2, { readdressTemplate }),
  ...bind(elb, { deregisterTargets, tagsOfTargetGroup }),
};

type Collaborators = Deps<typeof mastersAtWorkCalls, { readonly CHANGE_VOTERS_DOCUMENT: string }>;

/** Members that begin to vote, members that leave, and one that stays, by their slots. */
export interface VoterChange {
  readonly promote: readonly string[];
  readonly remove: readonly string[];
  readonly keeper: string;
}

/**
 * Changes who votes, in one command on a host. Throws NotReadyYet unless etcd's own list says afterwards that it is done.
 * Templates and records of members follow.
 */
export async function changeVoters(
  deps: Collaborators,
  cluster: ClusterRecord,
  asking: Asking,
  master: string,
  { promote, remove, keeper }: VoterChange,
): Promise<void> {
  const urlOf = (slot: string) => peerUrlOf(planOf(cluster, slot).address);
  const output = await runDocument(deps, asking, master, deps.env.CHANGE_VOTERS_DOCUMENT, {
    promote: promote.map(urlOf).join(" ") || "-",
    remove: remove.map(urlOf).join(" ") || "-",
    keeper: urlOf(keeper),
  });
  const listed = readMemberList(output);
  const isDone =
    promote.every((slot) => listed.some(({ peerUrl, learner }) => peerUrl === urlOf(slot) && !learner)) &&
    !remove.some((slot) => listed.some(({ peerUrl }) => peerUrl === urlOf(slot)));
  if (!isDone) throw new NotReadyYet("etcd does not list the voters yet that it should have");
  await redirectLaunches(deps, cluster, listed);
  const time = deps.clock.now().toISOString();
  const record = async (member: string, change: Partial<MemberRecord>, type: string, message: string) => {
    await deps.store.updateMember(cluster.name, member, { ...change, observedAt: time });
    await recordEvent(deps, cluster.name, { time, type, message, member, operation: asking.operation });
  };
  for (const slot of promote)
    await record(
      slot,
      { migrating: null, health: "healthy" },
      "member-promoted",
      `Member ${slot} has caught up and votes.`,
    );
  for (const slot of remove)
    await record(
      slot,
      { health: "unhealthy" },
      "member-removed",
      `Member ${slot} has left etcd; its master goes next.`,
    );
}

/** What masters are launched from names exactly the members that etcd has now. */
async function redirectLaunches(
  deps: Collaborators,
  cluster: ClusterRecord,
  listed: readonly ListedMember[],
): Promise<void> {
  const owner = ownerOf(cluster);
  const members = cluster.plan.members.filter(({ address }) =>
    listed.some(({ peerUrl }) => peerUrl === peerUrlOf(address)),
  );
  const lists = addressVariables(members);
  await Promise.all(
    members.map(({ name }) =>
      deps.aws.readdressTemplate(owner, masterTemplateName(owner, name), (userData) => withVariables(userData, lists)),
    ),
  );
}

/** Marks masters as leaving: repairs leave them alone, and new connections to the API go to others. */
export async function markLeaving(
  deps: Collaborators,
  cluster: ClusterRecord,
  slots: readonly string[],
): Promise<void> {
  if (slots.length === 0) return;
  for (const slot of slots) await deps.store.updateMember(cluster.name, slot, { migrating: "leaving" });
  const id = endpointOf(cluster).targetGroupArn;
  const tags = await deps.aws.tagsOfTargetGroup(id);
  const owned = Owned.require(owningClusterOf(cluster), { kind: "target-group", id, tags });
  await deps.aws.deregisterTargets(
    owned,
    slots.map((slot) => planOf(cluster, slot).address),
  );
}
