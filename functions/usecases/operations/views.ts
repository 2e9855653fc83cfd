import type { BackupView, ClusterView, MemberView, OperationView } from "../../domain/api/views.ts";
import { type BackupRecord, NO_BACKUPS } from "../../domain/backup/backup-records.ts";
import { drillProblems } from "../../domain/backup/drill-schedule.ts";
import { backupProblems } from "../../domain/backup/schedule.ts";
import { type ClusterRecord, epochOf, type MemberRecord, type OperationRecord } from "../../domain/cluster/records.ts";
import type { Plan } from "../../domain/plan/plan-types.ts";
import { type MemberAnswer, quorumOf } from "../../domain/repair/quorum.ts";
import { drillOf, intervalOf } from "../../domain/spec/rules/backups.ts";
import type { Reply } from "../../runtime/problems.ts";

/**
 * A cluster as the API shows it: the plan's members, each with what is known of it, and what they have just answered.
 */
export function toClusterView<P extends Pick<Plan, "members">>(
  cluster: Omit<ClusterRecord, "plan"> & { readonly plan: P },
  records: readonly MemberRecord[],
  answers: readonly MemberAnswer[] = [],
  now: Date = new Date(),
): Omit<ClusterView, "plan"> & { readonly plan: P } {
  const members = cluster.plan.members.map((plan): MemberView => {
    const record = records.find(({ member }) => member === plan.name);
    const apiServer = answers.find(({ member }) => member === plan.name)?.apiServer;
    return {
      name: plan.name,
      zone: plan.zone,
      address: plan.address,
      instanceId: record?.instanceId ?? null,
      volumeId: record?.volumeId ?? null,
      health: record?.health ?? "pending",
      ...(apiServer === undefined ? {} : { apiServer: apiServer ? ("ready" as const) : ("not-ready" as const) }),
      observedAt: record?.observedAt ?? null,
      certificatesUntil: record?.certificatesUntil ?? null,
    };
  });
  const voters = members.filter(({ name, health }) =>
    votes(
      records.find(({ member }) => member === name),
      health,
    ),
  );
  const healthy = voters.filter(({ health }) => health === "healthy").length;
  const size = voters.length;
  const needed = quorumOf(size);
  // The record says who led when etcd was last asked. One that is lost leads no more, and without a majority nobody
  // does.
  const leads = healthy >= needed && voters.some(({ name, health }) => name === cluster.leader && health === "healthy");
  return {
    name: cluster.name,
    status: cluster.status,
    reason: cluster.reason,
    spec: cluster.spec,
    plan: cluster.plan,
    versions: cluster.versions ?? null,
    members,
    quorum: { size, healthy, needed, leader: leads ? cluster.leader : null },
    nodes: cluster.nodes,
    endpoint: cluster.endpoint ? `https://${cluster.endpoint.host}` : null,
    drift: (cluster.drift?.found ?? [])
      .filter(({ reported }) => reported)
      .map(({ message, since }) => ({ message, since })),
    backup: backupOf(cluster, now),
    migration: migrationOf(cluster),
    operation: cluster.operation,
    createdAt: cluster.createdAt,
    updatedAt: cluster.updatedAt,
  };
}

/** A member that a migration brings does not vote yet; one that it takes away does until etcd has it no more. */
function votes(record: MemberRecord | undefined, health: MemberView["health"]): boolean {
  const { migrating } = record ?? {};
  return migrating !== "joining" && (migrating !== "leaving" || health === "healthy");
}

function migrationOf({ migration }: Pick<ClusterRecord, "migration">): ClusterView["migration"] {
  if (!migration) return null;
  const { from, to, changes = [], done, current } = migration;
  return { from, to, changes, done, current };
}

function backupOf(cluster: Pick<ClusterRecord, "spec" | "createdAt" | "backup">, now: Date): ClusterView["backup"] {
  const { spec, createdAt, backup = NO_BACKUPS } = cluster;
  const intervalMinutes = intervalOf(spec);
  const { lastVerifiedId, lastVerifiedAt, lastError } = backup;
  const schedule = drillOf(spec);
  const times = { createdAt, now };
  const problems = [...backupProblems(intervalMinutes, backup, times), ...drillProblems(schedule, backup, times)];
  const { lastDrillOkAt: lastOkAt, lastDrillOkId: lastOkId, lastDrillError } = backup;
  const drill = { schedule, lastOkAt, lastOkId, lastError: lastDrillError };
  return { intervalMinutes, lastVerifiedId, lastVerifiedAt, lastError, drill, problems };
}

/** A backup as the API shows it, seen from the cluster that has its name now. */
export function toBackupView(cluster: ClusterRecord, { manifest, pinned }: BackupRecord): BackupView {
  const isOwn = manifest.uid === cluster.uid;
  const history = !isOwn ? "former" : manifest.epoch === epochOf(cluster) ? "current" : "earlier";
  return { ...manifest, pinned, history };
}

export function toOperationView(operation: OperationRecord): OperationView {
  return {
    id: operation.id,
    cluster: operation.cluster,
    kind: operation.kind,
    status: operation.status,
    startedAt: operation.startedAt,
    finishedAt: operation.finishedAt,
    steps: Object.values(operation.steps).toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)),
    error: operation.error,
  };
}

/** 202: the operation that carries a request out, and where it can be followed. */
export function accepted(operation: OperationRecord): Reply {
  return {
    status: 202,
    headers: { location: `/operations/${operation.id}` },
    body: toOperationView(operation),
  };
}
