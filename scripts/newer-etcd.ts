import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** 3.4 ended in June 2026, and a real API server of Kubernetes 1.36 logs errors with it for ever. */
const MIN_VERSION = { major: 3, minor: 5 } as const;
/** The Debian whose etcd is new enough; it needs nothing but a C library that is older than what this Debian has. */
const NEWER_DEBIAN = "trixie";
const PROGRAMS = ["etcd", "etcdctl", "etcdutl"];
const A_DAY_MS = 86_400_000;

/** Of the text of `etcd --version`; true where it says no version. */
export function isTooOld(text: string): boolean {
  const [, major, minor] = /etcd Version: (\d+)\.(\d+)/.exec(text) ?? [];
  return Number(major ?? 0) * 1_000 + Number(minor ?? 0) < MIN_VERSION.major * 1_000 + MIN_VERSION.minor;
}

/**
 * Unpacks the etcd of a newer Debian into a folder, from the mirror that this machine has its packages from, checked by
 * Debian's own signatures. Nothing of the machine is changed. False where that cannot be; it is not tried again for a
 * day.
 */
export async function unpackNewerEtcd(into: string, say: (line: string) => void): Promise<boolean> {
  const failed = join(into, "no-newer-etcd");
  if (existsSync(failed) && Date.now() - statSync(failed).mtimeMs < A_DAY_MS) return false;
  const own = await mkdtemp(join(tmpdir(), "holdfast-etcd-"));
  await mkdir(into, { recursive: true });
  try {
    const mirror = debianMirror();
    say(`fetching etcd ${MIN_VERSION.major}.${MIN_VERSION.minor} of Debian ${NEWER_DEBIAN}, for this checkout alone`);
    await writeFile(join(own, "sources.list"), `deb ${mirror} ${NEWER_DEBIAN} main\n`);
    await Promise.all(
      ["lists/partial", "cache/archives/partial"].map((path) => mkdir(join(own, path), { recursive: true })),
    );
    apt(own, "update");
    apt(own, "download", "etcd-server", "etcd-client");
    const packages = (await readdir(own)).filter((name) => name.endsWith(".deb"));
    for (const name of packages) execFileSync("dpkg", ["-x", join(own, name), join(own, "root")]);
    for (const program of PROGRAMS) {
      // Another process may run the one that is there, or look at the same moment.
      const fresh = join(into, `.${program}.${process.pid}`);
      await copyFile(join(own, "root/usr/bin", program), fresh);
      await chmod(fresh, 0o755);
      await rename(fresh, join(into, program));
    }
    return true;
  } catch (error) {
    say(`no newer etcd could be had: ${error instanceof Error ? error.message.split("\n")[0] : error}`);
    await writeFile(failed, "");
    return false;
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** Throws where this machine has no packages of Debian's. */
function debianMirror(): string {
  const format = ["--format", "$(REPO_URI) $(LABEL) $(COMPONENT)", "Created-By: Packages"];
  const lines = execFileSync("apt-get", ["indextargets", ...format], { encoding: "utf8" }).split("\n");
  const [mirror] = lines.find((line) => line.endsWith(" Debian main"))?.split(" ") ?? [];
  if (mirror === undefined) throw new Error("this is no Debian");
  return mirror;
}

function apt(own: string, ...command: readonly string[]): void {
  const settings = {
    "Dir::Etc::sourcelist": join(own, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State::lists": join(own, "lists"),
    "Dir::Cache": join(own, "cache"),
    "APT::Sandbox::User": "root",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  execFileSync("apt-get", ["-qq", ...options, ...command], {
    cwd: own,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 120_000,
  });
}
