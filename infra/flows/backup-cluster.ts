import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { publishEvents } from "../permissions/events.ts";
import { readBackups, removeBackups, tagBackups, writeBackups } from "../permissions/s3.ts";
import { secrets } from "../permissions/ssm.ts";

const STEPS = {
  "begin-backup": { records: { actions: ["GetItem", "PutItem", "UpdateItem"] } },

  "save-snapshot": ({ backups, secretsKeyArn }) => ({
    records: { actions: ["GetItem", "Query", "UpdateItem"] },
    documents: { one: ["backup-etcd"], several: ["member-health"] },
    environment: {
      BACKUP_BUCKET: backups.name,
      SECRETS_KEY_ARN: secretsKeyArn,
    },
  }),

  "compare-hashes": {
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    documents: { several: ["member-hash"] },
    permissions: [publishEvents()],
  },

  "commit-backup": ({ backups, secretsKeyArn }) => ({
    records: { actions: ["GetItem", "Query", "PutItem", "UpdateItem"] },
    permissions: [
      ...readBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "snapshot.db.gz"),
      ...writeBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "pki.json", "cluster.json", "manifest.json"),
      ...tagBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "*"),
      ...secrets(secretsKeyArn, ["ssm:GetParameter"], "*/control/authorities"),
      publishEvents(),
    ],
    environment: { BACKUP_BUCKET: backups.name },
  }),

  "remove-old-backups": ({ backups, secretsKeyArn }) => ({
    records: { actions: ["GetItem", "Query", "UpdateItem"] },
    permissions: [removeBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn })],
    environment: { BACKUP_BUCKET: backups.name },
  }),

  "complete-backup": { records: { actions: ["UpdateItem"] } },

  "record-backup-failure": {
    records: { actions: ["GetItem", "PutItem", "UpdateItem"] },
    permissions: [publishEvents()],
  },
} satisfies FunctionDefinitions;

/** Reads a cluster and takes none, so it waits for no operation and lets none wait. */
export function backupCluster(foundation: Foundation): Workflow {
  return new Workflow(foundation.stack, "BackupCluster", {
    file: "backup-cluster",
    steps: foundation.functions("backup-cluster", STEPS),
  });
}
