import { readFileSync } from "node:fs";

/** A line of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
interface Mounted {
  /** Unique for as long as it is mounted. */
  readonly id: string;
  /** What is mounted, within its own file system. */
  readonly root: string;
  readonly target: string;
}

/** What happened to a mounted volume: it was unmounted, or its device went away beneath it. */
export interface MountLoss {
  readonly target: string;
  readonly what: "unmounted" | "device-gone";
}

/** Where attached volumes are; a volume's file system is the `data` below its device. */
const DEVICES = "/dev/volumes/";

/** Volumes that are or were mounted, seen by reading the kernel's table again and again. */
export class MountTable {
  readonly #known = new Map<string, Mounted>();
  readonly #orphaned = new Set<string>();

  /** Remembers what is mounted now: what goes away before the next look is then missed by nobody. */
  learn(table: readonly Mounted[] = readTable()): ReadonlySet<string> {
    const fileSystems = new Set(
      table.filter(({ target }) => target.startsWith(DEVICES)).map(({ root }) => `${root}/data`),
    );
    for (const each of table) if (fileSystems.has(each.root)) this.#known.set(each.id, each);
    return fileSystems;
  }

  /** What is gone since the last look. A mount whose device is gone is told once, and again when it is unmounted. */
  losses(table: readonly Mounted[] = readTable()): MountLoss[] {
    const fileSystems = this.learn(table);
    return [...this.#known.values()].flatMap(({ id, target }): MountLoss[] => {
      const now = table.find((each) => each.id === id);
      if (!now) {
        this.#known.delete(id);
        this.#orphaned.delete(id);
        return [{ target, what: "unmounted" }];
      }
      if (fileSystems.has(now.root) || this.#orphaned.has(id)) return [];
      this.#orphaned.add(id);
      return [{ target, what: "device-gone" }];
    });
  }

  /** Where a volume is still mounted whose device is gone. */
  orphans(): string[] {
    return [...this.#orphaned].flatMap((id) => this.#known.get(id)?.target ?? []);
  }
}

function readTable(): Mounted[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .map(([id = "", , , root = "", target = ""]) => ({ id, root, target }));
}
