import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as z from "zod";

const Ready = z.object({ api: z.string(), aws: z.string(), console: z.string(), region: z.string() });
export type Endpoints = z.output<typeof Ready>;

export interface LocalCloudProcess {
  readonly endpoints: Endpoints;
  /** Ctrl-C, as a person would. Resolves with the exit code. */
  stop(): Promise<number>;
}

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

/** Starts `local/main.ts` on free ports with its state in `directory`; its log goes to standard error with `verbose`. */
export async function startLocalCloudProcess(directory: string, verbose: boolean): Promise<LocalCloudProcess> {
  const main = join(import.meta.dirname, "../../local/main.ts");
  const child = spawn(process.execPath, [main, "--port", "0", "--data", directory], {
    stdio: ["ignore", "pipe", verbose ? "inherit" : "pipe"],
    // A process group of its own: the terminal's Ctrl-C reaches us, and we stop it in order.
    detached: true,
  });
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log = (log + chunk).slice(-8_192);
  });
  const ended = once(child, "exit");
  const output = child.stdout;
  if (!output) throw new Error("the local cloud has no standard output");
  const lines = createInterface({ input: output });
  const first = await Promise.race([
    once(lines, "line", { signal: AbortSignal.timeout(READY_LIMIT_MS) }).then(([line]) => String(line)),
    ended.then(() => undefined),
  ]);
  if (first === undefined) throw new Error(`the local cloud did not start:\n${log}`);
  return {
    endpoints: Ready.parse(JSON.parse(first)),
    stop: async () => {
      if (child.exitCode === null) child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      const [code] = await ended;
      clearTimeout(timer);
      return typeof code === "number" ? code : 1;
    },
  };
}

/** Command lines of running processes that name the directory: there must be none once the local cloud has ended. */
export function processesUnder(directory: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        return line.includes(directory) ? [line] : [];
      } catch {
        return []; // it ended while we looked
      }
    });
}

/** Mounts of this machine below the directory. */
export function mountsUnder(directory: string): string[] {
  return readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(directory));
}
