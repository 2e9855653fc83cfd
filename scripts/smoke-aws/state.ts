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

/** Everything that a run must remember to go on, or to remove what it made, after it ended anywhere. */
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

/** Name and time of a run: who sees the tag in an account knows how old it is. */
export function runName(now: Date, suffix: string): string {
  const digits = now.toISOString().replace(/\D/g, "");
  return `smoke-${digits.slice(0, 8)}-${digits.slice(8, 12)}-${suffix}`;
}

/** When a run of that name began; undefined for text that is no such name. */
export function startOf(run: string): Date | undefined {
  const [, year, month, day, hour, minute] = /^smoke-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)-[0-9a-f]{4}$/.exec(run) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
}

function fileOf(directory: string, run: string): string {
  return join(directory, run, "state.json");
}

export async function readState(directory: string, run: string): Promise<RunState> {
  return RunState.parse(JSON.parse(await readFile(fileOf(directory, run), "utf8")));
}

/** Whole or not at all, wherever the run ends. */
export async function writeState(directory: string, state: RunState): Promise<void> {
  const file = fileOf(directory, state.run);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}
