import type { Context } from "aws-lambda";
import * as z from "zod";
import { handler as finishRestore } from "../restore-cluster/parts/finish-restore.ts";
import { handler as restoreMember } from "../restore-cluster/parts/restore-member.ts";
import { handler as startMasters } from "../restore-cluster/parts/start-masters.ts";
import { handler as assessTakeover } from "./takeover/assess-takeover.ts";
import { handler as checkTaken } from "./takeover/check-taken.ts";
import { handler as forgetHosts } from "./takeover/forget-hosts.ts";
import { handler as rewriteEndpoint } from "./takeover/rewrite-endpoint.ts";
import { handler as tryBackup } from "./takeover/try-backup.ts";

/** Steps by which a new cluster begins with a backup's data, by the names that the flow gives: one function for all. */
const STEPS = new Map<string, (event: unknown, context: Context) => Promise<unknown>>([
  ["assess-takeover", assessTakeover],
  ["check-taken", checkTaken],
  ["finish-restore", finishRestore],
  ["forget-hosts", forgetHosts],
  ["restore-member", restoreMember],
  ["rewrite-endpoint", rewriteEndpoint],
  ["start-masters", startMasters],
  ["try-backup", tryBackup],
]);

const Input = z.looseObject({ step: z.string() });

export async function handler(event: unknown, context: Context): Promise<unknown> {
  const { step } = Input.parse(event);
  const run = STEPS.get(step);
  if (!run) throw new Error(`a takeover has no step ${step}`);
  return await run(event, context);
}
