import {
  BACKUP_EXAMPLE,
  CLUSTER_EXAMPLE,
  DELETION_EXAMPLE,
  EVENT_EXAMPLE,
  OPERATION_EXAMPLE,
  RESTORE_PLAN_EXAMPLE,
} from "../../../functions/domain/api/examples.ts";
import type { BackupView, ClusterView, EventView, OperationView } from "../../../functions/domain/api/views.ts";

const NOW = Date.now();
const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];

export function ago(seconds: number): string {
  return new Date(NOW - seconds * 1000).toISOString();
}

/** A cluster that is as it should be. */
export function healthyCluster(name: string, more: Partial<ClusterView> = {}): ClusterView {
  return {
    ...CLUSTER_EXAMPLE,
    name,
    spec: { ...CLUSTER_EXAMPLE.spec, name },
    nodes: ZONES.map((zone, index) => ({
      name: `ip-172-20-${32 + index}-11`,
      zone,
      instanceId: `i-0${String(index).repeat(16)}`,
      ready: true,
    })),
    endpoint: `https://api.${name}`,
    backup: CLUSTER_EXAMPLE.backup && {
      ...CLUSTER_EXAMPLE.backup,
      lastVerifiedAt: ago(240),
      drill: CLUSTER_EXAMPLE.backup.drill && { ...CLUSTER_EXAMPLE.backup.drill, lastOkAt: ago(190_000) },
    },
    createdAt: ago(900_000),
    updatedAt: ago(7_300),
    ...more,
  };
}

export const REPAIR: OperationView = {
  ...OPERATION_EXAMPLE,
  id: "repair-01kb0v3j6z8f6c3w9m2n4p5q7r",
  cluster: "stage.example.com",
  kind: "repair",
  startedAt: ago(96),
  steps: [
    step("Assess cluster", null, 95, 91),
    step("Await instance", "b", 91, 34),
    step("Attach volume", "b", 34, 22),
    {
      ...step("Await member", "b", 22, null),
      status: "WAITING",
      message: "etcd of b catches up: revision 4,102 of 4,250",
    },
  ],
};

function step(name: string, member: string | null, from: number, to: number | null): OperationView["steps"][number] {
  const status = to === null ? "RUNNING" : "DONE";
  return { name, member, status, startedAt: ago(from), finishedAt: to === null ? null : ago(to), message: null };
}

export const CREATION: OperationView = {
  ...OPERATION_EXAMPLE,
  id: "create-01kb0v3j6z8f6c3w9m2n4p5q8s",
  cluster: "broken.example.com",
  status: "FAILED",
  startedAt: ago(500),
  finishedAt: ago(120),
  steps: [
    step("Validate account", null, 499, 496),
    step("Create network", null, 496, 420),
    step("Create identity", null, 496, 488),
    step("Issue PKI", null, 496, 492),
    ...["a", "b", "c"].map((member, index) => step("Prepare member", member, 420, 380 - index * 9)),
    ...["a", "b"].map((member, index) => step("Await instance", member, 371, 320 - index * 20)),
    {
      ...step("Await instance", "c", 353, 120),
      status: "FAILED",
      message: "the group of master c has launched no instance: there is no capacity for t3.medium in us-west-2c",
    },
  ],
  error: {
    name: "InsufficientCapacity",
    message: "EC2 has no capacity for t3.medium in us-west-2c.",
    remedy: "Run the same command again later, or with --master-size-fallbacks m5.large.",
  },
};

/** What a browser must show as text. */
const HOSTILE = `<img src=x onerror="document.title='XSS'">`;
export const HOSTILE_TEXTS = [HOSTILE, "\u001b[31mred\u001b[0m", "\u202etxt.exe"];

const members = CLUSTER_EXAMPLE.members;
export const CLUSTERS: readonly ClusterView[] = [
  healthyCluster("prod.example.com"),
  healthyCluster("stage.example.com", {
    status: "REPAIRING",
    reason: "Master b is being replaced: its instance was terminated.",
    operation: REPAIR.id,
    members: members.map((member) =>
      member.name === "b" ? { ...member, health: "pending", instanceId: null } : member,
    ),
    quorum: { size: 3, healthy: 2, needed: 2, leader: "a" },
    updatedAt: ago(2),
  }),
  healthyCluster("broken.example.com", {
    status: "FAILED",
    reason: `EC2 has no capacity for t3.medium in us-west-2c. ${HOSTILE_TEXTS.join(" ")}`,
    members: members.map((member) =>
      member.name === "c" ? { ...member, health: "unknown", instanceId: null } : member,
    ),
    quorum: { size: 3, healthy: 2, needed: 2, leader: null },
    nodes: [],
    backup: null,
    updatedAt: ago(120),
  }),
  healthyCluster("edge-singapore.example.com", {
    status: "DEGRADED",
    reason: "A majority is lost: b and c have no volume. Restore from the master that is left.",
    members: members.map((member) =>
      member.name === "a" ? member : { ...member, health: "unhealthy", volumeId: null, instanceId: null },
    ),
    quorum: { size: 3, healthy: 1, needed: 2, leader: null },
    updatedAt: ago(5_000),
  }),
];

const HISTORY: readonly (readonly [number, string, string, string | null])[] = [
  [4_000, "create-requested", "Creation of stage.example.com was requested: 3 masters, 3 nodes.", null],
  [3_600, "cluster-active", "All 3 masters and 3 nodes are healthy.", null],
  [96, "master-lost", "Master b is lost: instance i-0bbbbbbbbbbbbbbbb is shutting down.", "b"],
  [91, "repair-started", "The repair replaces the instance of b with the same volume and address.", "b"],
  [34, "member-attached", HOSTILE, "b"],
];
export const EVENTS: readonly EventView[] = HISTORY.map(([seconds, type, message, member], index) => {
  const { by, ...plain } = EVENT_EXAMPLE;
  const asked = index === 0 && by ? { by: { ...by, userAgent: "holdfast-cli" } } : {};
  return { ...plain, time: ago(seconds), type, message, member, operation: REPAIR.id, ...asked };
});

export const BACKUPS: readonly BackupView[] = [
  { ...BACKUP_EXAMPLE, takenAt: ago(240) },
  {
    ...BACKUP_EXAMPLE,
    id: "2026-11-24T100000Z-11aa",
    takenAt: ago(90_000),
    pinned: true,
    reason: "manual",
    verified: {
      ...BACKUP_EXAMPLE.verified,
      drill: {
        operation: "drill-01kb0v3j6z8f6c3w9m2n4p5q7r",
        at: ago(80_000),
        level: "data",
        ok: true,
        problems: [],
        warnings: [],
        seconds: 192,
        revision: 4193,
        totalKey: 1287,
        kinds: { pods: 40 },
      },
    },
  },
  { ...BACKUP_EXAMPLE, id: "2026-11-20T100000Z-22bb", takenAt: ago(500_000), history: "earlier" },
];

export const RESTORE_PLAN = { ...RESTORE_PLAN_EXAMPLE, takenAt: ago(412) };
export const DELETION = DELETION_EXAMPLE;
