import { createHash } from "node:crypto";
import * as z from "zod";
import { sfn } from "../aws/step-functions/client.ts";
import { findExecutionStatus, startExecution } from "../aws/step-functions/executions.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { eventHandler } from "../runtime/handlers.ts";
import { logger } from "../runtime/logger.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { findOperation } from "../store/operation-records.ts";
import { endFailedBackup, endFailedBackupCalls } from "../usecases/backup/end-failed-backup.ts";
import { endOperation, endOperationCalls } from "../usecases/operations/end-operation.ts";

const deps = { ...system, aws: { ...endOperationCalls, ...endFailedBackupCalls } };

const env = readEnv({ REPAIR_STATE_MACHINE: NonEmpty });

/**
 * `Step Functions Execution Status Change` (docs/references/aws.md#status-events). Input is left out when it is large,
 * so it is not read.
 */
const Event = z.object({
  detail: z.object({ executionArn: NonEmpty, name: NonEmpty, redriveCount: z.number().default(0) }),
});

const ENDED = new Set(["FAILED", "TIMED_OUT", "ABORTED"]);

/**
 * An execution failed. Most record their failure themselves. If it was stopped, timed out or ran out of history, the
 * operation is still RUNNING in the table and holds its cluster until its lease expires. It is ended now, and a repair
 * checks the cluster. A redriven execution is running and is not changed.
 */
async function executionEnded({ detail }: z.output<typeof Event>): Promise<void> {
  const operation = await findOperation(table, detail.name);
  if (operation?.status !== "RUNNING") return;
  const status = await findExecutionStatus(sfn, detail.executionArn);
  if (status !== undefined && !ENDED.has(status))
    return logger.info("the execution is not over", { ...detail, status });
  const message = `Operation ${operation.id} stopped without recording its end: its execution is ${status ?? "gone"}`;
  // It takes no cluster, so there is nothing to repair; the reconciler starts the next one.
  if (operation.kind === "backup") {
    const { id, cluster } = operation;
    await endFailedBackup(deps, { cluster, operation: id }, { name: "BackupFailed", message: `${message}.` });
    return;
  }
  await endOperation(deps, operation, message, new Date());
  // Incomplete creations and deletions are not repaired; the same command continues them.
  if (operation.kind === "create" || operation.kind === "delete") return;
  // Each end of an execution is one fact; one that was redriven can end again.
  const name = `after-${createHash("sha256").update(`${detail.executionArn} ${detail.redriveCount}`).digest("hex").slice(0, 32)}`;
  const input = { cluster: operation.cluster, detectedBy: message, thorough: true };
  logger.info(`repair ${await startExecution(sfn, env.REPAIR_STATE_MACHINE, name, input)}`, {
    operation: operation.id,
    name,
  });
}

export const handler = eventHandler(Event, executionEnded);
