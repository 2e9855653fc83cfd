import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { main } from "../../cli/main.ts";
import type { Terminal } from "../../client/terminal.ts";

export const LAUNCHER = fileURLToPath(new URL("../../cli/holdfast.mjs", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Executes a command in this process, its output captured. The default API is one where nobody answers. */
export async function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  terminal: Partial<Terminal> = {},
): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const code = await main(
    args,
    { HOLDFAST_API: "http://127.0.0.1:1", ...environment },
    {
      columns: 100,
      interactive: false,
      out: (written) => {
        stdout += written;
      },
      note: (line) => {
        stderr += `${line}\n`;
      },
      paint: (_, painted) => painted,
      ...terminal,
    },
  );
  return { code, stdout, stderr };
}

/** Starts the launcher, or a link to it, as a user would. */
export async function startCli(launcher: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd,
    env: { ...process.env, HOLDFAST_API: "http://127.0.0.1:1" },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 15_000,
  });
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, stdout, stderr };
}
