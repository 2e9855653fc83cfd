import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../", import.meta.url);
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs a program of this repository under the same Node, in the foreground. Its exit code, 1 when a signal ended it. */
export function runProgram(path: string, args: readonly string[]): Promise<number> {
  return runCommand(process.execPath, [fileURLToPath(new URL(path, ROOT)), ...args]);
}

/** Runs a command in the foreground with our terminal. Its exit code, 1 when a signal ended it. */
export function runCommand(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: "inherit" });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      for (const signal of SIGNALS) process.off(signal, forward);
      resolve(code ?? 1);
    });
  });
}
