import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as z from "zod";
import type { Choice } from "./arguments.ts";
import { CASE_NAMES, CHECK_NAMES } from "./cases.ts";

const Result = z.object({
  check: z.enum(CHECK_NAMES),
  status: z.enum(["passed", "failed", "skipped"]),
  /** What was seen, or why not; a sentence. */
  message: z.string(),
  startedAt: z.string(),
  seconds: z.number(),
  evidence: z.record(z.string(), z.unknown()),
});
export type Result = z.output<typeof Result>;

/** Everything that a run must remember to resume, or to remove what it made, after it ended anywhere. */
const RunState = z.object({
  run: z.string().regex(/^smoke-\d{8}-\d{4}-[0-9a-f]{4}$/),
  region: z.string(),
  startedAt: z.string(),
  cases: z.array(z.enum(CASE_NAMES)),
  size: z.string(),
  image: z.string().nullable(),
  /** Zones of the Region, once they were read. */
  zones: z.array(z.string()),
  /** Where Holdfast's API is, once that is known. */
  api: z.string().nullable(),
  /** `made` stands before the deployment begins: such a stack is removed in the end. */
  stack: z.enum(["unknown", "given", "found", "made", "removed"]),
  /** What a stack that was made leaves behind on purpose. */
  retained: z.array(z.object({ type: z.string(), id: z.string() })),
  /** Clusters whose creation was asked for: written before that. */
  begun: z.array(z.enum(CASE_NAMES)),
  results: z.array(Result),
  /** The check that runs, or ran when the run ended. */
  running: z.enum(CHECK_NAMES).nullable(),
  /** Facts that a check needs again when it is repeated: which instance it has ended. */
  notes: z.record(z.string(), z.string()),
  /** Why nothing new is begun; null while all is well. */
  stopping: z.string().nullable(),
  /** What carries the run's tag after everything was removed; null until that was looked at. */
  left: z.array(z.string()).nullable(),
});
export type RunState = z.output<typeof RunState>;

/** A run at its beginning. */
export function newState({ region, cases, size, image, api }: Choice, run: string, now: Date): RunState {
  return {
    ...{ run, region, size, image, api, cases: [...cases] },
    startedAt: now.toISOString(),
    stack: api === null ? "unknown" : "given",
    ...{ zones: [], retained: [], begun: [], results: [], running: null, notes: {}, stopping: null, left: null },
  };
}

function fileOf(directory: string, run: string): string {
  return join(directory, run, "state.json");
}

/** Undefined where there is no such run. */
export async function readState(directory: string, run: string): Promise<RunState | undefined> {
  const file = fileOf(directory, run);
  return existsSync(file) ? RunState.parse(JSON.parse(await readFile(file, "utf8"))) : undefined;
}

/** Whole or not at all, wherever the run ends. */
export async function writeState(directory: string, state: RunState): Promise<void> {
  const file = fileOf(directory, state.run);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}
