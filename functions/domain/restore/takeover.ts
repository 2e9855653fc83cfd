import * as z from "zod";
import type { Read } from "../api/output.ts";
import type { Manifest } from "../backup/manifest.ts";
import { VersionsSchema } from "../releases/pinned-versions.ts";
import { ClusterSpec, type Problem } from "../spec/spec.ts";
import { bumpOf, tokenOf } from "./bump.ts";
import { lossText, planOfRestore } from "./loss.ts";
import type { RestorationRecord, RestoreFile, TakenFrom } from "./restore-records.ts";

/** `cluster.json` of a backup, as far as a new cluster needs it. */
export const BackedUpCluster = z.looseObject({
  spec: z.looseObject(ClusterSpec.shape),
  versions: VersionsSchema.exactOptional(),
  endpoint: z.looseObject({ host: z.string(), name: z.string().exactOptional() }).exactOptional(),
  members: z.array(z.looseObject({ name: z.string() })),
});
export type BackedUpCluster = Read<typeof BackedUpCluster>;

const FLAG = "--from-backup";
/** What each way is for: neither is guessed. */
const TAKEOVER =
  "--takeover: the source is permanently gone; the new cluster has its authorities, so its tokens and kubeconfigs keep working";
const COPY = "--copy: a second cluster beside a source that lives on, with new authorities; not built yet";

/** Why a cluster is not created from a backup in this way; undefined for a takeover. */
export function whyNotThisWay(value: string, mode: "takeover" | "copy" | undefined): Problem | undefined {
  if (mode === "takeover") return undefined;
  const message =
    mode === undefined
      ? `${FLAG}: say in which way. ${TAKEOVER}. ${COPY}.`
      : `${FLAG}: --copy is not built yet: both clusters' controllers would fight for the same volumes and load balancers. If the source is permanently gone, use --takeover.`;
  return { flag: FLAG, value, message };
}

/** The cluster that a backup was taken of, as EC2, Auto Scaling and the table know it now. */
export interface SourceFacts {
  readonly from: TakenFrom;
  /** Of the new cluster. */
  readonly name: string;
  /** The source's record has not been deleted. */
  readonly onRecord: boolean;
  /** Its instances that are not terminated. */
  readonly instances: readonly string[];
  /** Its groups that would launch instances. */
  readonly groups: readonly string[];
  /** The cluster that has taken over data of the same source. */
  readonly takenBy: string | undefined;
}

/** Says that of two takeovers of one source the other was first. */
export function takenAlready(source: string, taker: string): string {
  return `${source} has been taken over by ${taker} already; delete that first`;
}

/** Why the source is not permanently gone; undefined if it is. Two clusters with one history destroy each other's volumes. */
export function whyNoTakeover({ from, name, onRecord, instances, groups, takenBy }: SourceFacts): string | undefined {
  if (takenBy !== undefined && takenBy !== name) return takenAlready(from.cluster, takenBy);
  const remove = `\`holdfast delete cluster ${from.cluster} --yes\``;
  if (instances.length > 0)
    return `${from.cluster} is not gone: ${list(instances)} ${instances.length === 1 ? "is" : "are"} not terminated. Delete it with ${remove}.`;
  if (groups.length > 0)
    return `${from.cluster} is not gone: its Auto Scaling groups ${list(groups)} would launch it again. Delete it with ${remove}, or set their sizes to 0.`;
  if (onRecord && from.cluster === name)
    return `${name} is on record still. Delete it with ${remove}, or give the new cluster another name.`;
  return undefined;
}

const LISTED = 10;

function list(ids: readonly string[]): string {
  const more = ids.length > LISTED ? ` and ${ids.length - LISTED} more` : "";
  return `${ids.slice(0, LISTED).join(", ")}${more}`;
}

/** What the new cluster may not change: the data is of a network and of a minor of Kubernetes. */
export function explainMisfit(source: ClusterSpec, wanted: ClusterSpec): Problem[] {
  const problems: Problem[] = [];
  const [had, has] = [source.networking.used, wanted.networking.used];
  if (had !== has)
    problems.push({
      flag: "--networking",
      value: wanted.networking.requested,
      message: `--networking: the backup's pods have the network ${had}; a takeover keeps it`,
    });
  if (minorOf(source.kubernetesVersion) !== minorOf(wanted.kubernetesVersion))
    problems.push({
      flag: "--kubernetes-version",
      value: wanted.kubernetesVersion,
      message: `--kubernetes-version: the backup is of Kubernetes ${source.kubernetesVersion}; a takeover keeps it`,
    });
  return problems;
}

function minorOf(version: string): string {
  return version.replace(/^v/, "").split(".").slice(0, 2).join(".");
}

export interface TakeoverRequest {
  /** Of the new cluster. */
  readonly uid: string;
  readonly operation: string;
  readonly manifest: Pick<Manifest, "id" | "etcd">;
  readonly file: RestoreFile;
  readonly endpoint: string | null;
}

/** What is written down with the new cluster. Its volumes are on hold from the beginning: nothing of it has started. */
export function beginTakeover(request: TakeoverRequest, now: Date): RestorationRecord {
  const { uid, operation, manifest, file, endpoint } = request;
  return {
    ...{ operation, from: { kind: "backup", id: manifest.id }, epoch: 1, token: tokenOf(uid, 1) },
    bump: bumpOf(new Date(file.takenAt), now),
    startedAt: now.toISOString(),
    heldAt: 0,
    file,
    formerClusterId: manifest.etcd.clusterId,
    ...{ checked: false, serving: false },
    takeover: { endpoint, hostsForgotten: false },
  };
}

/** What a person must know before: what is lost, what stays behind, and what clients must change. */
export function takeoverWarnings(
  {
    from,
    file,
    endpoint,
    name,
  }: { from: TakenFrom; file: RestoreFile; endpoint: BackedUpCluster["endpoint"]; name: string },
  now: Date,
): string[] {
  const loss = planOfRestore(
    {
      ...{ cluster: from.cluster, from: { kind: "backup", id: from.backup }, file },
      ...{ lastRevision: null, epoch: 1, workloads: [] },
    },
    now,
  );
  const keepsName = endpoint?.name !== undefined && from.cluster === name;
  return [
    `takes over ${from.cluster} (uid ${from.uid}) from its backup ${from.backup}, revision ${file.revision}. ${lossText(loss)}`,
    `load balancers and volumes that Kubernetes made for ${from.cluster} stay behind. Claims whose volumes are gone will wait, and services get new load balancers.`,
    "nodes of before leave the data; pods that ran on them are started again",
    keepsName
      ? `tokens and kubeconfigs of before keep working, under ${endpoint?.name}`
      : "tokens and client certificates of before are accepted; kubeconfigs need the new endpoint (`holdfast export kubeconfig`)",
  ];
}
