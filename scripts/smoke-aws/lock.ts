import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

function fileOf(directory: string, run: string): string {
  return join(directory, run, "pid");
}

/** The process that executes the run now; undefined where none does. */
export async function processOf(directory: string, run: string): Promise<number | undefined> {
  const file = fileOf(directory, run);
  const pid = existsSync(file) ? Number(await readFile(file, "utf8")) : Number.NaN;
  return Number.isInteger(pid) && isAlive(pid) ? pid : undefined;
}

/** Signal 0 only asks. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** From here on the run is this process's, until `release`. */
export async function take(directory: string, run: string): Promise<void> {
  await mkdir(join(directory, run), { recursive: true });
  await writeFile(fileOf(directory, run), String(process.pid));
}

export async function release(directory: string, run: string): Promise<void> {
  await rm(fileOf(directory, run), { force: true });
}
