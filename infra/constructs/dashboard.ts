import { Aws, Duration, Stack } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

export interface OperationsDashboardProps {
  readonly api: HttpApi;
  readonly operations: readonly StateMachine[];
  readonly undelivered: IQueue;
}

const FIRST_LOOK = `**Is it us?** An alarm's description names its page in docs/runbooks.
**Which cluster?** \`holdfast get clusters\`, then \`holdfast get events NAME\`.
**Clusters run on without Holdfast**: while it is down nothing heals, and nothing else happens.`;

function ours(service: "reconcile" | "repair" | "backup", metricName: string, statistic: string): Metric {
  return new Metric({
    namespace: "Holdfast",
    metricName,
    dimensionsMap: { service },
    statistic,
    period: Duration.minutes(5),
  });
}

/**
 * The page that a person on call opens first: the alarms, then clusters, repairs, operations and requests. Make it
 * last.
 */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, { api, operations, undelivered }: OperationsDashboardProps) {
    super(scope, id);
    const period = Duration.minutes(5);
    const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: 12, height: 6 });
    const alarms = Stack.of(this)
      .node.findAll()
      .filter((node) => node instanceof Alarm);
    new Dashboard(this, "Dashboard", {
      dashboardName: `Holdfast-${Aws.REGION}`,
      defaultInterval: Duration.hours(12),
      widgets: [
        [new TextWidget({ markdown: FIRST_LOOK, width: 24, height: 2 })],
        [new AlarmStatusWidget({ title: "Alarms", alarms, width: 24, height: 4 })],
        [
          graph("Clusters", [
            ours("reconcile", "Clusters", "Maximum"),
            ours("reconcile", "ClustersDegraded", "Maximum"),
            ours("reconcile", "OrphanedResources", "Maximum"),
            ours("reconcile", "ReconcileFailures", "Maximum"),
          ]),
          graph("Members", [
            ours("reconcile", "MembersHealthy", "Minimum"),
            ours("reconcile", "MembersNotHealthy", "Maximum"),
          ]),
        ],
        backupGraphs(graph),
        [
          graph("Repairs: seconds", [
            ours("repair", "TimeToDetect", "Maximum"),
            ours("repair", "TimeToRestore", "Maximum"),
            ours("repair", "TimeWithoutQuorum", "Maximum"),
          ]),
          graph("Repairs that went wrong", [
            ours("repair", "RepairsFailed", "Sum"),
            ours("repair", "RepairBudgetSpent", "Sum"),
            ours("repair", "VolumesStuck", "Sum"),
          ]),
        ],
        [
          graph(
            "Operations: begun and failed",
            operations.flatMap((machine) => [machine.metricStarted({ period }), machine.metricFailed({ period })]),
          ),
          graph("Requests: all, refused, failed; events undelivered", [
            api.metricCount({ period, statistic: "Sum" }),
            api.metricClientError({ period, statistic: "Sum" }),
            api.metricServerError({ period, statistic: "Sum" }),
            undelivered.metricApproximateNumberOfMessagesVisible({ period }),
          ]),
        ],
      ],
    });
  }
}

/** How old backups are, and which failed. */
function backupGraphs(graph: (title: string, left: IMetric[]) => GraphWidget): GraphWidget[] {
  return [
    graph("Age of the last verified backup, and of the last drill: seconds", [
      ours("reconcile", "BackupAgeSeconds", "Maximum"),
      ours("reconcile", "DrillAgeSeconds", "Maximum"),
    ]),
    graph("Backups and drills that failed, members that diverge", [
      ours("backup", "BackupsFailed", "Sum"),
      ours("backup", "MembersDiverge", "Sum"),
      ours("backup", "DrillsFailed", "Sum"),
    ]),
  ];
}
