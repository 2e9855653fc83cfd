import type { SimulatedHost } from "./host.ts";

/** A document that runs as a job (functions/hosts/documents/job.sh). */
export interface Job {
  /** What only the script of this document contains. */
  readonly sign: RegExp;
  /** What it prints at its end; it fails with the message of what this throws. */
  readonly run: (host: SimulatedHost, script: string) => Promise<object>;
}

/** The job ends with the exit code that says that what it was given is at fault (functions/hosts/documents/own-etcd.sh). */
export class FaultyData extends Error {}

interface Run {
  readonly startedAt: number;
  /** The line of JSON, once it has ended. */
  answer?: string;
}

/** Jobs of each host by their names: what they left lies on its disk, and goes with it. */
const runs = new WeakMap<SimulatedHost, Map<string, Run>>();
/** As long as the document waits for the end of its job, in short. */
const LOOK_MS = 1_000;
/** The most that an answer says of an error. */
const SAID_CHARACTERS = 400;

/** Starts a job, or looks at it, as job.sh does; resolves with the line of JSON that it prints. */
export async function runJob(host: SimulatedHost, script: string, job: Job): Promise<string> {
  const name = /^job=(\S+)/m.exec(script)?.[1] ?? "";
  const known = runs.get(host) ?? new Map<string, Run>();
  runs.set(host, known);
  const found = known.get(name);
  const run = found ?? { startedAt: host.clock.now() };
  if (!found) {
    known.set(name, run);
    void job.run(host, script).then(
      (result) => end(host, run, `{"state":"done","result":${JSON.stringify(result)}}`),
      (error: unknown) =>
        end(
          host,
          run,
          failed(error instanceof FaultyData ? 65 : 1, error instanceof Error ? error.message : String(error)),
        ),
    );
  }
  const until = host.clock.now() + LOOK_MS;
  while (run.answer === undefined && host.clock.now() < until) await host.clock.sleep(50, host.signal);
  const seconds = Math.floor((host.clock.now() - run.startedAt) / 1_000);
  return `${run.answer ?? `{"state":"running","seconds":${seconds},"said":""}`}\n`;
}

/** A power cut ends a job without a word. */
function end(host: SimulatedHost, run: Run, answer: string): void {
  run.answer = host.up ? answer : failed(137, "it ended without a word");
}

function failed(code: number, said: string): string {
  return JSON.stringify({ state: "failed", code, said: said.slice(-SAID_CHARACTERS) });
}
