import type { ClusterView, OperationView } from "../../functions/domain/api/views.ts";
import { planCluster } from "../../functions/domain/plan/plan.ts";
import { pinVersions } from "../../functions/domain/releases/pinned-versions.ts";
import { specFromFlags } from "../../functions/domain/spec/parse-spec.ts";

const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const parsed = specFromFlags([
  { flag: "NAME", value: "ha" },
  { flag: "--zones", value: ZONES },
  { flag: "--master-zones", value: ZONES },
]);
if (!parsed.ok) throw new Error("the spec of the tests is not valid");

export const planned = planCluster(parsed.spec);

export function clusterView(change: Partial<ClusterView> = {}): ClusterView {
  return {
    name: "ha",
    status: "ACTIVE",
    reason: null,
    spec: planned.spec,
    plan: planned.plan,
    versions: pinVersions(planned.spec),
    members: planned.plan.members.map(({ name, zone, address }) => ({
      name,
      zone,
      address,
      instanceId: `i-${name}`,
      volumeId: `vol-${name}`,
      health: "healthy",
      observedAt: "2026-11-22T10:00:09Z",
      certificatesUntil: "2027-11-22T10:00:09Z",
    })),
    quorum: { size: 3, healthy: 3, needed: 2, leader: "b" },
    nodes: ["1", "2", "3"].map((name) => ({ name, zone: "us-west-2a", instanceId: `i-${name}`, ready: true })),
    endpoint: "https://api.example",
    drift: [],
    backup: null,
    migration: null,
    operation: null,
    createdAt: "2026-11-22T10:00:00Z",
    updatedAt: "2026-11-22T10:00:09Z",
    ...change,
  };
}

export function operationView(change: Partial<OperationView> = {}): OperationView {
  return {
    id: "op-1",
    cluster: "ha",
    kind: "create",
    status: "RUNNING",
    startedAt: "2026-11-22T10:00:00Z",
    finishedAt: null,
    steps: [
      {
        name: "Create network",
        member: null,
        status: "DONE",
        startedAt: "2026-11-22T10:00:00Z",
        finishedAt: "2026-11-22T10:00:07Z",
        message: null,
      },
    ],
    error: null,
    ...change,
  };
}
