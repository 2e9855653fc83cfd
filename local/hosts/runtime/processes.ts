import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Every process in the process namespace of `pid`, itself included; none if it has ended. */
export function processesBeside(pid: number | undefined): number[] {
  const namespace = pid === undefined ? undefined : linkOf(`/proc/${pid}/ns/pid`);
  if (namespace === undefined) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && linkOf(`/proc/${name}/ns/pid`) === namespace)
    .map(Number);
}

/** Does the process run this program, by the name that the kernel keeps? */
export function runs(pid: number, program: string): boolean {
  try {
    // The kernel cuts names at 15 characters: proc_pid_comm(5).
    return readFileSync(`/proc/${pid}/comm`, "utf8").trimEnd() === program.slice(0, 15);
  } catch {
    return false;
  }
}

/** Has the process a file open below a directory, as the process itself sees it? */
export function hasOpenBelow(pid: number, directory: string): boolean {
  try {
    const descriptors = `/proc/${pid}/fd`;
    return readdirSync(descriptors).some((name) => linkOf(join(descriptors, name))?.startsWith(`${directory}/`));
  } catch {
    return false;
  }
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Where a link of /proc leads; undefined once the process has ended. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
