import { randomInt } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, rename, rm, rmdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { RuntimeHostSpec } from "../protocol.ts";
import { runProgram } from "./commands.ts";

interface Attachment {
  /** Of the kernel's device. */
  readonly name: string;
  readonly path: string;
  /** The name that was asked for. */
  readonly device: string;
  readonly link: string;
}

/**
 * The block devices of one host: directories below `devices/block` on which volumes are bind-mounted. The host has it
 * as /dev/volumes, a slave of the host runtime's mounts, so that a volume attached later appears there. The name by
 * which the host finds it is a link made last, so that who waits for it finds the volume behind it.
 */
export class HostDevices {
  readonly #block: string;
  readonly #links: string;
  readonly #hypervisor: RuntimeHostSpec["hypervisor"];
  readonly #attached = new Map<string, Attachment>();

  constructor(hostDirectory: string, hypervisor: RuntimeHostSpec["hypervisor"]) {
    this.#block = join(hostDirectory, "devices", "block");
    this.#links = join(hostDirectory, "devices", "links");
    this.#hypervisor = hypervisor;
  }

  /** Forgets what an earlier host runtime left; its mounts are gone with it. */
  async clear(): Promise<void> {
    for (const name of readdirSync(this.#links)) await rm(join(this.#links, name));
    for (const name of readdirSync(this.#block)) await rmdir(join(this.#block, name));
  }

  async attach(volumeId: string, path: string, device: string): Promise<void> {
    if (this.#attached.has(volumeId)) return;
    const isXen = this.#hypervisor === "xen";
    const name = isXen ? xenName(device) : this.#freeName();
    const link = isXen ? name : byIdName(volumeId);
    this.#attached.set(volumeId, { name, path, device, link });
    const mountPoint = join(this.#block, name);
    await mkdir(mountPoint);
    await runProgram("mount", ["--bind", path, mountPoint]);
    await symlink(`/dev/volumes/${name}`, join(this.#links, `.${name}`));
    await rename(join(this.#links, `.${name}`), join(this.#links, link));
  }

  /** As the kernel does at each boot: volumes get their names again. Call it while the host is shut down. */
  async enumerate(): Promise<void> {
    const volumes = [...this.#attached];
    await this.detachAll();
    for (const [volumeId, { path, device }] of volumes) await this.attach(volumeId, path, device);
  }

  /**
   * Changes nothing while process `pid` (the host's first; undefined when it is shut down) sees the volume's data
   * mounted, unless by `force`: then the device is gone, and the file system stays mounted without it, as on a real
   * host.
   */
  async detach(
    volumeId: string,
    host: { readonly pid: number | undefined; readonly force: boolean },
  ): Promise<{ detached: boolean; wasMounted: boolean }> {
    const attachment = this.#attached.get(volumeId);
    if (attachment === undefined) return { detached: true, wasMounted: false };
    const { name, link } = attachment;
    const mountPoints = host.pid === undefined ? [] : mountPointsOf(host.pid, volumeId);
    const wasMounted = mountPoints.length > 0;
    if (wasMounted && !host.force) return { detached: false, wasMounted };
    await rm(join(this.#links, link), { force: true });
    await runProgram("umount", ["--lazy", join(this.#block, name)]);
    await rmdir(join(this.#block, name));
    this.#attached.delete(volumeId);
    return { detached: true, wasMounted };
  }

  async detachAll(): Promise<void> {
    for (const volumeId of [...this.#attached.keys()]) await this.detach(volumeId, { pid: undefined, force: true });
  }

  /**
   * The name does not identify the volume: Nitro's depend on the order in which devices answer. The root volume is nvme0n1.
   */
  #freeName(): string {
    const taken = new Set([...this.#attached.values()].map(({ name }) => name));
    const free = NAMES.filter((name) => !taken.has(name));
    const name = free[randomInt(Math.max(free.length, 1))];
    if (name === undefined) throw new Error("this host has no device name left");
    return name;
  }
}

/**
 * Most Nitro instances take 28 attachments, the root volume and one interface among them (EC2 user guide, volume
 * limits).
 */
const NAMES = Array.from({ length: 26 }, (_, index) => `nvme${index + 1}n1`);

/** Xen shows /dev/sdf and /dev/xvdf alike as /dev/xvdf (EC2 user guide, device naming). */
function xenName(device: string): string {
  return device.replace(/^\/dev\/(sd|xvd)/, "xvd");
}

/** What stands in /dev of a Xen host: dangling links until a volume is attached under the name. */
export const XEN_NAMES = Array.from("fghijklmnop", (letter) => `xvd${letter}`);

/** The name under which Nitro instances find a volume: its id without the dash (docs/references/aws.md#devices). */
function byIdName(volumeId: string): string {
  return `nvme-Amazon_Elastic_Block_Store_${volumeId.replace("-", "")}`;
}

/** Where a host, known by its first process, has mounted a volume. */
export function mountPointsOf(pid: number, volumeId: string): string[] {
  const table = `/proc/${pid}/mountinfo`;
  if (!existsSync(table)) return [];
  // Fields 4 and 5: the mounted directory within its file system, and where it is mounted (proc_pid_mountinfo(5)).
  return readFileSync(table, "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , , root]) => root?.endsWith(`/volumes/${volumeId}/data`))
    .map(([, , , , mountPoint = ""]) => mountPoint);
}
