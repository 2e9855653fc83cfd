import { masterGroupName } from "../cluster/naming.ts";
import {
  type ClusterRecord,
  interruptionOf,
  type MemberRecord,
  type OperationRecord,
  ownerOf,
} from "../cluster/records.ts";
import { evaluateGroup, explainDrift, type GroupFacts } from "../drift/group-drift.ts";
import { hasOtherGroups, type InterfaceFacts, lacksAddress } from "../drift/member-drift.ts";
import { whyRenew } from "../host/certificates.ts";
import { settledMembers } from "../migrate/settled-members.ts";
import type { Heartbeat } from "./heartbeats.ts";
import { kubernetesDown } from "./kubernetes-health.ts";
import { explainDetached, explainForeignData } from "./served-data.ts";

/** Facts about one cluster that are known without asking its hosts. */
export interface ReconcileFacts {
  readonly cluster: ClusterRecord;
  readonly members: readonly MemberRecord[];
  /** The operation that holds the cluster, if any. */
  readonly operation: OperationRecord | undefined;
  /** Ids of running masters' instances, in the whole account. */
  readonly running: ReadonlySet<string>;
  /** The volumes that are there, and the instance that each is attached to, or null. */
  readonly volumes: ReadonlyMap<string, string | null>;
  /** Members' interfaces, by id. */
  readonly interfaces: ReadonlyMap<string, InterfaceFacts>;
  /** Ids of members' volumes and interfaces that are there without their owner's tags. */
  readonly untagged: ReadonlySet<string>;
  /** Ids of other resources that have lost their owner's tags and are provably the cluster's. */
  readonly lostTags: readonly string[];
  /** Groups of all clusters, by name. */
  readonly groups: ReadonlyMap<string, GroupFacts>;
  /** The cluster's own heartbeats; each member's is searched for among them. */
  readonly heartbeats: readonly Heartbeat[];
}

export type ReconcileDecision =
  | { readonly kind: "healthy" }
  /** An operation is running, or the cluster's status excludes repairs. */
  | { readonly kind: "leave"; readonly reason: string }
  /** A repair should start. It reads everything again before it changes anything. */
  | { readonly kind: "repair"; readonly reason: string }
  /** The operation that held the cluster stopped without recording its end. */
  | { readonly kind: "end-operation"; readonly reason: string };

/** How long a member must report itself unhealthy: longer than an election or a short stall of its disk. */
const UNHEALTHY_SECONDS = 20;
/** Heartbeats arrive each minute. After three missing ones the host counts as silent. */
const SILENT_SECONDS = 200;
/** Pause before the next attempt on a cluster that could not be healed. */
const RETRY_SECONDS = 120;

const WATCHED = new Set(["ACTIVE", "DEGRADED", "REPAIRING", "UPDATING"]);

/** Clusters in other states are not repaired: an operation creates or deletes them, or a person must decide. */
export function isWatched({ status }: Pick<ClusterRecord, "status">): boolean {
  return WATCHED.has(status);
}

/**
 * Decides whether a repair should start. A wrong decision is harmless: the repair reads the actual state, and the next
 * reconcile run follows.
 */
export function decideReconcile(facts: ReconcileFacts, nowSeconds: number): ReconcileDecision {
  const { cluster, operation } = facts;
  if (operation && operation.status === "RUNNING" && operation.leaseUntil > nowSeconds * 1000) {
    return { kind: "leave", reason: `operation ${operation.id} is at work` };
  }
  // Neither is repaired: whoever requested the creation, deletion or restore must request it again.
  const isAskedFor = cluster.status === "CREATING" || cluster.status === "DELETING" || cluster.restoration != null;
  if (isAskedFor && operation) {
    return { kind: "end-operation", reason: `operation ${operation.id} stopped without recording its end` };
  }
  if (cluster.restoration)
    return { kind: "leave", reason: "its restore is not complete; the same command continues it" };
  if (!isWatched(cluster)) return { kind: "leave", reason: `the cluster is ${cluster.status}` };
  if (operation) return { kind: "repair", reason: `operation ${operation.id} stopped without recording its end` };
  const wrong = settledMembers(facts.members)
    .map((member) => evaluateMember(member, facts, nowSeconds))
    .filter((reason) => reason !== undefined);
  if (facts.lostTags.length > 0) wrong.push(`tags of ${facts.lostTags.join(" and ")} were removed`);
  if (wrong.length > 0) return retryLater(cluster, nowSeconds) ?? { kind: "repair", reason: wrong.join("; ") };
  if (cluster.status === "DEGRADED")
    return retryLater(cluster, nowSeconds) ?? { kind: "repair", reason: "it was degraded" };
  return { kind: "healthy" };
}

/** A finding from before an operation's end may already be fixed by it. `own` is the operation that would begin now. */
export function isOutdated(
  foundAt: string | null | undefined,
  operations: readonly Pick<OperationRecord, "id" | "finishedAt">[],
  own: string,
): boolean {
  return (
    foundAt != null &&
    operations.some(({ id, finishedAt }) => id !== own && finishedAt !== null && finishedAt > foundAt)
  );
}

/** A repair that failed recently is not repeated at once. */
function retryLater(cluster: ClusterRecord, nowSeconds: number): ReconcileDecision | undefined {
  const age = nowSeconds - Date.parse(cluster.updatedAt) / 1000;
  return cluster.status === "DEGRADED" && age < RETRY_SECONDS
    ? { kind: "leave", reason: `it was looked at ${Math.round(age)} s ago` }
    : undefined;
}

/** True if the heartbeat is too old, or has reported an unhealthy etcd for too long. */
export function isEtcdDown(heartbeat: Heartbeat, nowSeconds: number): boolean {
  return (
    nowSeconds - heartbeat.at > SILENT_SECONDS ||
    (!heartbeat.healthy && nowSeconds - heartbeat.since > UNHEALTHY_SECONDS)
  );
}

function evaluateMember(member: MemberRecord, facts: ReconcileFacts, nowSeconds: number): string | undefined {
  const name = `master ${member.member}`;
  if (member.instanceId === null || !facts.running.has(member.instanceId)) return `${name} has no running instance`;
  const attachedTo = member.volumeId === null ? undefined : facts.volumes.get(member.volumeId);
  if (attachedTo === undefined) return `the volume of ${name} is not there`;
  const changed = checkResources(member, facts);
  if (changed !== undefined) return changed;
  const detached = explainDetached({ ...member, attachedTo });
  if (detached !== undefined) return detached;
  const drift = evaluateGroupOf(member, facts);
  if (drift !== undefined) return `${name}: ${drift}`;
  const interruption = interruptionOf(member);
  if (interruption && othersAreHealthy(member, facts))
    return `${name} will lose ${interruption.instanceId} (${interruption.detectedBy})`;
  const heartbeat = facts.heartbeats.find(
    (candidate) => candidate.uid === facts.cluster.uid && candidate.member === member.member,
  );
  if (!heartbeat || heartbeat.instanceId !== member.instanceId) {
    // A new instance has not reported yet. It becomes suspect with age.
    const known = member.observedAt === null ? nowSeconds : Date.parse(member.observedAt) / 1000;
    return nowSeconds - known > SILENT_SECONDS ? `${name} has never sent a heartbeat` : undefined;
  }
  const foreign = explainForeignData(heartbeat, { ...member, clusterId: facts.cluster.etcdClusterId });
  if (foreign !== undefined) return `${name}: ${foreign}`;
  if (nowSeconds - heartbeat.at > SILENT_SECONDS)
    return `${name} has sent no heartbeat for ${nowSeconds - heartbeat.at} s`;
  if (!heartbeat.healthy && nowSeconds - heartbeat.since > UNHEALTHY_SECONDS) {
    return `${name} has reported an unhealthy etcd for ${nowSeconds - heartbeat.since} s`;
  }
  const renew = whyRenew(heartbeat.certificatesUntil, { nowSeconds, masters: facts.members.length });
  if (renew !== undefined && (facts.members.length === 1 || othersAreHealthy(member, facts)))
    return `${name}: ${renew}`;
  const down = kubernetesDown(heartbeat, { unfinished: member.unfinishedBoots, nowSeconds });
  if (down !== undefined) return `${name}: ${down.reason}`;
  const left = member.formerResources?.find(({ retryAt }) => retryAt <= nowSeconds * 1000);
  return left && `the former resources of ${name} in ${left.zone} are not removed yet`;
}

/** Tags that were removed, security groups that were exchanged, addresses that are gone: the repair puts them back. */
function checkResources(member: MemberRecord, { cluster, interfaces, untagged }: ReconcileFacts): string | undefined {
  const bare = [member.volumeId, member.interfaceId].filter((id) => id !== null && untagged.has(id));
  if (bare.length > 0) return `tags of ${bare.join(" and ")} of master ${member.member} were removed`;
  const own = interfaces.get(member.interfaceId ?? "");
  if (!own) return undefined;
  const whose = `${own.id} of master ${member.member}`;
  if (hasOtherGroups(cluster, own)) return `the security groups of ${whose} were changed`;
  return lacksAddress(cluster, member, own) ? `the Elastic IP of ${whose} was taken away` : undefined;
}

/**
 * Masters' interfaces that are attached to an instance that is not the member's. A running master's is left out: a
 * group may have launched a successor that is not on record yet.
 */
export function findHeldInterfaces({
  members,
  interfaces,
  running,
}: ReconcileFacts): { member: string; interfaceId: string; instanceId: string }[] {
  return members.flatMap(({ member, interfaceId, instanceId }) => {
    const own = interfaces.get(interfaceId ?? "");
    if (!own || own.instanceId === null || own.instanceId === instanceId || running.has(own.instanceId)) return [];
    return [{ member, interfaceId: own.id, instanceId: own.instanceId }];
  });
}

function evaluateGroupOf(member: MemberRecord, { cluster, groups, running }: ReconcileFacts): string | undefined {
  const group = groups.get(masterGroupName(ownerOf(cluster), member.member));
  return group && explainDrift(evaluateGroup(group), (instanceId) => running.has(instanceId));
}

/** A healthy master is replaced only while the others are a majority, so nothing else needs a repair. */
function othersAreHealthy({ member }: MemberRecord, { members }: ReconcileFacts): boolean {
  return members.length > 1 && members.every((other) => other.member === member || other.health === "healthy");
}

/**
 * Masters that run outside their groups: somebody detached the instance or put it on standby. It keeps serving, but its
 * group cannot launch another while it holds the interface. It is reported and not changed, since only a person knows
 * the reason.
 */
export function findDetachedMasters({
  cluster,
  members,
  groups,
  running,
}: ReconcileFacts): { member: string; instanceId: string }[] {
  return members.flatMap(({ member, instanceId }) => {
    const group = groups.get(masterGroupName(ownerOf(cluster), member));
    if (!group || instanceId === null || !running.has(instanceId)) return [];
    const own = group.instances.find((instance) => instance.instanceId === instanceId);
    return own && own.lifecycleState !== "Standby" ? [] : [{ member, instanceId }];
  });
}
