import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { ec2 } from "../../aws/ec2/client.ts";
import type { InstanceFacts } from "../../aws/ec2/compute.ts";
import { terminateInstance } from "../../aws/ec2/removal.ts";
import { sfn } from "../../aws/step-functions/client.ts";
import { startExecution } from "../../aws/step-functions/executions.ts";
import { type BackupFacts, NO_BACKUPS } from "../../domain/backup/backup-records.ts";
import { DRILL_MINUTES, operationOfDrill } from "../../domain/backup/drill-host.ts";
import { readDrillNote } from "../../domain/backup/drill-note.ts";
import { drillLateness, dueDrill } from "../../domain/backup/drill-schedule.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import type { ClusterRecord, OperationRecord } from "../../domain/cluster/records.ts";
import { owningClusterOf } from "../../domain/ownership/known-resources.ts";
import { Owned } from "../../domain/ownership/ownership.ts";
import { isWatched } from "../../domain/repair/reconcile.ts";
import { drillOf } from "../../domain/spec/rules/backups.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { logger } from "../../runtime/logger.ts";
import { finishDrill, finishDrillCalls } from "./finish-drill.ts";

export const scheduleDrillsCalls = {
  ...finishDrillCalls,
  ...bind(sfn, { startExecution }),
  ...bind(ec2, { terminateInstance }),
};

type Collaborators = Deps<typeof scheduleDrillsCalls>;

/** So that an upgrade of Holdfast, after which all clusters are due, does not use up the account's quota at once. */
const MAX_STARTS = 10;

/** What one run of the reconciler knows of all drills, and how many it may still start. */
export class DrillRun {
  readonly machine: string;
  readonly hosts: readonly InstanceFacts[];
  readonly operations: ReadonlyMap<string, OperationRecord>;
  #left = MAX_STARTS;

  constructor({ machine, hosts, operations }: Pick<DrillRun, "machine" | "hosts" | "operations">) {
    this.machine = machine;
    this.hosts = hosts;
    this.operations = operations;
  }

  mayStart(): boolean {
    return this.#left-- > 0;
  }
}

/** Starts the drill of one cluster that is due, and ends what is left of one whose time is over. */
export async function scheduleDrills(
  deps: Collaborators,
  run: DrillRun,
  cluster: ClusterRecord,
  now: Date,
): Promise<void> {
  await endStuckDrill(deps, run, cluster, now);
  if (!isWatched(cluster)) return;
  const { name, uid, spec, createdAt, backup = NO_BACKUPS } = cluster;
  const due = dueDrill(uid, drillOf(spec), backup, { createdAt, now });
  if (due === undefined || !run.mayStart()) return;
  const started = await deps.aws.startExecution(run.machine, due, { cluster: name });
  logger.info(`drill ${started}`, { cluster: name, name: due });
}

/** Hosts that carry a time that is over, and an operation whose steps have come to nothing. */
async function endStuckDrill(
  deps: Collaborators,
  { hosts, operations }: DrillRun,
  cluster: ClusterRecord,
  now: Date,
): Promise<void> {
  const { drillOperation = null }: Partial<BackupFacts> = cluster.backup ?? {};
  const stuck = hosts.filter(
    ({ tags }) => tags[TAG.uid] === cluster.uid && Date.parse(tags[TAG.expires] ?? "") <= now.getTime(),
  );
  for (const { instanceId: id, tags } of stuck) {
    const owned = Owned.decide(owningClusterOf(cluster), { kind: "instance", id, tags });
    if (!(owned instanceof Owned)) continue;
    await deps.aws.terminateInstance(owned);
    logger.info("the host of a drill was ended", { cluster: cluster.name, id });
    const operation = operationOfDrill(tags[TAG.resource]);
    const why = `its host ${id} was still there after ${DRILL_MINUTES} minutes, and was ended`;
    if (operation !== undefined) await failDrill(deps, cluster, operation, why, now);
  }
  const open = drillOperation === null ? undefined : operations.get(drillOperation);
  if (open?.status === "RUNNING" && open.leaseUntil <= now.getTime())
    await failDrill(deps, cluster, open.id, "it stopped without a result", now);
}

async function failDrill(
  deps: Collaborators,
  { name: cluster }: ClusterRecord,
  id: string,
  problem: string,
  now: Date,
): Promise<void> {
  const { status, startedAt } = await deps.store.getOperation(id);
  if (status !== "RUNNING") return;
  const result = {
    ...{ operation: id, at: now.toISOString(), level: "data" as const, ok: false, problems: [problem], warnings: [] },
    ...{ seconds: (now.getTime() - Date.parse(startedAt)) / 1000, revision: null, totalKey: null, kinds: {} },
  };
  const backup = readDrillNote(await deps.store.findSideNote(id))?.backup ?? null;
  await finishDrill(deps, { operation: { id, cluster }, backup, result, failure: undefined });
}

/** How old the last drills are, and how many clusters wait for one for too long, for alarms. */
export function measureDrills(metrics: Metrics, clusters: readonly ClusterRecord[], now: Date): void {
  let overdue = 0;
  for (const { spec, createdAt, backup = NO_BACKUPS } of clusters.filter(isWatched)) {
    const lateness = drillLateness(drillOf(spec), backup, { createdAt, now });
    if (lateness) metrics.addMetric("DrillAgeSeconds", MetricUnit.Seconds, lateness.ageSeconds);
    if (lateness?.late) overdue++;
    // A metric takes a hundred values at once.
    metrics.publishStoredMetrics();
  }
  metrics.addMetric("DrillsOverdue", MetricUnit.Count, overdue);
  metrics.publishStoredMetrics();
}
