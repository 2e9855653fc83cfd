import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { MasterEvents } from "../constructs/master-events.ts";
import type { Workflow } from "../constructs/workflow.ts";
import { findDrift } from "../permissions/account.ts";
import { describe, endDrills } from "../permissions/ec2.ts";
import { loadBalancing } from "../permissions/endpoint.ts";
import { publishEvents } from "../permissions/events.ts";

/** Functions that events call, and the clock. */
const FUNCTIONS = {
  "master-lost": {
    records: {
      actions: ["GetItem", "Query", "PutItem", "UpdateItem"],
      partitions: ["INSTANCE#*"],
      lists: ["MEMBER"],
    },
    permissions: [describe("ec2:DescribeInstances"), publishEvents()],
  },

  reconcile: ({ heartbeats }) => ({
    records: {
      actions: ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"],
      partitions: ["SWEEP"],
      lists: ["CLUSTER", "MEMBER"],
    },
    permissions: [
      describe(
        "ec2:DescribeInstances",
        "ec2:DescribeVolumes",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeTags",
        "autoscaling:DescribeAutoScalingGroups",
        // Tags of what members share; the groups and templates themselves are read for the drift.
        "ec2:DescribeLaunchTemplateVersions",
        "elasticloadbalancing:DescribeTags",
      ),
      ...findDrift(),
      loadBalancing(["elasticloadbalancing:RegisterTargets"]),
      heartbeats.read(),
      // Of a drill whose time is over: nothing else ends here.
      endDrills(),
      publishEvents(),
    ],
    environment: heartbeats.environment,
  }),

  "execution-ended": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [publishEvents()],
  },
} satisfies FunctionDefinitions;

/** What begins repairs: events about masters and operations, and a look at all clusters each minute. */
export function reconcile(
  foundation: Foundation,
  { repair, restore, backup, drill }: Readonly<Record<"repair" | "restore" | "backup" | "drill", Workflow>>,
  operations: readonly Workflow[],
) {
  const functions = foundation.functions("reconcile", FUNCTIONS);
  for (const each of Object.values(functions)) repair.startedBy(each, "REPAIR_STATE_MACHINE");
  restore.startedBy(functions.reconcile, "RESTORE_STATE_MACHINE");
  backup.startedBy(functions.reconcile, "BACKUP_STATE_MACHINE");
  drill.startedBy(functions.reconcile, "DRILL_STATE_MACHINE");
  const events = new MasterEvents(foundation.stack, "MasterEvents", {
    masterLost: functions["master-lost"],
    reconcile: functions.reconcile,
    executionEnded: functions["execution-ended"],
    operations: [...operations, backup].map(({ machine }) => machine),
  });
  return { reconcile: functions.reconcile, undelivered: events.undelivered };
}
