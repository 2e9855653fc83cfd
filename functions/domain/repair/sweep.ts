import { masterGroupName } from "../cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, noticeOf, type OperationRecord, ownerOf } from "../cluster/records.ts";
import { explainDrift, type GroupFacts, judgeGroup } from "../drift/group-drift.ts";
import { hasOtherGroups, type InterfaceFacts, lacksAddress } from "../drift/member-drift.ts";
import { whyRenew } from "../host/certificates.ts";
import type { Beat } from "./heartbeats.ts";
import { kubernetesDown } from "./kubernetes-health.ts";
import { explainDetached, explainForeignData } from "./served-data.ts";

/** What is known of one cluster without having asked any of its hosts. */
export interface SweepFacts {
  readonly cluster: ClusterRecord;
  readonly members: readonly MemberRecord[];
  /** The operation that holds the cluster, if one does. */
  readonly operation: OperationRecord | undefined;
  /** Ids of running masters' instances, in the whole account. */
  readonly running: ReadonlySet<string>;
  /** The volumes that are there, and the instance that each is attached to, or null. */
  readonly volumes: ReadonlyMap<string, string | null>;
  /** Members' interfaces, by id. */
  readonly interfaces: ReadonlyMap<string, InterfaceFacts>;
  /** Ids of members' volumes and interfaces that are there without their owner's tags. */
  readonly untagged: ReadonlySet<string>;
  /** Ids of what else has lost its owner's tags and is provably the cluster's. */
  readonly lostTags: readonly string[];
  /** Groups of all clusters, by name. */
  readonly groups: ReadonlyMap<string, GroupFacts>;
  /** The cluster's own, a few of thousands: each member's is looked for among them. */
  readonly beats: readonly Beat[];
}

export type SweepVerdict =
  | { readonly kind: "well" }
  /** Somebody is at work, or the cluster is not ours to look after. */
  | { readonly kind: "leave"; readonly reason: string }
  /** A repair should look: it reads everything again before it does anything. */
  | { readonly kind: "repair"; readonly reason: string }
  /** The operation that held the cluster died without a word. */
  | { readonly kind: "end-operation"; readonly reason: string };

/** A member says that it is not healthy for so long before anybody believes it: longer than an election or a full disk's hiccup. */
const UNHEALTHY_SECONDS = 20;
/** Beats come each minute: after three that did not come the host is taken to be silent. */
const SILENT_SECONDS = 200;
/** A cluster that could not be healed is looked at again after this. */
const RETRY_SECONDS = 120;

const WATCHED = new Set(["ACTIVE", "DEGRADED", "REPAIRING", "UPDATING"]);

/** Clusters in other states are not repaired: somebody makes them, removes them, or has to decide. */
export const isWatched = ({ status }: Pick<ClusterRecord, "status">): boolean => WATCHED.has(status);

/** Is there a reason to look closer? Wrong in either direction is harmless: the repair reads the truth, the next sweep comes. */
export const judgeSweep = (facts: SweepFacts, nowSeconds: number): SweepVerdict => {
  const { cluster, operation } = facts;
  if (operation && operation.status === "RUNNING" && operation.leaseUntil > nowSeconds * 1000) {
    return { kind: "leave", reason: `operation ${operation.id} is at work` };
  }
  // Neither is repaired: what was half made or half removed is for who asked for it to take up again.
  if ((cluster.status === "CREATING" || cluster.status === "DELETING") && operation) {
    return { kind: "end-operation", reason: `operation ${operation.id} stopped without a word` };
  }
  if (!isWatched(cluster)) return { kind: "leave", reason: `the cluster is ${cluster.status}` };
  if (operation) return { kind: "repair", reason: `operation ${operation.id} stopped without a word` };
  const wrong = facts.members
    .map((member) => judgeMember(member, facts, nowSeconds))
    .filter((reason) => reason !== undefined);
  if (facts.lostTags.length > 0) wrong.push(`tags of ${facts.lostTags.join(" and ")} were removed`);
  if (wrong.length > 0) return retryLater(cluster, nowSeconds) ?? { kind: "repair", reason: wrong.join("; ") };
  if (cluster.status === "DEGRADED")
    return retryLater(cluster, nowSeconds) ?? { kind: "repair", reason: "it was degraded" };
  return { kind: "well" };
};

/**
 * What was found before an operation ended may be what that operation has mended, and nothing is left to be done about it. `own` is
 * the operation that would begin now.
 */
export const isOutdated = (
  foundAt: string | null | undefined,
  operations: readonly Pick<OperationRecord, "id" | "finishedAt">[],
  own: string,
): boolean =>
  foundAt != null && operations.some(({ id, finishedAt }) => id !== own && finishedAt !== null && finishedAt > foundAt);

/** What did not help a moment ago is not tried again at once. */
const retryLater = (cluster: ClusterRecord, nowSeconds: number): SweepVerdict | undefined => {
  const age = nowSeconds - Date.parse(cluster.updatedAt) / 1000;
  return cluster.status === "DEGRADED" && age < RETRY_SECONDS
    ? { kind: "leave", reason: `it was looked at ${Math.round(age)} s ago` }
    : undefined;
};

/** What a fresh beat says about how long this member has not been well. */
export const isEtcdDown = (beat: Beat, nowSeconds: number): boolean =>
  nowSeconds - beat.at > SILENT_SECONDS || (!beat.healthy && nowSeconds - beat.since > UNHEALTHY_SECONDS);

const judgeMember = (member: MemberRecord, facts: SweepFacts, nowSeconds: number): string | undefined => {
  const name = `master ${member.member}`;
  if (member.instanceId === null || !facts.running.has(member.instanceId)) return `${name} has no running instance`;
  const attachedTo = member.volumeId === null ? undefined : facts.volumes.get(member.volumeId);
  if (attachedTo === undefined) return `the volume of ${name} is not there`;
  const changed = checkResources(member, facts);
  if (changed !== undefined) return changed;
  const detached = explainDetached({ ...member, attachedTo });
  if (detached !== undefined) return detached;
  const drift = judgeGroupOf(member, facts);
  if (drift !== undefined) return `${name}: ${drift}`;
  const notice = noticeOf(member);
  if (notice && othersAreWell(member, facts)) return `${name} will lose ${notice.instanceId} (${notice.toldBy})`;
  const beat = facts.beats.find(
    (candidate) => candidate.uid === facts.cluster.uid && candidate.member === member.member,
  );
  if (!beat || beat.instanceId !== member.instanceId) {
    // A new instance has not spoken yet; one that never does becomes suspicious by its age.
    const known = member.observedAt === null ? nowSeconds : Date.parse(member.observedAt) / 1000;
    return nowSeconds - known > SILENT_SECONDS ? `${name} has never said how it is` : undefined;
  }
  const foreign = explainForeignData(beat, { ...member, clusterId: facts.cluster.etcdClusterId });
  if (foreign !== undefined) return `${name}: ${foreign}`;
  if (nowSeconds - beat.at > SILENT_SECONDS) return `${name} has said nothing for ${nowSeconds - beat.at} s`;
  if (!beat.healthy && nowSeconds - beat.since > UNHEALTHY_SECONDS) {
    return `${name} says that its etcd is not healthy for ${nowSeconds - beat.since} s`;
  }
  const renew = whyRenew(beat.certificatesUntil, { nowSeconds, masters: facts.members.length });
  if (renew !== undefined && (facts.members.length === 1 || othersAreWell(member, facts))) return `${name}: ${renew}`;
  const down = kubernetesDown(beat, { unfinished: member.unfinishedBoots, nowSeconds });
  if (down !== undefined) return `${name}: ${down.reason}`;
  const left = member.remains?.find(({ retryAt }) => retryAt <= nowSeconds * 1000);
  return left && `what ${name} had in ${left.zone} is not removed yet`;
};

/** Tags that were removed, security groups that were exchanged, addresses that are gone: the repair puts them back. */
const checkResources = (member: MemberRecord, { cluster, interfaces, untagged }: SweepFacts): string | undefined => {
  const bare = [member.volumeId, member.interfaceId].filter((id) => id !== null && untagged.has(id));
  if (bare.length > 0) return `tags of ${bare.join(" and ")} of master ${member.member} were removed`;
  const own = interfaces.get(member.interfaceId ?? "");
  if (!own) return undefined;
  const whose = `${own.id} of master ${member.member}`;
  if (hasOtherGroups(cluster, own)) return `the security groups of ${whose} were changed`;
  return lacksAddress(cluster, member, own) ? `the Elastic IP of ${whose} was taken away` : undefined;
};

/**
 * Masters' interfaces that are attached to an instance that is not the member's. A running master's is left out: a group may have
 * launched a successor that is not on record yet.
 */
export const findHeldInterfaces = ({
  members,
  interfaces,
  running,
}: SweepFacts): { member: string; interfaceId: string; instanceId: string }[] =>
  members.flatMap(({ member, interfaceId, instanceId }) => {
    const own = interfaces.get(interfaceId ?? "");
    if (!own || own.instanceId === null || own.instanceId === instanceId || running.has(own.instanceId)) return [];
    return [{ member, interfaceId: own.id, instanceId: own.instanceId }];
  });

const judgeGroupOf = (member: MemberRecord, { cluster, groups, running }: SweepFacts): string | undefined => {
  const group = groups.get(masterGroupName(ownerOf(cluster), member.member));
  return group && explainDrift(judgeGroup(group), (instanceId) => running.has(instanceId));
};

/** Without a majority besides it nobody would replace a master that is well, so nobody need look. */
const othersAreWell = ({ member }: MemberRecord, { members }: SweepFacts): boolean =>
  members.length > 1 && members.every((other) => other.member === member || other.health === "healthy");

/**
 * Masters that run outside their groups: somebody detached the instance, or put it on standby. It serves on, and its group
 * cannot launch another while it holds the interface. Only a person knows what for, so it is told and left.
 */
export const findStrays = ({
  cluster,
  members,
  groups,
  running,
}: SweepFacts): { member: string; instanceId: string }[] =>
  members.flatMap(({ member, instanceId }) => {
    const group = groups.get(masterGroupName(ownerOf(cluster), member));
    if (!group || instanceId === null || !running.has(instanceId)) return [];
    const own = group.instances.find((instance) => instance.instanceId === instanceId);
    return own && own.lifecycleState !== "Standby" ? [] : [{ member, instanceId }];
  });
