import { ec2 } from "../../aws/ec2/client.ts";
import { volumeStates } from "../../aws/ec2/storage.ts";
import { isVerified } from "../../domain/backup/manifest.ts";
import { ClusterUnknown, RestoreRefused } from "../../domain/cluster/errors.ts";
import { type ClusterRecord, epochOf } from "../../domain/cluster/records.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { evaluateQuorum } from "../../domain/repair/quorum.ts";
import { planOfRestore, type RestorePlan } from "../../domain/restore/loss.ts";
import type { RestoreFile, RestoreSource } from "../../domain/restore/restore-records.ts";
import { whyNoRestore } from "../../domain/restore/restore-start.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { latestBackup } from "../backup/backup-to-try.ts";
import { findWorkloads, findWorkloadsCalls } from "../deletion/find-workloads.ts";
import { askMembers, observeCalls } from "../members/observe.ts";
import { findFile, findFileCalls } from "./find-file.ts";

export const planRestoreCalls = {
  ...findFileCalls,
  ...observeCalls,
  ...findWorkloadsCalls,
  ...bind(ec2, { volumeStates }),
};

interface Env {
  readonly MEMBER_HEALTH_DOCUMENT: string;
  readonly BACKUP_BUCKET: string;
}
type Collaborators = Deps<typeof planRestoreCalls, Env>;

/** What somebody asks for. */
export type RestoreAsked = (
  | { readonly from: "backup"; readonly backup: string }
  | { readonly from: "survivor"; readonly member?: string | undefined }
) & { readonly evenThoughHealthy: boolean; readonly restartAll?: boolean };

export interface CheckedRestore {
  readonly cluster: ClusterRecord;
  readonly from: RestoreSource;
  readonly file: RestoreFile | null;
  readonly lastRevision: number | null;
}

const ASK_WITHIN_MS = 6_000;

/** With the way back, if there is one. */
async function deletedText(deps: Pick<Collaborators, "store">, name: string): Promise<string> {
  const backups = await deps.store.listBackups(name);
  return backups.some(({ manifest, removing }) => removing !== true && isVerified(manifest))
    ? `${name} was deleted; \`holdfast create cluster ${name} --from-backup latest --takeover\` creates it again from its backup`
    : `${name} was deleted, and there is no verified backup of it`;
}

/**
 * Holds a restore that is asked for against the cluster and the backup, and changes nothing. Throws RestoreRefused,
 * BackupUnknown, BackupUnusable, BackupForeign, ClusterUnknown, ClusterBusy.
 */
export async function checkRestore(deps: Collaborators, name: string, asked: RestoreAsked): Promise<CheckedRestore> {
  const cluster = await deps.store.getCluster(name);
  if (cluster.status === "DELETED") throw new ClusterUnknown(await deletedText(deps, name));
  const from = await sourceOf(deps, cluster, asked);
  const members = await deps.store.listMembers(name);
  const [file, volumes, answers] = await Promise.all([
    from.kind === "backup" ? findFile(deps, deps.env.BACKUP_BUCKET, cluster, from.id) : null,
    deps.aws.volumeStates(members.flatMap(({ volumeId }) => volumeId ?? [])),
    askMembers(deps, deps.env.MEMBER_HEALTH_DOCUMENT, cluster, members, { withinMs: ASK_WITHIN_MS }),
  ]);
  const usable = [...volumes].filter(([, { state }]) => state === "in-use" || state === "available");
  const why = whyNoRestore(
    {
      ...{ status: cluster.status, restoration: cluster.restoration, members },
      volumes: new Set(usable.map(([id]) => id)),
      healthy: evaluateQuorum(answers).healthy,
    },
    from,
    asked.evenThoughHealthy,
  );
  // Of an open restore that runs, its operation is named: there is something to wait for.
  if (why !== undefined && cluster.restoration && cluster.operation !== null)
    await deps.store.refuseWhileHeld(name, cluster.operation, deps.clock.now());
  if (why !== undefined) throw new RestoreRefused(why);
  const revisions = answers.flatMap(({ revision }) => revision ?? []);
  return { cluster, from, file, lastRevision: revisions.length > 0 ? Math.max(...revisions) : null };
}

/** What the restore would lose. */
export async function planRestoreOf(deps: Collaborators, checked: CheckedRestore): Promise<RestorePlan> {
  const { cluster, from, file, lastRevision } = checked;
  const members = await deps.store.listMembers(cluster.name);
  const { permitted } = await findWorkloads(deps, owningClusterOf(cluster, members));
  const workloads = permitted.flatMap(({ found }) => {
    const { kind, id, name } = found;
    if (kind !== "volume" && kind !== "load-balancer") return [];
    return [{ kind, id, name, madeAt: "madeAt" in found ? found.madeAt : undefined }];
  });
  const facts = {
    cluster: cluster.name,
    from,
    file,
    lastRevision,
    workloads,
    epoch: epochOf(cluster) + 1,
    begun: !!cluster.restoration,
  };
  return planOfRestore(facts, deps.clock.now());
}

async function sourceOf(deps: Collaborators, cluster: ClusterRecord, asked: RestoreAsked): Promise<RestoreSource> {
  if (asked.from === "survivor") return { kind: "survivor", member: asked.member ?? null };
  const open = cluster.restoration?.from;
  if (asked.backup !== "latest") return { kind: "backup", id: asked.backup };
  // A restore that is open continues with the backup that was the latest when it began.
  return open?.kind === "backup" ? open : { kind: "backup", id: await latestBackup(deps, cluster) };
}
