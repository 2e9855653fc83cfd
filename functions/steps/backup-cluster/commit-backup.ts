import type * as z from "zod";
import { s3 } from "../../aws/s3/client.ts";
import { findObject, putObject, tagObject } from "../../aws/s3/objects.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { findParameter } from "../../aws/ssm/parameters.ts";
import { type BackupNote, readNote } from "../../domain/backup/backup-note.ts";
import type { BackupFacts } from "../../domain/backup/backup-records.ts";
import {
  BACKUP_OBJECTS,
  BackupReason,
  backupId,
  backupKey,
  isVerified,
  type Manifest,
  pinnedTags,
} from "../../domain/backup/manifest.ts";
import { BackupFailed, NotReadyYet } from "../../domain/cluster/errors.ts";
import { parameterName } from "../../domain/cluster/naming.ts";
import { type Begun, type ClusterRecord, epochOf } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../runtime/env.ts";
import { StepInput, stepHandler } from "../../runtime/handlers.ts";
import { collaborators } from "../../runtime/system.ts";
import { publishEvent, recordEvent, recordEventCalls } from "../../usecases/operations/record-event.ts";

const calls = {
  ...recordEventCalls,
  ...bind(s3, { findObject, putObject, tagObject }),
  ...bind(ssm, { findParameter }),
};

const ENV = { BACKUP_BUCKET: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Input = StepInput.extend({ reason: BackupReason });

/**
 * Makes a backup of what a host has uploaded: the file is checked, the authorities and the cluster's record are put
 * beside it, then the manifest, then the table.
 */
export async function commitBackup(
  deps: Collaborators,
  { cluster: name, operation, reason }: z.output<typeof Input>,
  begun: Begun,
): Promise<{ readonly id: string }> {
  const cluster = await deps.store.getCluster(name);
  const note = readNote(await deps.store.findSideNote(operation));
  const id = backupId(begun.operationStartedAt, operation);
  if (await deps.store.findBackup(name, id)) return { id };
  checkEpoch(cluster, note, reason);
  const place = (object: string) => ({ bucket: deps.env.BACKUP_BUCKET, key: backupKey(ownerOf(cluster), id, object) });
  const checksum = await checkFile(deps, place(BACKUP_OBJECTS.snapshot), note);
  const authorities = await deps.aws.findParameter(parameterName.authorities({ cluster: name }));
  if (authorities === undefined) throw new BackupFailed(`the authorities of ${name} are not there`);
  // The command line of a host cannot say tags.
  const tags = pinnedTags(false);
  await deps.aws.tagObject(place(BACKUP_OBJECTS.snapshot), tags);
  const context = { uid: cluster.uid, backup: id };
  await deps.aws.putObject(place(BACKUP_OBJECTS.pki), authorities, { context, tags });
  await deps.aws.putObject(place(BACKUP_OBJECTS.cluster), await describe(deps, cluster), { tags });
  const manifest = manifestOf(cluster, note, {
    ...{ id, reason, takenAt: begun.operationStartedAt, now: deps.clock.now(), checksum },
  });
  await deps.aws.putObject(place(BACKUP_OBJECTS.manifest), JSON.stringify(manifest), { tags });
  await deps.store.recordBackup(manifest, factsOf(manifest));
  await announce(deps, manifest, operation);
  return { id };
}

function ownerOf({ name, uid }: ClusterRecord) {
  return { cluster: name, uid };
}

/** A snapshot of data that a restore has replaced meanwhile would pass for one of the restored data. */
function checkEpoch(cluster: ClusterRecord, { attempts }: BackupNote, reason: BackupReason): void {
  const now = epochOf(cluster);
  const { epoch = now } = attempts.at(-1) ?? {};
  if (epoch !== now || (cluster.restoration && reason !== "before-restore"))
    throw new BackupFailed(`${cluster.name} was restored while its data was saved`);
}

/** What S3 has is what the host has sent. Returns the checksum that S3 stores. */
async function checkFile(
  deps: Collaborators,
  place: { readonly bucket: string; readonly key: string },
  { snapshot }: BackupNote,
): Promise<string | null> {
  if (!snapshot) throw new NotReadyYet("the snapshot is not noted yet");
  const found = await deps.aws.findObject(place);
  if (!found) throw new BackupFailed(`${place.key} is not in the bucket, though its host has uploaded it`);
  const { bytes, sha256 } = snapshot;
  if (found.bytes !== bytes)
    throw new BackupFailed(`${place.key} has ${found.bytes} bytes, and ${bytes} were uploaded`);
  if (found.sha256 !== null && found.sha256 !== sha256)
    throw new BackupFailed(`${place.key} has the checksum ${found.sha256}, and ${sha256} was uploaded`);
  return found.checksum;
}

/** Spec, plan, versions and members: all that a cluster elsewhere would need. */
async function describe(deps: Collaborators, cluster: ClusterRecord): Promise<string> {
  const members = await deps.store.listMembers(cluster.name);
  const { name, uid, spec, plan, versions, images, endpoint, createdAt } = cluster;
  return JSON.stringify({
    version: 1,
    ...{ name, uid, epoch: epochOf(cluster), spec, plan, versions, images, endpoint, createdAt },
    members: plan.members.map(({ name: member, zone, address }) => {
      const { generation = 1, volumeId = null } = members.find((each) => each.member === member) ?? {};
      return { name: member, zone, address, generation, volumeId };
    }),
  });
}

interface Taking {
  readonly id: string;
  readonly reason: BackupReason;
  readonly takenAt: string;
  readonly now: Date;
  readonly checksum: string | null;
}

function manifestOf(
  cluster: ClusterRecord,
  note: BackupNote,
  { id, reason, takenAt, now, checksum }: Taking,
): Manifest {
  const attempt = note.attempts.at(-1);
  if (!attempt || !note.snapshot) throw new NotReadyYet("the snapshot is not noted yet");
  const { status, bytes, sha256 } = note.snapshot;
  const { etcdVersion: version, clusterId, raftTerm, raftIndex, member } = attempt;
  const { hash = null, compactRevision = null } = note.memberHash ?? {};
  return {
    version: 1,
    id,
    cluster: cluster.name,
    uid: cluster.uid,
    epoch: epochOf(cluster),
    takenAt,
    reason,
    member,
    etcd: {
      ...{ version, clusterId, raftTerm, raftIndex },
      ...{ revision: status.revision, totalKey: status.totalKey, totalSize: status.totalSize, hash: status.hash },
      ...{ hashkv: hash, compactRevision },
    },
    kubernetes: { version: cluster.versions?.kubernetes ?? cluster.spec.kubernetesVersion },
    // Secrets are not encrypted by the API server: EBS and S3 are.
    encryption: { keyNames: [] },
    objects: { [BACKUP_OBJECTS.snapshot]: { bytes, sha256, ...(checksum === null ? {} : { checksum }) } },
    verified: { file: now.toISOString(), hashkv: note.hashkv ?? null, drill: null },
  };
}

function factsOf(manifest: Manifest): Partial<BackupFacts> {
  const { id, takenAt } = manifest;
  return {
    ...{ lastOkId: id, lastOkAt: takenAt, lastError: null, failingSince: null, failureReportedAt: null },
    ...(isVerified(manifest) ? { lastVerifiedId: id, lastVerifiedAt: takenAt } : {}),
  };
}

/** In the event history only what somebody, or an operation, asked for: the schedule takes a hundred a day. */
async function announce(deps: Collaborators, manifest: Manifest, operation: string): Promise<void> {
  const { id, cluster, member, reason, etcd, verified } = manifest;
  const { equal, members = [] } = verified.hashkv ?? {};
  const compared = equal === undefined ? "members not compared" : `${members.join(", ")} ${equal ? "agree" : "differ"}`;
  const message = `Backup ${id} was taken of member ${member}: revision ${etcd.revision}, ${etcd.totalKey} keys; ${compared}.`;
  const event = { time: deps.clock.now().toISOString(), type: "backup-taken", message, member: null, operation };
  await (reason === "schedule" ? publishEvent : recordEvent)(deps, cluster, event);
  if (isVerified(manifest)) await publishEvent(deps, cluster, { ...event, type: "backup-verified" });
}

export const handler = stepHandler("Commit backup", Input, commitBackup, collaborators(calls, ENV));
