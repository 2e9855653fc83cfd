import { BACKUP_EXAMPLE, OPERATION_EXAMPLE } from "./examples.ts";
import { REQUESTS } from "./requests.ts";
import type { ApiRoute } from "./route-types.ts";
import { BackupViewSchema, OperationViewSchema, pageOf } from "./views.ts";

/** Backups of a cluster's etcd. */
export const BACKUP_ROUTES = {
  backupCluster: {
    request: REQUESTS.backupCluster,
    tag: "Backups",
    summary: "Take a backup now",
    description: "It only reads the cluster, and waits for no operation that holds it.",
    function: "backup-cluster",
    answers: {
      202: {
        description: "The backup has begun; follow it at `Location`.",
        schema: OperationViewSchema,
        example: { ...OPERATION_EXAMPLE, id: "backup-01kb0v3j6z8f6c3w9m2n4p5q7r", kind: "backup", steps: [] },
        headers: { Location: "Path of the operation." },
      },
    },
    problems: ["cluster-unknown", "cluster-busy", "idempotency-mismatch"],
  },
  drillCluster: {
    request: REQUESTS.drillCluster,
    tag: "Backups",
    summary: "Prove that a backup can be restored",
    description:
      "On a host of its own, which is ended afterwards. No master is touched, and no operation is waited for.",
    function: "backup-cluster",
    answers: {
      202: {
        description: "The drill has begun; follow it at `Location`.",
        schema: OperationViewSchema,
        example: { ...OPERATION_EXAMPLE, id: "drill-01kb0v3j6z8f6c3w9m2n4p5q7r", kind: "drill", steps: [] },
        headers: { Location: "Path of the operation." },
      },
    },
    problems: ["cluster-unknown", "cluster-busy", "backup-unknown", "backup-foreign", "idempotency-mismatch"],
    body: { schema: REQUESTS.drillCluster.body, example: { backup: "2026-11-25T100000Z-4f1c" } },
  },
  listBackups: {
    request: REQUESTS.listBackups,
    tag: "Backups",
    summary: "List a cluster's backups, newest first",
    description: "Those of former clusters of the name, and from before a restore, are among them and say so.",
    function: "get-backups",
    answers: {
      200: { description: "A page.", schema: pageOf(BackupViewSchema), example: { items: [BACKUP_EXAMPLE] } },
    },
    problems: ["cluster-unknown"],
  },
  getBackup: {
    request: REQUESTS.getBackup,
    tag: "Backups",
    summary: "One backup",
    function: "get-backups",
    answers: { 200: { description: "The backup.", schema: BackupViewSchema, example: BACKUP_EXAMPLE } },
    problems: ["cluster-unknown", "backup-unknown"],
  },
  pinBackup: {
    request: REQUESTS.pinBackup,
    tag: "Backups",
    summary: "Keep a backup, or let retention have it",
    function: "pin-backup",
    answers: { 200: { description: "The backup.", schema: BackupViewSchema, example: BACKUP_EXAMPLE } },
    problems: ["cluster-unknown", "backup-unknown"],
    body: { schema: REQUESTS.pinBackup.body, example: { pinned: true } },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
