import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as z from "zod";

const MAIN = join(import.meta.dirname, "../../local/main.ts");
const Ready = z.object({ api: z.string(), aws: z.string() });

/** The local cloud as a user starts it, a process of its own, whose traces on the machine can all be found. */
export interface CloudProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Where it keeps its state; made while it starts. */
  readonly data: string;
  ready(): Promise<z.output<typeof Ready>>;
  /** Sends the signal; resolves with the exit code and how long it took, in milliseconds. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
  /** What of it is on the machine: processes, mounts and temporary files, one line each. */
  traces(): string[];
}

export async function startCloudProcess(): Promise<CloudProcess> {
  const directory = await mkdtemp(join(tmpdir(), "life-cycle-"));
  const temporary = join(directory, "tmp");
  await mkdir(temporary);
  const data = join(directory, "data");
  const child = spawn(process.execPath, [MAIN, "--port", "0", "--data", data], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: temporary },
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  const lines = createInterface({ input: child.stdout });
  const exit = once(child, "exit");
  return {
    child,
    data,
    ready: async () => {
      const line = await Promise.race([once(lines, "line"), exit.then(() => undefined)]);
      if (line === undefined) throw new Error(`the local cloud ended: ${log}`);
      return Ready.parse(JSON.parse(String(line[0])));
    },
    end: async (signal) => {
      const sentAt = performance.now();
      child.kill(signal);
      const [code] = await exit;
      return { code: typeof code === "number" ? code : null, tookMs: performance.now() - sentAt };
    },
    traces: () => [...processesOf(directory), ...mountsBelow(directory), ...filesIn(temporary)],
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exit;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Processes that name the directory in their command line or in their environment. */
function processesOf(directory: string): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const isOurs = `${commandLine}${readFileSync(`/proc/${pid}/environ`, "utf8")}`.includes(directory);
        return isOurs ? [`process ${pid}: ${commandLine}`] : [];
      } catch {
        return []; // It ended while we looked.
      }
    });
}

function mountsBelow(directory: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(directory))
    .map((line) => `mount ${line}`);
}

function filesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => `temporary file ${name}`) : [];
}
