import { execFileSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** 3.4 ended in June 2026 and has no etcdutl, without which nothing is restored; a real API server logs errors with it for ever. */
export const MIN_ETCD = "3.5.16";
/** The Debian whose etcd is new enough; it needs nothing but a C library that is older than what this Debian has. */
const NEWER_DEBIAN = "trixie";
export const ETCD_PROGRAMS = ["etcd", "etcdctl", "etcdutl"];
const PAUSE_MS = 300_000;

/** Of the text of `etcd --version`; true where it says no version. */
export function isTooOld(text: string): boolean {
  const version = /etcd Version: (\d+\.\d+\.\d+)/.exec(text)?.[1] ?? "0";
  return version.localeCompare(MIN_ETCD, "en", { numeric: true }) < 0;
}

/**
 * Unpacks the etcd of a newer Debian into a folder, from the mirror that this machine has its packages from, checked by
 * Debian's own signatures. Nothing of the machine is changed. False where that cannot be; it is not tried again for five
 * minutes.
 */
export async function unpackNewerEtcd(into: string, say: (line: string) => void): Promise<boolean> {
  const failed = join(into, "no-newer-etcd");
  if (existsSync(failed) && Date.now() - statSync(failed).mtimeMs < PAUSE_MS) return false;
  const own = await mkdtemp(join(tmpdir(), "holdfast-etcd-"));
  await mkdir(into, { recursive: true });
  try {
    const mirror = debianMirror();
    say(`fetching etcd of Debian ${NEWER_DEBIAN}, for this checkout alone`);
    await writeFile(join(own, "sources.list"), `deb ${mirror} ${NEWER_DEBIAN} main\n`);
    await Promise.all(
      ["lists/partial", "cache/archives/partial"].map((path) => mkdir(join(own, path), { recursive: true })),
    );
    apt(own, "update");
    apt(own, "download", "etcd-server", "etcd-client");
    const packages = (await readdir(own)).filter((name) => name.endsWith(".deb"));
    for (const name of packages) execFileSync("dpkg", ["-x", join(own, name), join(own, "root")]);
    for (const program of ETCD_PROGRAMS) {
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
