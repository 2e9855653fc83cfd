import type { Cluster } from "../data/api.ts";
import { ageOf, counted } from "./words.ts";

export type Tone = "good" | "busy" | "bad" | "quiet";
export type Status = Cluster["status"];
type Member = Cluster["members"][number];

/** A mark beside each word: state is never said by colour alone. */
export interface Mark {
  readonly mark: string;
  readonly word: string;
  readonly tone: Tone;
}

export const STATUS_MARKS: Readonly<Record<Status, Mark>> = {
  ACTIVE: { mark: "●", word: "Active", tone: "good" },
  CREATING: { mark: "◐", word: "Creating", tone: "busy" },
  REPAIRING: { mark: "◐", word: "Repairing", tone: "busy" },
  UPDATING: { mark: "◐", word: "Updating", tone: "busy" },
  DEGRADED: { mark: "▲", word: "Degraded", tone: "bad" },
  FAILED: { mark: "✕", word: "Failed", tone: "bad" },
  DELETING: { mark: "◌", word: "Deleting", tone: "quiet" },
  DELETED: { mark: "○", word: "Deleted", tone: "quiet" },
};

/** Of a fleet and its clusters; an endpoint that does not answer is a state of its own. */
export const FLEET_MARKS: Readonly<Record<Exclude<Status, "DELETED"> | "UNKNOWN" | "EMPTY", Mark>> = {
  ...STATUS_MARKS,
  UNKNOWN: { mark: "○", word: "Unknown", tone: "bad" },
  EMPTY: { mark: "○", word: "Empty", tone: "quiet" },
};

export const HEALTH_MARKS: Readonly<Record<Member["health"], Mark>> = {
  healthy: { mark: "●", word: "healthy", tone: "good" },
  unhealthy: { mark: "✕", word: "unhealthy", tone: "bad" },
  pending: { mark: "◐", word: "pending", tone: "busy" },
  unknown: { mark: "○", word: "unknown", tone: "quiet" },
};

/** What needs a person first. */
const ATTENTION: readonly Status[] = [
  "FAILED",
  "DEGRADED",
  "REPAIRING",
  "CREATING",
  "UPDATING",
  "DELETING",
  "ACTIVE",
  "DELETED",
];

export function byAttention(one: Cluster, other: Cluster): number {
  return ATTENTION.indexOf(one.status) - ATTENTION.indexOf(other.status) || (one.name < other.name ? -1 : 1);
}

/** Each word of the filter is in the name, the status, the version, a zone or a label. */
export function filterClusters(clusters: readonly Cluster[], filter: string): Cluster[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return clusters.filter((cluster) => {
    const labels = Object.entries({ ...cluster.spec.cloudLabels, ...cluster.spec.labels }).map(
      ([key, value]) => `${key}=${value}`,
    );
    const text = [cluster.name, cluster.status, versionOf(cluster), ...zonesOf(cluster), ...labels]
      .join(" ")
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** `12 clusters: 1 degraded, 1 repairing, 10 active` */
export function summaryOf(clusters: readonly Cluster[]): string {
  const counts = Map.groupBy(clusters, ({ status }) => status);
  const parts = ATTENTION.flatMap((status) => {
    const count = counts.get(status)?.length ?? 0;
    return count === 0 ? [] : [`${count} ${STATUS_MARKS[status].word.toLowerCase()}`];
  });
  const all = counted(clusters.length, "cluster");
  return parts.length === 0 ? all : `${all}: ${parts.join(", ")}`;
}

export function versionOf({ versions, spec }: Cluster): string {
  return versions?.kubernetes ?? spec.kubernetesVersion;
}

export function zonesOf({ members, plan, nodes }: Cluster): string[] {
  const all = [...members, ...plan.nodes, ...nodes].map(({ zone }) => zone);
  return [...new Set(all)].sort();
}

/** `2/3` of those that are asked for. */
export function nodesText({ nodes, spec }: Cluster): string {
  return `${nodes.filter(({ ready }) => ready).length}/${Math.max(spec.nodeCount, nodes.length)}`;
}

/** `leader b`, `placing b`, or who is missing. */
export function mastersText({ members, quorum }: Cluster): string {
  const missing = members.filter(({ health }) => health !== "healthy").map(({ name }) => name);
  if (missing.length === 0) return quorum.leader === null ? "no leader" : `leader ${quorum.leader}`;
  return `${quorum.healthy} of ${quorum.size}, not ${missing.join(", ")}`;
}

/** `3 of 3 agree, leader b. Survives the loss of any one zone.` */
export function quorumSentence(cluster: Cluster): string {
  const { healthy, size, needed, leader } = cluster.quorum;
  const agree = `${healthy} of ${size} ${healthy === 1 ? "agrees" : "agree"}`;
  if (healthy < needed) return `No quorum: ${agree}, and ${needed} are needed.`;
  return `${agree}, ${leader === null ? "no leader" : `leader ${leader}`}. ${survivalSentence(cluster)}`;
}

/** What the API survives now, which is less than planned while a member is missing. */
export function survivalSentence({ quorum, plan, members }: Cluster): string {
  const { healthy, size, needed } = quorum;
  if (size === 1) return "Its only master is replaced by itself; meanwhile the API is away.";
  if (healthy - needed < 1) return "No further loss is survived until all are back.";
  if (healthy < size) return `Survives the loss of ${counted(healthy - needed, "more master")}.`;
  const zones = [...new Set(members.map(({ zone }) => zone))];
  const lethal = zones.filter((zone) => !plan.survives.zones.includes(zone));
  if (lethal.length === 0) return "Survives the loss of any one zone.";
  return `Survives the loss of ${anyMasters(plan.survives.masters)}, not of zone ${lethal.join(" or ")}.`;
}

/** `any one master`, `any 2 masters` */
export function anyMasters(count: number): string {
  return count === 1 ? "any one master" : `any ${count} masters`;
}

/** Age of the last verified backup. */
export function backupText({ backup }: Cluster, now: number): string {
  if (!backup) return "–";
  if (backup.intervalMinutes === 0) return "off";
  return backup.lastVerifiedAt === null ? "none" : ageOf(backup.lastVerifiedAt, now);
}

export function drillText({ backup }: Cluster, now: number): string {
  const drill = backup?.drill;
  if (!drill) return "–";
  if (drill.lastError !== null) return "failed";
  if (drill.lastOkAt === null) return drill.schedule === "off" ? "off" : "none yet";
  return ageOf(drill.lastOkAt, now);
}

export function costText({ plan }: Pick<Cluster, "plan">): string {
  return plan.cost?.monthly == null ? "–" : `$${Math.round(plan.cost.monthly)}`;
}
