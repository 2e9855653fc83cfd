import type { Context } from "aws-lambda";
import * as z from "zod";
import { handler as assessRestore } from "./parts/assess-restore.ts";
import { handler as checkBackup } from "./parts/check-backup.ts";
import { handler as checkRestored } from "./parts/check-restored.ts";
import { handler as finishRestore } from "./parts/finish-restore.ts";
import { handler as holdMembers } from "./parts/hold-members.ts";
import { handler as keepData } from "./parts/keep-data.ts";
import { handler as overruleOperations } from "./parts/overrule-operations.ts";
import { handler as provideVolume } from "./parts/provide-volume.ts";
import { handler as restartWorkloads } from "./parts/restart-workloads.ts";
import { handler as restoreMember } from "./parts/restore-member.ts";
import { handler as snapshotSurvivor } from "./parts/snapshot-survivor.ts";
import { handler as startMasters } from "./parts/start-masters.ts";
import { handler as stopMasters } from "./parts/stop-masters.ts";
import { handler as terminateMasters } from "./parts/terminate-masters.ts";
import { handler as undoRestore } from "./parts/undo-restore.ts";
import { handler as uploadSurvivor } from "./parts/upload-survivor.ts";

/**
 * All steps of a restore by the names that the flow gives: one function, since a stack has at most 500 resources, and a
 * function with its role and log takes several.
 */
const STEPS = new Map<string, (event: unknown, context: Context) => Promise<unknown>>([
  ["assess-restore", assessRestore],
  ["check-backup", checkBackup],
  ["check-restored", checkRestored],
  ["finish-restore", finishRestore],
  ["hold-members", holdMembers],
  ["keep-data", keepData],
  ["overrule-operations", overruleOperations],
  ["provide-volume", provideVolume],
  ["restart-workloads", restartWorkloads],
  ["restore-member", restoreMember],
  ["snapshot-survivor", snapshotSurvivor],
  ["start-masters", startMasters],
  ["stop-masters", stopMasters],
  ["terminate-masters", terminateMasters],
  ["undo-restore", undoRestore],
  ["upload-survivor", uploadSurvivor],
]);

const Input = z.looseObject({ step: z.string() });

export async function handler(event: unknown, context: Context): Promise<unknown> {
  const { step } = Input.parse(event);
  const run = STEPS.get(step);
  if (!run) throw new Error(`a restore has no step ${step}`);
  return await run(event, context);
}
