import { type MigrationPlan, planOfMigration } from "../migrate/planned-migration.ts";
import { planCluster } from "../plan/plan.ts";
import { pinVersions } from "../releases/pinned-versions.ts";
import type { RestorePlan } from "../restore/loss.ts";
import { specFromDocument } from "../spec/parse-spec.ts";
import { type ProblemName, problemRow, problemType } from "./problems.ts";
import type {
  BackupView,
  ClusterView,
  DeletionView,
  EventView,
  KubeconfigView,
  OperationView,
  ProblemDocument,
} from "./views.ts";

/** The cluster of kops' HA guide, as the examples of the OpenAPI document show it. */

const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
export const SPEC_EXAMPLE = {
  name: "prod.example.com",
  zones: ZONES,
  masterZones: ZONES,
  nodeCount: 3,
  nodeSize: "t3.medium",
  masterSize: "t3.medium",
  topology: "private",
};

const parsed = specFromDocument(SPEC_EXAMPLE);
if (!parsed.ok) throw new Error("the example is no spec");
export const PLAN_EXAMPLE = planCluster(parsed.spec, parsed.warnings);

export const OPERATION_EXAMPLE: OperationView = {
  id: "create-01kb0v3j6z8f6c3w9m2n4p5q7r",
  cluster: "prod.example.com",
  kind: "create",
  status: "RUNNING",
  startedAt: "2026-11-25T10:00:00.000Z",
  finishedAt: null,
  steps: [
    {
      name: "Create network",
      member: null,
      status: "DONE",
      startedAt: "2026-11-25T10:00:01.000Z",
      finishedAt: "2026-11-25T10:00:03.000Z",
      message: null,
    },
    {
      name: "Await instance",
      member: "a",
      status: "WAITING",
      startedAt: "2026-11-25T10:00:09.000Z",
      finishedAt: null,
      message: "the group of master a has launched no instance yet",
    },
  ],
  error: null,
};

export const CLUSTER_EXAMPLE: ClusterView = {
  name: "prod.example.com",
  status: "ACTIVE",
  reason: null,
  spec: PLAN_EXAMPLE.spec,
  plan: PLAN_EXAMPLE.plan,
  versions: pinVersions(PLAN_EXAMPLE.spec),
  members: PLAN_EXAMPLE.plan.members.map(({ name, zone, address }) => ({
    name,
    zone,
    address,
    instanceId: `i-0${name.repeat(16)}`,
    volumeId: `vol-0${name.repeat(16)}`,
    health: "healthy",
    observedAt: "2026-11-25T10:04:00.000Z",
    certificatesUntil: "2027-11-25T10:01:00.000Z",
  })),
  quorum: { size: 3, healthy: 3, needed: 2, leader: "b" },
  nodes: [{ name: "ip-172-20-32-11", zone: "us-west-2a", instanceId: "i-01234567890abcdef", ready: true }],
  endpoint: "https://api.prod.example.com",
  drift: [],
  backup: {
    intervalMinutes: 15,
    lastVerifiedId: "2026-11-25T100000Z-4f1c",
    lastVerifiedAt: "2026-11-25T10:00:00.000Z",
    lastError: null,
    drill: {
      schedule: "weekly",
      lastOkAt: "2026-11-22T03:12:00.000Z",
      lastOkId: "2026-11-22T030000Z-4f1c",
      lastError: null,
    },
    problems: [],
  },
  migration: null,
  operation: null,
  createdAt: "2026-11-25T10:00:00.000Z",
  updatedAt: "2026-11-25T10:04:00.000Z",
};

export const EVENT_EXAMPLE: EventView = {
  time: "2026-11-25T10:00:00.000Z",
  type: "create-requested",
  message: "Creation of prod.example.com was requested: 3 masters, 3 nodes.",
  member: null,
  operation: OPERATION_EXAMPLE.id,
  by: {
    principal: "iam:arn:aws:iam::111122223333:user/alice",
    authMethod: "iam",
    sourceIp: "203.0.113.7",
    userAgent: "holdfast-cli",
  },
};

export const BACKUP_EXAMPLE: BackupView = {
  version: 1,
  id: "2026-11-25T100000Z-4f1c",
  cluster: "prod.example.com",
  uid: "01kb0v3j6z8f6c3w9m2n4p5q7r",
  epoch: 1,
  takenAt: "2026-11-25T10:00:00.000Z",
  reason: "schedule",
  member: "b",
  etcd: {
    version: "3.6.14",
    clusterId: "17237436991929493444",
    revision: 4193,
    raftTerm: 2,
    raftIndex: 5012,
    totalKey: 1287,
    totalSize: 25_165_824,
    hash: 1_412_633_180,
    hashkv: 2_871_503_664,
    compactRevision: 3901,
  },
  kubernetes: { version: "1.36.0" },
  encryption: { keyNames: [] },
  objects: {
    "snapshot.db.gz": {
      bytes: 5_242_880,
      sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
  },
  verified: {
    file: "2026-11-25T10:00:20.000Z",
    hashkv: { members: ["a", "b", "c", "file"], equal: true },
    drill: null,
  },
  pinned: false,
  history: "current",
};

export const DELETION_EXAMPLE: DeletionView = {
  cluster: "prod.example.com",
  uid: "01kb0v3j6z8f6c3w9m2n4p5q7r",
  removed: [{ kind: "volume", id: "vol-0aaaaaaaaaaaaaaaa", name: "volume/a" }],
  kept: [{ what: "security group sg-01234567", why: "it was brought by you" }],
  blockers: [],
};

/** From one master, with the nodes of the other examples. */
const single = specFromDocument({ ...SPEC_EXAMPLE, masterZones: ["us-west-2a"] });
if (!single.ok) throw new Error("the example is no spec");
export const MIGRATION_PLAN_EXAMPLE: MigrationPlan = planOfMigration(
  { name: SPEC_EXAMPLE.name, spec: single.spec, plan: planCluster(single.spec).plan },
  { spec: { ...single.spec, masterZones: ZONES }, subnets: [] },
);

export const RESTORE_PLAN_EXAMPLE: RestorePlan = {
  cluster: "prod.example.com",
  from: { kind: "backup", id: "2026-11-29T031502Z-4f1c" },
  takenAt: "2026-11-29T03:15:02.000Z",
  revision: 4193,
  lastRevision: 4250,
  lostSeconds: 412,
  lostRevisions: 57,
  epoch: 2,
  leftBehind: [{ kind: "volume", id: "vol-0aaaaaaaaaaaaaaaa", name: "pvc-1" }],
  warnings: ["Everything written since the backup is lost."],
};

/** Of a key that was thrown away. */
export const CERTIFICATE_REQUEST_EXAMPLE =
  "-----BEGIN CERTIFICATE REQUEST-----\n" +
  "MIHJMHICAQAwEDEOMAwGA1UEAwwFYWxpY2UwWTATBgcqhkjOPQIBBggqhkjOPQMB\n" +
  "BwNCAAQd9Bm6Yb0kxtwmdunifhyE2V7RAVD9aWUWDts07RBDf+pe5ytnJid2SKw3\n" +
  "4xd2ZnAJ2F0nhvXW4thelseUOdAjoAAwCgYIKoZIzj0EAwIDRwAwRAIgdFA1rkop\n" +
  "yWaUlBkbWShIiUUhhEOOteQm4XW169e+GCwCIGTDXQ31LOMtHJbKUt1mgRr9hHCn\n" +
  "vLnhhS3BNFP8/GeG\n" +
  "-----END CERTIFICATE REQUEST-----\n";

export const KUBECONFIG_EXAMPLE: KubeconfigView = {
  cluster: "prod.example.com",
  server: "https://api.prod.example.com",
  certificateAuthority: "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n",
  certificate: "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n",
  user: "holdfast:m:arn:aws:iam::111122223333:user/alice#457060b3f88375af",
  expiresAt: "2026-11-26T06:00:00.000Z",
};

export const NODE_CERTIFICATE_EXAMPLE: KubeconfigView = {
  ...KUBECONFIG_EXAMPLE,
  user: "system:node:i-0123456789abcdef0",
  expiresAt: "2026-11-25T11:00:00.000Z",
};

const DETAILS: Readonly<Record<ProblemName, string>> = {
  "bad-request": 'limit: "0" is not valid; expected at least 1',
  forbidden: "iam:arn:aws:iam::111122223333:user/alice is not allowed to delete prod.example.com",
  "node-key-taken": "another key was certified for i-0123456789abcdef0 before",
  "cluster-unknown": "there is no cluster prod.example.com",
  "backup-unusable":
    "backup 2026-11-29T031502Z-4f1c cannot be restored: its file has 512 bytes, and its manifest says 5242880",
  "backup-foreign": "backup 2026-11-29T031502Z-4f1c is of prod.example.com with the uid 01k9zzzzzzzzzzzzzzzzzzzzzz",
  "takeover-refused": "prod.example.com is not gone: i-0a1b2c3d4e5f60718 is not terminated.",
  "restore-refused": "2 of 3 members are healthy, a majority. Add --even-though-healthy to go back in time on purpose.",
  "backup-unknown": "prod.example.com has no backup 2026-11-29T031502Z-4f1c",
  "fleet-unknown": "there is no fleet prod",
  "fleet-exists": "fleet prod exists already",
  "endpoint-unknown": "there is no endpoint eu",
  "rollout-unknown": "there is no roll-out rollout-01kb0v3j6z8f6c3w9m2n4p5q7r",
  "rollout-conflict": "roll-out rollout-01kb0v3j6z8f6c3w9m2n4p5q7r of fleet prod is open, and has prod.example.com too",
  "operation-unknown": "there is no operation create-01kb0v3j6z8f6c3w9m2n4p5q7r",
  "cluster-busy": "prod.example.com is held by operation repair-01kb0v3j6z8f6c3w9m2n4p5q7r",
  "cluster-exists": "cluster prod.example.com exists already (ACTIVE)",
  "ownership-conflict":
    "security group sg-0a1b2c3d is left alone: its tag holdfast:uid belongs to something that does not name this cluster",
  "spec-outdated": "the spec of prod.example.com is not the one that the request was made for",
  "too-large": "the body has over 65536 bytes",
  "idempotency-mismatch": "Idempotency-Key 111122223333#deploy-7 was used for another request",
  "spec-rejected": '--master-count: "2" is even; expected an odd number of masters',
  "too-many-requests": "more than 600 requests of this kind in a minute",
  internal: "An unexpected error. The function's log has the details; the same command may be run again.",
  "not-ready": "etcd of prod.example.com does not answer yet",
};

export function problemExample(name: ProblemName): ProblemDocument {
  return {
    type: problemType(name),
    status: problemRow(name).status,
    title: problemRow(name).title,
    detail: DETAILS[name],
    ...(name === "spec-rejected"
      ? { problems: [{ flag: "masterCount", value: "2", message: DETAILS["spec-rejected"] }] }
      : {}),
    ...(name === "cluster-busy" ? { operation: "repair-01kb0v3j6z8f6c3w9m2n4p5q7r" } : {}),
    requestId: "4f1c2d3e-0000-4000-8000-1234567890ab",
  };
}
