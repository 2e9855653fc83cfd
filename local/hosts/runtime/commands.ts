import { spawn } from "node:child_process";

/** Runs a short-lived program with text on its standard input; rejects with what it printed on standard error. */
export async function runProgram(program: string, args: readonly string[], input = ""): Promise<void> {
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"], timeout: 10_000 });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 137));
  });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed (${code}): ${stderr.trim()}`);
}
