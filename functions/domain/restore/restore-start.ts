import type { ClusterStatus } from "../api/views.ts";
import { type ClusterRecord, epochOf, type MemberRecord } from "../cluster/records.ts";
import { quorumOf } from "../repair/quorum.ts";
import { counted, isOrAre } from "../text/counted.ts";
import { bumpOf, tokenOf } from "./bump.ts";
import type { RestorationRecord, RestoreFile, RestoreSource } from "./restore-records.ts";
import { sourceText } from "./source-text.ts";

/** What is known of a cluster when somebody asks for its restore. */
export interface RestoreStart {
  readonly status: ClusterStatus;
  readonly restoration: RestorationRecord | null | undefined;
  readonly members: readonly Pick<MemberRecord, "member" | "volumeId" | "damage">[];
  /** Ids of members' volumes that exist. */
  readonly volumes: ReadonlySet<string>;
  /** Members whose etcd is healthy and agrees, as they say now. */
  readonly healthy: number;
}

const RESTORABLE: ReadonlySet<ClusterStatus> = new Set(["ACTIVE", "DEGRADED", "REPAIRING", "UPDATING"]);

/** Why the restore is refused; undefined if it may begin. `insists`: a majority that is healthy is no reason. */
export function whyNoRestore(start: RestoreStart, from: RestoreSource, insists: boolean): string | undefined {
  const { status, restoration, members, healthy } = start;
  if (!RESTORABLE.has(status))
    return `the cluster is ${status}; only a cluster that serves, or has served before, can be restored`;
  if (restoration) return whyNoResumption(restoration, from);
  const intact = members.filter((member) => isIntact(member, start.volumes)).map(({ member }) => member);
  if (from.kind === "survivor") {
    const names = members.map(({ member }) => member);
    if (from.member !== null && !names.includes(from.member))
      return `the cluster has no member ${from.member}; its members are ${names.join(", ")}`;
    if (from.member !== null && !intact.includes(from.member))
      return `member ${from.member} has no data: its volume is gone or damaged`;
    if (intact.length === 0) return "no member has data left: every volume is gone or damaged. Restore a backup.";
  }
  if (insists) return undefined;
  const needed = quorumOf(members.length);
  const anyway = "Add --even-though-healthy to go back in time on purpose.";
  if (healthy >= needed)
    return `${healthy} of ${counted(members.length, "member")} ${isOrAre(healthy)} healthy, a majority. ${anyway}`;
  if (intact.length >= needed)
    return `the volumes of ${intact.join(", ")} are there, a majority: a repair brings them back without a loss. ${anyway}`;
  return undefined;
}

/** A restore that stopped is continued by the same request, and by no other: its token is in use. */
function whyNoResumption(restoration: RestorationRecord, from: RestoreSource): string | undefined {
  const begun = restoration.from;
  return isSameSource(begun, from)
    ? undefined
    : `a restore from ${sourceText(begun)} has begun and is not complete; request that one again`;
}

function isSameSource(one: RestoreSource, other: RestoreSource): boolean {
  if (one.kind === "backup") return other.kind === "backup" && other.id === one.id;
  return other.kind === "survivor" && other.member === one.member;
}

function isIntact({ volumeId, damage }: RestoreStart["members"][number], volumes: ReadonlySet<string>): boolean {
  return volumeId !== null && volumes.has(volumeId) && damage?.volumeId !== volumeId;
}

/** What is written down when a restore begins. One that is open stays as it is, but for who continues it. */
export function beginRestoration(request: RestoreRequest, now: Date): RestorationRecord {
  const { cluster, operation, from, file } = request;
  const wish = request.restartAll ? { restartAll: true } : {};
  if (cluster.restoration) return { ...cluster.restoration, operation, ...wish };
  const epoch = epochOf(cluster) + 1;
  return {
    ...{
      operation,
      from,
      epoch,
      file,
      token: tokenOf(cluster.uid, epoch),
      heldAt: null,
      checked: false,
      serving: false,
    },
    bump: bumpOf(file ? new Date(file.takenAt) : now, now),
    startedAt: now.toISOString(),
    formerClusterId: cluster.etcdClusterId ?? null,
    ...wish,
  };
}

export interface RestoreRequest {
  readonly cluster: ClusterRecord;
  readonly operation: string;
  readonly from: RestoreSource;
  readonly file: RestoreFile | null;
  readonly restartAll?: boolean;
}
