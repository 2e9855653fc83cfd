import { spawn } from "node:child_process";
import { appendFileSync, existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { environment } from "./environment.ts";

const cloud = "/var/lib/cloud";
const outputLog = "/var/log/cloud-init-output.log";

/**
 * Runs user data once for each instance id, as cloud-init does: a text that starts with `#!` is a script. Its output goes
 * to cloud-init's log and to the console. Other formats of cloud-init are refused on the console, not ignored silently.
 */
export async function runUserData(
  instanceId: string,
  userData: string,
  writeConsole: (text: string) => void,
): Promise<void> {
  const instance = `${cloud}/instances/${instanceId}`;
  const done = `${instance}/sem/config_scripts_user`;
  if (existsSync(done)) return;
  await mkdir(`${instance}/sem`, { recursive: true });
  await mkdir(`${instance}/scripts`, { recursive: true });
  // Marked before it runs: user data that was cut off by a power loss does not run again.
  await writeFile(done, "");
  const failure = userData === "" ? undefined : await runPart(`${instance}/scripts/part-001`, userData, writeConsole);
  await writeFile(`${instance}/boot-finished`, "");
  await writeFile(`${cloud}/result`, failure ?? "done");
  if (failure) writeConsole(`cloud-init: ${failure}\n`);
  writeConsole(`Cloud-init finished. Datasource DataSourceEc2Local, instance ${instanceId}.\n`);
}

async function runPart(
  path: string,
  userData: string,
  writeConsole: (text: string) => void,
): Promise<string | undefined> {
  if (!userData.startsWith("#!")) {
    return `user data is not a script (it starts with ${JSON.stringify(userData.slice(0, 20))}); the local image runs scripts only`;
  }
  await writeFile(path, userData, { mode: 0o700 });
  const code = await execute(path, writeConsole);
  return code === 0 ? undefined : `Failed running ${path} [${code}]`;
}

async function execute(path: string, writeConsole: (text: string) => void): Promise<number> {
  const child = spawn(path, [], {
    cwd: "/",
    env: await environment(),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const forward = (chunk: Buffer): void => {
    appendFileSync(outputLog, chunk);
    writeConsole(chunk.toString());
  };
  child.stdout.on("data", forward);
  child.stderr.on("data", forward);
  return await new Promise((resolve) => {
    child.once("error", (error) => {
      writeConsole(`cloud-init: ${path}: ${error.message}\n`);
      resolve(127);
    });
    child.once("exit", (code) => resolve(code ?? 137));
  });
}
