import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";

interface AlarmOf {
  readonly service: "reconcile" | "repair" | "table" | "backup";
  readonly metricName: string;
  readonly statistic: "Maximum" | "Sum" | "SampleCount";
  /** 1 if not given. */
  readonly threshold?: number;
  /** It rings below the threshold, and when nothing is measured at all. */
  readonly whenSilent?: boolean;
  /** Five-minute periods in a row; 1 if not given. */
  readonly periods?: number;
  readonly says: string;
}

/**
 * A repair on AWS takes some minutes, of which the launch is most (docs/references/faults.md#load-targets: p99 of 6
 * min); twice that needs a look.
 */
const SLOW_REPAIR_SECONDS = 720;

const ALARMS: Readonly<Record<string, AlarmOf>> = {
  DegradedAlarm: {
    service: "reconcile",
    metricName: "ClustersDegraded",
    statistic: "Maximum",
    periods: 2,
    says: "A cluster could not be healed; docs/runbooks/degraded-cluster.md",
  },
  MembersMissingAlarm: {
    service: "reconcile",
    metricName: "MembersNotHealthy",
    statistic: "Maximum",
    periods: 3,
    says: "A member of some cluster has not been healthy for a quarter of an hour; docs/runbooks/degraded-cluster.md",
  },
  ReconcilerSilentAlarm: {
    service: "reconcile",
    metricName: "Clusters",
    statistic: "SampleCount",
    whenSilent: true,
    periods: 2,
    says: "No reconcile run has read all clusters for ten minutes; docs/runbooks/silent-reconciler.md",
  },
  ReconcileFailuresAlarm: {
    service: "reconcile",
    metricName: "ReconcileFailures",
    statistic: "Maximum",
    periods: 2,
    says: "A cluster could not be checked, and is not healed meanwhile; docs/runbooks/reconcile-failures.md",
  },
  DamagedItemsAlarm: {
    service: "table",
    metricName: "DamagedItems",
    statistic: "Sum",
    says: "An item of the table cannot be read and was left out; docs/runbooks/reconcile-failures.md",
  },
  OrphanedResourcesAlarm: {
    service: "reconcile",
    metricName: "OrphanedResources",
    statistic: "Maximum",
    periods: 3,
    says: "Resources belong to no cluster and cost money; docs/runbooks/orphaned-resources.md",
  },
  BackupsOverdueAlarm: {
    service: "reconcile",
    metricName: "BackupsOverdue",
    statistic: "Maximum",
    periods: 2,
    says: "A cluster has no verified backup of a day, or of four intervals; docs/runbooks/backups.md",
  },
  DrillsOverdueAlarm: {
    service: "reconcile",
    metricName: "DrillsOverdue",
    statistic: "Maximum",
    periods: 2,
    says: "No drill of a cluster's backup has passed for eight days; docs/runbooks/drills.md",
  },
  MembersDivergeAlarm: {
    service: "backup",
    metricName: "MembersDiverge",
    statistic: "Sum",
    says: "Members of one etcd have different data; docs/runbooks/backups.md",
  },
  RepairFailedAlarm: {
    service: "repair",
    metricName: "RepairsFailed",
    statistic: "Sum",
    says: "A repair stopped before its cluster was whole; docs/runbooks/degraded-cluster.md",
  },
  RepairBudgetAlarm: {
    service: "repair",
    metricName: "RepairBudgetSpent",
    statistic: "Sum",
    says: "A cluster needs repair after repair; docs/runbooks/repair-budget.md",
  },
  VolumesStuckAlarm: {
    service: "repair",
    metricName: "VolumesStuck",
    statistic: "Sum",
    says: "A volume does not attach, again; docs/runbooks/degraded-cluster.md",
  },
  SlowRepairAlarm: {
    service: "repair",
    metricName: "TimeToRestore",
    statistic: "Maximum",
    threshold: SLOW_REPAIR_SECONDS,
    says: "A repair took long; docs/runbooks/slow-repair.md",
  },
  QuorumLostAlarm: {
    service: "repair",
    metricName: "TimeWithoutQuorum",
    statistic: "Maximum",
    says: "A cluster was without a quorum and its API down; it is back. docs/runbooks/slow-repair.md",
  },
};

/** Alarms on what repairs and the reconciler measure; what they mean for a person on call is in docs/runbooks. */
export class RepairAlarms extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const [name, alarm] of Object.entries(ALARMS)) {
      new Alarm(this, name, {
        alarmDescription: alarm.says,
        metric: new Metric({
          namespace: "Holdfast",
          metricName: alarm.metricName,
          dimensionsMap: { service: alarm.service },
          statistic: alarm.statistic,
          period: Duration.minutes(5),
        }),
        threshold: alarm.threshold ?? 1,
        evaluationPeriods: alarm.periods ?? 1,
        comparisonOperator: alarm.whenSilent
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: alarm.whenSilent ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      });
    }
  }
}
