import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import type { ScriptResult } from "./agent-protocol.ts";
import { environment } from "./environment.ts";

/** More than SSM or any reader keeps (24,000 characters); the rest of an output is read and dropped. */
const maxOutputLength = 1024 * 1024;
/** How long a finished script's output may still come from a process that it left in the background. */
const drainMs = 50;

/**
 * Runs a script as root with bash and captures its output, as the SSM agent's `aws:runShellScript` does. A script that
 * exceeds `timeoutMs` is killed with everything it started, and has exit code 137.
 */
export async function runScript(path: string, script: string, timeoutMs: number): Promise<ScriptResult> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, script, { mode: 0o700 });
  const child = spawn("/bin/bash", [path], {
    cwd: "/root",
    env: await environment(),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, timeoutMs);
  const exitCode = await ended(child);
  clearTimeout(timer);
  return { exitCode, stdout: stdout(), stderr: stderr(), timedOut };
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 137));
    child.once("exit", (code) => setTimeout(() => resolve(code ?? 137), drainMs));
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The group ended between the time-out and the signal.
  }
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    if (size < maxOutputLength) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).subarray(0, maxOutputLength).toString();
}
