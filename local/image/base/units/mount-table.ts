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
  readonly #since = new Map<string, number>();

  /** Remembers what is mounted now: what goes away before the next look is then missed by nobody. */
  learn(table: readonly Mounted[] = readTable()): ReadonlySet<string> {
    const fileSystems = new Set(
      table.filter(({ target }) => target.startsWith(DEVICES)).map(({ root }) => `${root}/data`),
    );
    for (const each of table.filter(({ root }) => fileSystems.has(root))) {
      const isNew = !this.#known.has(each.id) || this.#orphaned.has(each.id);
      if (isNew) this.#since.set(each.target, Math.round(performance.now() * 1_000));
      this.#known.set(each.id, each);
      // The kernel gives the id of a mount that has ended to another.
      this.#orphaned.delete(each.id);
    }
    return fileSystems;
  }

  /**
   * What is gone since the last look. A mount whose device is gone is reported once: that it is unmounted then is no
   * news.
   */
  losses(table: readonly Mounted[] = readTable()): MountLoss[] {
    const fileSystems = this.learn(table);
    return [...this.#known.values()].flatMap(({ id, target }): MountLoss[] => {
      const now = table.find((each) => each.id === id);
      const isOrphan = this.#orphaned.has(id);
      if (!now) {
        this.#known.delete(id);
        this.#orphaned.delete(id);
        return isOrphan ? [] : [{ target, what: "unmounted" }];
      }
      if (fileSystems.has(now.root) || isOrphan) return [];
      this.#orphaned.add(id);
      return [{ target, what: "device-gone" }];
    });
  }

  /** When a volume was last mounted there, in microseconds since this host booted; 0 if none was. */
  since(target: string): number {
    return this.#since.get(target) ?? 0;
  }

  /** Where a volume is still mounted whose device is gone. */
  orphans(): string[] {
    return [...this.#orphaned].flatMap((id) => this.#known.get(id)?.target ?? []);
  }
}

/** Mounts that come and go while the kernel writes the table may hide others: it is read until it is twice the same. */
function readTable(): Mounted[] {
  let text = "";
  for (let before: string | undefined; text !== before; ) {
    before = text;
    text = readFileSync("/proc/self/mountinfo", "utf8");
  }
  return text
    .split("\n")
    .map((line) => line.split(" "))
    .map(([id = "", , , root = "", target = ""]) => ({ id, root, target }));
}
