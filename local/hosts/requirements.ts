import { execFile } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** Hosts cannot be made on this machine; the message says in one sentence why and what helps. */
export class HostsUnavailable extends Error {
  constructor(message: string) {
    super(message);
    this.name = "HostsUnavailable";
  }
}

const debianPackages: Readonly<Record<string, string>> = {
  bwrap: "bubblewrap",
  ip: "iproute2",
  unshare: "util-linux",
  nsenter: "util-linux",
  nft: "nftables",
  etcd: "etcd-server",
  etcdctl: "etcd-client",
};

/** Programs of the machine that the driver uses, by their paths. */
export interface Programs {
  readonly bwrap: string;
  readonly ip: string;
  readonly unshare: string;
  readonly nsenter: string;
  readonly nft: string;
  readonly etcd: string;
  readonly etcdctl: string;
  /** Absent before etcd 3.5: `scripts/ensure-host-tools.ts` refuses such a machine. */
  readonly etcdutl: string | undefined;
}

/** Looks on PATH and in the administrator's directories, which an ordinary user's PATH may lack. */
export function findPrograms(path = process.env["PATH"] ?? ""): Programs {
  const directories = [...path.split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"].filter((part) => part !== "");
  const missing: string[] = [];
  const find = (name: string): string => {
    const found = findIn(directories, name);
    if (found === undefined) missing.push(name);
    return found ?? name;
  };
  const programs = {
    bwrap: find("bwrap"),
    ip: find("ip"),
    unshare: find("unshare"),
    nsenter: find("nsenter"),
    nft: find("nft"),
    etcd: find("etcd"),
    etcdctl: find("etcdctl"),
    etcdutl: findIn(directories, "etcdutl"),
  };
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((name) => debianPackages[name] ?? name))];
    throw new HostsUnavailable(
      `Local hosts need ${missing.join(", ")}, not found on PATH; on Debian and Ubuntu: apt-get install ${packages.join(" ")}`,
    );
  }
  return programs;
}

/**
 * How a host runtime gets its namespaces: in a user namespace of its own, or by the privilege of root on this machine.
 */
export type Isolation = "user-namespaces" | "root";

/** What `unshare` and `nsenter` get beside the namespaces for mounts, network and processes. */
export const userNamespaceFlags: Readonly<Record<Isolation, { unshare: readonly string[]; enter: readonly string[] }>> =
  {
    "user-namespaces": { unshare: ["--user", "--map-root-user"], enter: ["--user", "--preserve-credentials"] },
    root: { unshare: [], enter: [] },
  };

/** The `unshare` of a host runtime up to the program that it runs. */
export function runtimeNamespaces(isolation: Isolation): string[] {
  const shared = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  return [...userNamespaceFlags[isolation].unshare, ...shared];
}

/**
 * Finds out what the machine allows. Where the kernel or a container refuses user namespaces, root still can make the
 * others; for an ordinary user it throws `HostsUnavailable`. There is no third way: user data has fixed paths, and the
 * members of a cluster have addresses that their certificates name, so that hosts cannot share one file system and
 * network.
 */
export async function findIsolation(programs: Programs): Promise<Isolation> {
  const refusal = await refusalOf(programs, "user-namespaces", ["true"]);
  if (refusal === undefined) return await withNftables(programs, "user-namespaces");
  if (process.getuid?.() === 0 && (await refusalOf(programs, "root", ["true"])) === undefined)
    return await withNftables(programs, "root");
  throw new HostsUnavailable(
    `Local hosts need user namespaces, which this machine refuses (${refusal}); allow them with sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000 and, on Ubuntu, kernel.apparmor_restrict_unprivileged_userns=0, or run as root`,
  );
}

/** Security groups of hosts are rules of nftables in namespaces. */
async function withNftables(programs: Programs, isolation: Isolation): Promise<Isolation> {
  const refusal = await refusalOf(programs, isolation, [programs.nft, "add table inet security-groups"]);
  if (refusal === undefined) return isolation;
  throw new HostsUnavailable(
    `Local hosts need nftables in the kernel, which this machine refuses (${refusal}); load it with modprobe nf_tables`,
  );
}

/** Why a program cannot run in namespaces that are made in this way; undefined if it can. */
async function refusalOf(
  programs: Programs,
  isolation: Isolation,
  command: readonly string[],
): Promise<string | undefined> {
  try {
    await promisify(execFile)(programs.unshare, [...runtimeNamespaces(isolation), ...command], { timeout: 5000 });
    return undefined;
  } catch (error) {
    return error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
  }
}

function findIn(directories: readonly string[], name: string): string | undefined {
  for (const directory of directories) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return realpathSync(path);
    } catch {
      // Not in this directory.
    }
  }
  return undefined;
}
