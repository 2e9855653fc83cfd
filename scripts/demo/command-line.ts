import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import type { HostCommand } from "./writer.ts";

const COMMAND = join(import.meta.dirname, "../../cli/holdfast.mjs");

/** Runs `holdfast …` as a person would; with `quiet` its output goes to standard error. Its exit code. */
export async function holdfast(args: readonly string[], env: NodeJS.ProcessEnv, quiet: boolean): Promise<number> {
  const stdio = ["ignore", quiet ? process.stderr : "inherit", "inherit"] as const;
  const child = spawn(process.execPath, [COMMAND, ...args], { env, stdio: [...stdio] });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}

/** Runs a command and answers with what it printed, without the last line break. */
export async function captureCommand({ command, args }: HostCommand): Promise<string> {
  const { stdout } = await promisify(execFile)(command, [...args], { timeout: 15_000 });
  return stdout.trimEnd();
}
