import { BACKUP_OBJECTS, backupKey, type Manifest, type ManifestResult } from "../backup/manifest.ts";
import type { ClusterRecord } from "../cluster/records.ts";
import { versionsOf } from "../releases/pinned-versions.ts";
import type { RestoreFile } from "./restore-records.ts";

/** What the bucket has of a backup. */
export interface FoundBackup {
  readonly id: string;
  /** Of the manifest's text; undefined if there is none. */
  readonly manifest: ManifestResult | undefined;
  /** `sha256` is null where S3 does not know it. */
  readonly snapshot:
    | { readonly bytes: number; readonly sha256: string | null; readonly checksum: string | null }
    | undefined;
}

export type BackupCheck =
  | { readonly ok: true; readonly file: RestoreFile }
  | { readonly ok: false; readonly problem: "foreign" | "unusable"; readonly why: string };

/** Whether a backup may be restored in place: whole, this cluster's, and of versions that fit. */
export function checkBackup(
  cluster: Pick<ClusterRecord, "name" | "uid" | "spec" | "versions">,
  found: FoundBackup,
): BackupCheck {
  const { id, manifest: read, snapshot } = found;
  if (!read?.ok) return unusable(id, read?.why ?? NO_MANIFEST);
  const { manifest } = read;
  if (manifest.uid !== cluster.uid)
    return {
      ok: false,
      problem: "foreign",
      why: `backup ${id} is of ${manifest.cluster} with the uid ${manifest.uid}`,
    };
  const object = manifest.objects[BACKUP_OBJECTS.snapshot];
  const why =
    explainFile(id, manifest, snapshot) ?? explainVersions(versionsOf(cluster), manifest) ?? explainKeys(manifest);
  if (!object || why !== undefined) return unusable(id, why ?? NO_SNAPSHOT);
  const { revision, totalSize } = manifest.etcd;
  const key = backupKey({ cluster: manifest.cluster, uid: manifest.uid }, id, BACKUP_OBJECTS.snapshot);
  const { takenAt } = manifest;
  const { bytes, sha256 } = object;
  return { ok: true, file: { key, bytes, sha256, revision, totalSize, keys: null, takenAt } };
}

/** Why a backup is not whole, as far as the bucket shows it; undefined if it is. Its content is for a host to read. */
export function explainDamage({ id, manifest, snapshot }: FoundBackup): string | undefined {
  const why = manifest?.ok ? explainFile(id, manifest.manifest, snapshot) : (manifest?.why ?? NO_MANIFEST);
  return why === undefined ? undefined : refusal(id, why);
}

const NO_MANIFEST = "its manifest is not there";
const NO_SNAPSHOT = "its manifest names no snapshot of it";

function explainFile(id: string, manifest: Manifest, snapshot: FoundBackup["snapshot"]): string | undefined {
  const object = manifest.objects[BACKUP_OBJECTS.snapshot];
  if (!object || manifest.id !== id) return NO_SNAPSHOT;
  if (!snapshot) return "its file is not there";
  if (snapshot.bytes !== object.bytes)
    return `its file has ${snapshot.bytes} bytes, and its manifest says ${object.bytes}`;
  if (snapshot.sha256 !== null && snapshot.sha256 !== object.sha256)
    return `its file has the SHA-256 sum ${snapshot.sha256}, and its manifest says ${object.sha256}`;
  // Of an upload in parts S3 has a checksum of checksums: the same as when the backup was taken, or it is another file.
  const { checksum = snapshot.checksum } = object;
  if (snapshot.checksum !== null && snapshot.checksum !== checksum)
    return `its file has the checksum ${snapshot.checksum} in S3, and its manifest says ${checksum}`;
  return undefined;
}

function unusable(id: string, why: string): BackupCheck {
  return { ok: false, problem: "unusable", why: refusal(id, why) };
}

function refusal(id: string, why: string): string {
  return `backup ${id} cannot be restored: ${why}`;
}

/** An API server reads what the minor before it wrote; etcd reads nothing of a later minor. */
function explainVersions(
  running: { readonly kubernetes: string; readonly etcd: string },
  { kubernetes, etcd }: Manifest,
): string | undefined {
  const [own, its] = [minorOf(running.kubernetes), minorOf(kubernetes.version)];
  if (its > own || its < own - 1)
    return `it is of Kubernetes ${kubernetes.version}, and the cluster runs ${running.kubernetes}`;
  if (isLater(etcd.version, running.etcd)) return `it is of etcd ${etcd.version}, and the cluster runs ${running.etcd}`;
  return undefined;
}

/** Secrets that were encrypted in etcd stay so, and their keys are the API server's: it has none yet. */
function explainKeys({ encryption: { keyNames } }: Manifest): string | undefined {
  if (keyNames.length === 0) return undefined;
  return `its secrets are encrypted with ${keyNames.join(", ")}, which the cluster does not have`;
}

function minorOf(version: string): number {
  return Number(version.replace(/^v/, "").split(".")[1] ?? 0);
}

function isLater(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [ownMajor = 0, ownMinor = 0] = than.split(".").map(Number);
  return major > ownMajor || (major === ownMajor && minor > ownMinor);
}
