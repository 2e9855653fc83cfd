import type { Context } from "aws-lambda";
import * as z from "zod";
import { handler as addLearners } from "./parts/add-learners.ts";
import { handler as admitMembers } from "./parts/admit-members.ts";
import { handler as assessMigration, backupHandler as checkBackup } from "./parts/assess-migration.ts";
import { handler as awaitLaunch } from "./parts/await-launch.ts";
import { handler as backOut } from "./parts/back-out.ts";
import {
  handler as completeChanges,
  finishHandler as finishMigration,
  forgetHandler as forgetSlots,
} from "./parts/complete-changes.ts";
import { handler as enlistMembers } from "./parts/enlist-members.ts";
import { handler as promoteMembers } from "./parts/promote-members.ts";
import { handler as removeMembers } from "./parts/remove-members.ts";
import { handler as retireSlot } from "./parts/retire-slot.ts";

/** All steps of a migration by the names that the flow gives: one function, as for a restore. */
const STEPS = new Map<string, (event: unknown, context: Context) => Promise<unknown>>([
  ["add-learners", addLearners],
  ["admit-members", admitMembers],
  ["assess-migration", assessMigration],
  ["await-launch", awaitLaunch],
  ["back-out", backOut],
  ["check-backup", checkBackup],
  ["complete-changes", completeChanges],
  ["enlist-members", enlistMembers],
  ["finish-migration", finishMigration],
  ["forget-slots", forgetSlots],
  ["promote-members", promoteMembers],
  ["remove-members", removeMembers],
  ["retire-slot", retireSlot],
]);

const Input = z.looseObject({ step: z.string() });

export async function handler(event: unknown, context: Context): Promise<unknown> {
  const { step } = Input.parse(event);
  const run = STEPS.get(step);
  if (!run) throw new Error(`a migration has no step ${step}`);
  return await run(event, context);
}
