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
  etcd: "etcd-server",
  etcdctl: "etcd-client",
};

/** Programs of the machine that the driver uses, by their paths. */
export interface Programs {
  readonly bwrap: string;
  readonly ip: string;
  readonly unshare: string;
  readonly nsenter: string;
  readonly etcd: string;
  readonly etcdctl: string;
  /** Absent before etcd 3.5. */
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

/** Throws `HostsUnavailable` where the kernel or a container refuses user namespaces. */
export async function checkNamespaces(programs: Programs): Promise<void> {
  try {
    await promisify(execFile)(programs.unshare, ["-Urnmp", "--fork", "--kill-child", "--mount-proc", "true"], {
      timeout: 5000,
    });
  } catch (error) {
    const reason = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
    throw new HostsUnavailable(
      `Local hosts need user namespaces, which this machine refuses (${reason}); allow them with sysctl kernel.unprivileged_userns_clone=1 and, on Ubuntu, kernel.apparmor_restrict_unprivileged_userns=0`,
    );
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
