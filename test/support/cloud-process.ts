import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as z from "zod";

const ROOT = join(import.meta.dirname, "../..");
/** How people start it: the program itself, or by npm, which is then the process that signals reach. */
const COMMANDS = {
  node: [process.execPath, join(ROOT, "local/main.ts")],
  npm: ["npm", "run", "--silent", "local", "--"],
} as const;
/** Hosts have command lines of thousands of characters. */
const MAX_LINE = 200;
/** npm keeps its own compiled code in the temporary folder. */
const NPMS_OWN = "node-compile-cache";
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

export async function startCloudProcess(by: keyof typeof COMMANDS = "node"): Promise<CloudProcess> {
  const directory = await mkdtemp(join(tmpdir(), "life-cycle-"));
  const temporary = join(directory, "tmp");
  await mkdir(temporary);
  const data = join(directory, "data");
  const [program, ...args] = COMMANDS[by];
  const child = spawn(program, [...args, "--port", "0", "--data", data], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: temporary },
  });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log += chunk;
  });
  const lines = createInterface({ input: child.stdout });
  const exit = once(child, "exit");
  const firstLine = Promise.race([once(lines, "line"), exit.then(() => undefined)]);
  return {
    child,
    data,
    ready: async () => {
      const line = await firstLine;
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
      for (const pid of pidsOf(directory)) killIfThere(pid);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Processes that name the directory in their command line or in their environment. */
function pidsOf(directory: string): number[] {
  const isOurs = (pid: number) =>
    commandLineOf(pid).includes(directory) || readProc(pid, "environ").includes(directory);
  return readdirSync("/proc").map(Number).filter(Number.isInteger).filter(isOurs);
}

function processesOf(directory: string): string[] {
  return pidsOf(directory).map((pid) => `process ${pid}: ${commandLineOf(pid).slice(0, MAX_LINE)}`);
}

function commandLineOf(pid: number): string {
  return readProc(pid, "cmdline").replaceAll("\0", " ");
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return ""; // It ended while we looked.
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended while we looked.
  }
}

function mountsBelow(directory: string): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(directory))
    .map((line) => `mount ${line}`);
}

function filesIn(directory: string): string[] {
  return existsSync(directory)
    ? readdirSync(directory)
        .filter((name) => name !== NPMS_OWN)
        .map((name) => `temporary file ${name}`)
    : [];
}
