import type { Context } from "aws-lambda";
import * as z from "zod";
import { handler as beginDrill } from "./parts/begin-drill.ts";
import { handler as endHost } from "./parts/end-host.ts";
import { handler as launchHost } from "./parts/launch-host.ts";
import { handler as recordDrill } from "./parts/record-drill.ts";
import { handler as runDrill } from "./parts/run-drill.ts";

/** All steps of a drill by the names that the flow gives: one function, as for a restore. */
const STEPS = new Map<string, (event: unknown, context: Context) => Promise<unknown>>([
  ["begin-drill", beginDrill],
  ["end-host", endHost],
  ["launch-host", launchHost],
  ["record-drill", recordDrill],
  ["run-drill", runDrill],
]);

const Input = z.looseObject({ step: z.string() });

export async function handler(event: unknown, context: Context): Promise<unknown> {
  const { step } = Input.parse(event);
  const run = STEPS.get(step);
  if (!run) throw new Error(`a drill has no step ${step}`);
  return await run(event, context);
}
