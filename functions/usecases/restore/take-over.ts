import { findGroups } from "../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { listLiveInstances } from "../../aws/ec2/compute.ts";
import type { FromBackup } from "../../domain/api/restore-body.ts";
import { BACKUP_OBJECTS, backupKey, isVerified, type Manifest } from "../../domain/backup/manifest.ts";
import { BackupUnknown, BackupUnusable, SpecRejected, TakeoverRefused } from "../../domain/cluster/errors.ts";
import { masterGroupName, nodeGroupName } from "../../domain/cluster/naming.ts";
import { planCluster } from "../../domain/plan/plan.ts";
import type { PlannedCluster } from "../../domain/plan/plan-types.ts";
import { isKnown, type Versions, versionsOf } from "../../domain/releases/pinned-versions.ts";
import type { RestoreFile, TakenFrom } from "../../domain/restore/restore-records.ts";
import {
  BackedUpCluster,
  explainMisfit,
  takeoverWarnings,
  whyNoTakeover,
  whyNotThisWay,
} from "../../domain/restore/takeover.ts";
import { FIELDS } from "../../domain/spec/field-table.ts";
import type { RawFlag } from "../../domain/spec/fields.ts";
import { specFromPatch } from "../../domain/spec/parse-spec.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { findFile, findFileCalls } from "./find-file.ts";

export const takeOverCalls = {
  ...findFileCalls,
  ...bind(ec2, { listLiveInstances }),
  ...bind(autoScaling, { findGroups }),
};

type Collaborators = Deps<typeof takeOverCalls, { readonly BACKUP_BUCKET: string }>;

/** What somebody asks for: what is not said of the spec is as the backup's cluster had it. */
export interface TakeoverAsked {
  readonly spec?: unknown;
  readonly flags?: readonly RawFlag[] | undefined;
  readonly fromBackup: FromBackup;
}

export interface CheckedTakeover {
  readonly planned: PlannedCluster;
  readonly versions: Versions;
  readonly from: TakenFrom;
  readonly manifest: Manifest;
  readonly file: RestoreFile;
  readonly endpoint: string | null;
}

/** The cluster whose backup is asked for: the new one's own name, unless another is said. */
export function sourceOf({ spec, flags, fromBackup }: TakeoverAsked): string {
  return fromBackup.cluster ?? nameIn(flags, spec) ?? "";
}

function nameIn(flags: readonly RawFlag[] | undefined, spec: unknown): string | undefined {
  const names: readonly string[] = FIELDS.name.flags;
  if (flags) return flags.find(({ flag }) => names.includes(flag))?.value;
  return typeof spec === "object" && spec !== null && "name" in spec && typeof spec.name === "string"
    ? spec.name
    : undefined;
}

/**
 * Holds a takeover that is asked for against the backup and its source, and changes nothing. Throws SpecRejected,
 * BackupUnknown, BackupUnusable, TakeoverRefused.
 */
export async function checkTakeover(deps: Collaborators, asked: TakeoverAsked): Promise<CheckedTakeover> {
  const { cluster: source = sourceOf(asked), backup, mode } = asked.fromBackup;
  const problem = whyNotThisWay(`${source}/${backup}`, mode);
  if (problem) throw new SpecRejected([problem]);
  if (source === "")
    throw new SpecRejected([{ flag: "NAME", value: "", message: "NAME: missing; expected that of the new cluster" }]);
  const manifest = await findManifest(deps, source, backup);
  const { id, uid } = manifest;
  const former = await readFormer(deps, manifest);
  const versions = versionsOf(former);
  if (!isKnown(versions))
    throw new BackupUnusable(
      `backup ${id} cannot be restored: its cluster ran etcd ${versions.etcd} and Kubernetes ${versions.kubernetes}, which this release does not know`,
    );
  const file = await findFile(deps, deps.env.BACKUP_BUCKET, { name: source, uid, spec: former.spec, versions }, id);
  const patch = asked.flags === undefined ? { document: asked.spec ?? {} } : { flags: asked.flags };
  const parsed = specFromPatch(former.spec, patch);
  if (!parsed.ok) throw new SpecRejected(parsed.problems);
  const misfits = explainMisfit(former.spec, parsed.spec);
  if (misfits.length > 0) throw new SpecRejected(misfits);
  const from = { cluster: source, uid, backup: id };
  await requireGone(deps, from, parsed.spec.name, former);
  const planned = planCluster(parsed.spec, parsed.warnings);
  const said = takeoverWarnings({ from, file, endpoint: former.endpoint, name: parsed.spec.name }, deps.clock.now());
  return {
    planned: { ...planned, versions, warnings: [...said, ...planned.warnings] },
    ...{ versions, from, manifest, file, endpoint: former.endpoint?.host ?? null },
  };
}

async function findManifest(deps: Collaborators, source: string, backup: string): Promise<Manifest> {
  if (backup !== "latest") return (await deps.store.getBackup(source, backup)).manifest;
  const found = (await deps.store.listBackups(source)).find(
    ({ manifest, removing }) => removing !== true && isVerified(manifest),
  );
  if (!found)
    throw new BackupUnknown(
      `there is no verified backup of ${source}; one of another cluster is named by --from-backup CLUSTER/ID`,
    );
  return found.manifest;
}

/** Spec and versions of the cluster when the backup was taken. */
async function readFormer(deps: Collaborators, { cluster, uid, id }: Manifest): Promise<BackedUpCluster> {
  const key = backupKey({ cluster, uid }, id, BACKUP_OBJECTS.cluster);
  const text = await deps.aws.findText({ bucket: deps.env.BACKUP_BUCKET, key });
  const unusable = (why: string) => new BackupUnusable(`backup ${id} cannot be restored: its cluster.json ${why}`);
  if (text === undefined) throw unusable("is not there");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw unusable("is not JSON");
  }
  const read = BackedUpCluster.safeParse(document);
  if (!read.success) throw unusable("is not whole");
  return read.data;
}

async function requireGone(
  deps: Collaborators,
  from: TakenFrom,
  name: string,
  { spec, members }: BackedUpCluster,
): Promise<void> {
  const { cluster, uid } = from;
  const owner = { cluster, uid, labels: {} };
  const groupNames = [
    ...members.map((member) => masterGroupName(owner, member.name)),
    ...spec.zones.map((zone) => nodeGroupName(owner, zone)),
  ];
  const [record, instances, groups, takenBy] = await Promise.all([
    deps.store.findCluster(cluster),
    deps.aws.listLiveInstances(uid),
    deps.aws.findGroups(groupNames),
    deps.store.takerOfUid(uid),
  ]);
  const why = whyNoTakeover({
    ...{ from, name, takenBy, onRecord: record?.uid === uid && record.status !== "DELETED" },
    instances: instances.map(({ instanceId }) => instanceId),
    groups: [...groups.values()].filter(({ maxSize }) => maxSize > 0).map((group) => group.name),
  });
  if (why !== undefined) throw new TakeoverRefused(why);
}
