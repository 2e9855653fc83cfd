import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseTimeSpan } from "./command-line.ts";
import { type MountLoss, MountTable } from "./mount-table.ts";

interface FstabEntry {
  readonly source: string;
  readonly target: string;
  readonly deviceTimeoutMs: number;
}

/** systemd's DefaultDeviceTimeoutSec. */
const defaultDeviceTimeoutMs = 90_000;
const pollMs = 100;
/** How soon a mount that is gone is detected; the kernel notifies systemd. */
const watchMs = 200;
/** What the stand-in for mount exits with when there is no such device (mount(8): 1, as opposed to 32). */
const noSuchDevice = 1;

/**
 * The volumes that /etc/fstab names. As with systemd, an entry whose device is absent at boot is waited for, up to its
 * `x-systemd.device-timeout`, and units that require the mount wait with it.
 */
export class Mounts {
  readonly #waiting = new Map<string, Promise<void>>();
  readonly #table = new MountTable();
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** Mounts what is there, then resolves; what is not continues in the background. */
  async mountPresent(): Promise<void> {
    await run("mount", ["-a"]);
    for (const entry of readFstab()) {
      this.#ensure(entry).catch((error: unknown) => this.#log(String(error)));
    }
  }

  /**
   * Calls back when a mounted volume is unmounted, and when its device goes away. Then, as with systemd, who needs the
   * mount ends first, and it is unmounted if fstab names it.
   */
  async watch(onLoss: (loss: MountLoss) => Promise<void>): Promise<never> {
    for (;;) {
      await Promise.all(this.#table.losses().map(onLoss));
      const declared = new Set(readFstab().map(({ target }) => target));
      for (const target of this.#table.orphans().filter((each) => declared.has(each))) await run("umount", [target]);
      await delay(watchMs);
    }
  }

  /** Resolves when what fstab says of `path` is mounted; at once for a path on the root file system. */
  async require(path: string): Promise<void> {
    const covering = readFstab().filter(({ target }) => path === target || path.startsWith(`${target}/`));
    await Promise.all(covering.map((entry) => this.#ensure(entry)));
    this.#table.learn();
  }

  /** systemd's ActiveEnterTimestampMonotonic of the mount. */
  enteredAt(target: string): number {
    return this.#table.since(target);
  }

  #ensure(entry: FstabEntry): Promise<void> {
    const waiting = this.#waiting.get(entry.target);
    if (waiting) return waiting;
    const job = mountWhenPresent(entry).finally(() => this.#waiting.delete(entry.target));
    this.#waiting.set(entry.target, job);
    return job;
  }
}

async function mountWhenPresent(entry: FstabEntry): Promise<void> {
  const deadline = Date.now() + entry.deviceTimeoutMs;
  while (Date.now() < deadline) {
    if ((await run("mountpoint", ["-q", entry.target])) === 0) return;
    if (!entry.source.startsWith("/") || existsSync(entry.source)) {
      const code = await run("mount", [entry.target]);
      if (code === 0) return;
      if (code !== noSuchDevice) throw new Error(`Failed to mount ${entry.target}.`);
    }
    await delay(pollMs);
  }
  throw new Error(`Timed out waiting for device ${entry.source}.`);
}

function readFstab(): FstabEntry[] {
  if (!existsSync("/etc/fstab")) return [];
  return readFileSync("/etc/fstab", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([source = "", target = "", , options = ""]) => {
      const isVolume = /^(\/dev\/|LABEL=|UUID=)/.test(source) && !options.split(",").includes("noauto");
      if (!isVolume) return [];
      const timeout = /x-systemd\.device-timeout=([^,]*)/.exec(options)?.[1];
      return [{ source, target, deviceTimeoutMs: parseTimeSpan(timeout ?? "") || defaultDeviceTimeoutMs }];
    });
}

function run(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve) => {
    child.once("error", () => resolve(127));
    child.once("exit", (code) => resolve(code ?? 137));
  });
}
