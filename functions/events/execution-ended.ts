import { createHash } from "node:crypto";
import * as z from "zod";
import { sfn } from "../aws/step-functions/client.ts";
import { findExecutionStatus, startExecution } from "../aws/step-functions/executions.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { eventHandler } from "../runtime/handlers.ts";
import { logger } from "../runtime/logger.ts";
import { system } from "../runtime/system.ts";
import { table } from "../runtime/table.ts";
import { findOperation } from "../store/operations.ts";
import { endOperation, endOperationCalls } from "../usecases/operations/end-operation.ts";

const deps = { ...system, aws: { ...endOperationCalls } };

const env = readEnv({ REPAIR_STATE_MACHINE: NonEmpty });

/** `Step Functions Execution Status Change` (aws-facts §1.5). Input is left out when it is large, so it is not read. */
const Event = z.object({
  detail: z.object({ executionArn: NonEmpty, name: NonEmpty, redriveCount: z.number().default(0) }),
});

const ENDED = new Set(["FAILED", "TIMED_OUT", "ABORTED"]);

/**
 * An execution ended badly. One that could still record its failure has done so; of one that was stopped, or ran out of
 * time or history, the operation is still RUNNING in the table and holds its cluster until its lease runs out. It is ended
 * now, and a repair looks at what it left. An execution that has been redriven meanwhile runs, and is left alone.
 */
const executionEnded = async ({ detail }: z.output<typeof Event>): Promise<void> => {
  const operation = await findOperation(table, detail.name);
  if (operation?.status !== "RUNNING") return;
  const status = await findExecutionStatus(sfn, detail.executionArn);
  if (status !== undefined && !ENDED.has(status))
    return logger.info("the execution is not over", { ...detail, status });
  const message = `Operation ${operation.id} stopped without a word: its execution is ${status ?? "gone"}`;
  await endOperation(deps, operation, message, new Date());
  // What is half made or half removed is not repaired; the same command goes on with it.
  if (operation.kind === "create" || operation.kind === "delete") return;
  // Each end of an execution is one fact; one that was redriven can end again.
  const name = `after-${createHash("sha256").update(`${detail.executionArn} ${detail.redriveCount}`).digest("hex").slice(0, 32)}`;
  const input = { cluster: operation.cluster, detectedBy: message, thorough: true };
  logger.info(`repair ${await startExecution(sfn, env.REPAIR_STATE_MACHINE, name, input)}`, {
    operation: operation.id,
    name,
  });
};

export const handler = eventHandler(Event, executionEnded);
