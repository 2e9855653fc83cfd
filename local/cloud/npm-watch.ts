import { readFileSync } from "node:fs";

const CHECK_MS = 500;

/**
 * Calls `onGone` once the npm that started this process has ended. A signal ends npm or its shell, but does not reach
 * what they run; SIGKILL reaches npm alone. Without npm nothing is watched: a shell may end before what it started.
 */
export function watchNpm(onGone: () => void): void {
  const chain = ancestorsToNpm();
  if (chain.length === 0) return;
  const timer = setInterval(() => {
    if (chain.every(({ pid, parent }) => parentOf(pid) === parent)) return;
    clearInterval(timer);
    onGone();
  }, CHECK_MS);
  timer.unref();
}

interface Link {
  readonly pid: number;
  readonly parent: number;
}

/** Every process from this one up to npm, with its parent; empty if npm is none of them. */
function ancestorsToNpm(): Link[] {
  const chain: Link[] = [];
  for (let pid = process.pid; pid > 1; ) {
    const parent = parentOf(pid);
    if (parent === undefined) return [];
    chain.push({ pid, parent });
    if (isNpm(parent)) return chain;
    pid = parent;
  }
  return [];
}

/** npm and npx set their title, which replaces the words of the command line. */
function isNpm(pid: number): boolean {
  return /^np[mx]\b/.test(readProc(pid, "cmdline"));
}

/** The fourth word of a process's state; the second is its name in parentheses, which may have spaces. */
function parentOf(pid: number): number | undefined {
  const [, parent] = /.*\) \S (\d+) /s.exec(readProc(pid, "stat")) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
