import type { Foundation, FunctionDefinitions } from "../constructs/foundation.ts";
import { Workflow } from "../constructs/workflow.ts";
import { endMaster } from "../permissions/auto-scaling.ts";
import { changeEc2, createEc2, createSnapshots, describe, tagOnCreate } from "../permissions/ec2.ts";
import { publishEvents } from "../permissions/events.ts";
import { readBackups, tagBackups } from "../permissions/s3.ts";
import { adoptParameters, parameters } from "../permissions/ssm.ts";
import type { SharedSteps } from "./shared-steps.ts";

const STEPS = {
  "restore-step": ({ backups, secretsKeyArn }) => ({
    records: { actions: ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem"] },
    documents: {
      one: ["try-backup", "snapshot-survivor", "upload-survivor", "restore-etcd", "restored-data", "restart-workloads"],
      several: [
        "restore-status",
        "stop-control-plane",
        "start-control-plane",
        "keep-data",
        "undo-restore",
        "restart-kubelet",
      ],
    },
    permissions: [
      ...endMaster(),
      publishEvents(),
      describe("ec2:DescribeVolumes", "ec2:DescribeSnapshots"),
      // A member whose volume is lost gets another one.
      createEc2(["ec2:CreateVolume"], ["volume"]),
      tagOnCreate("CreateVolume", "CreateSnapshot"),
      parameters(["ssm:PutParameter", "ssm:AddTagsToResource"], "*/masters/*-volume"),
      ...adoptParameters("*/masters/*-volume"),
      // Former data is kept.
      createSnapshots(),
      changeEc2(["ec2:CreateSnapshot"], ["volume"]),
      ...readBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "snapshot.db.gz", "manifest.json"),
      // A survivor's data, so that the bucket removes it one day.
      ...tagBackups({ bucketArn: backups.arn, keyArn: secretsKeyArn }, "snapshot.db.gz"),
    ],
    environment: { BACKUP_BUCKET: backups.name, SECRETS_KEY_ARN: secretsKeyArn },
  }),
} satisfies FunctionDefinitions;

/** It stops what runs for the cluster before it stops a master. Its children place masters, and take backups. */
export function restoreCluster(
  foundation: Foundation,
  { machines, checks, nodeChecks, endings }: SharedSteps,
  children: readonly Workflow[],
  operations: readonly Workflow[],
): Workflow {
  const steps = foundation.functions("restore-cluster", STEPS);
  const step = steps["restore-step"];
  step.addEnvironment("STATE_MACHINES", operations.map(({ machine }) => machine.stateMachineArn).join(","));
  for (const { machine } of operations) machine.grantExecution(step, "states:StopExecution");
  return new Workflow(foundation.stack, "RestoreCluster", {
    file: "restore-cluster",
    steps: {
      ...steps,
      "add-nodes": machines["add-nodes"],
      ...nodeChecks,
      "verify-api": checks["verify-api"],
      ...endings,
    },
    children,
  });
}
