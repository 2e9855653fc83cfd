import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { etcdReleases } from "../functions/domain/releases/versions.ts";
import { findPrograms, HostsUnavailable } from "../local/hosts/requirements.ts";
import { ETCD_PROGRAMS, isTooOld, MIN_ETCD, unpackNewerEtcd } from "./newer-etcd.ts";

/** Where programs lie that were fetched for this checkout alone. */
const TOOLS = join(import.meta.dirname, "..", ".holdfast", "tools");

/** Debian's packages of what the local cloud's hosts are made with. */
const PACKAGES = ["bubblewrap", "etcd-client", "etcd-server", "iproute2", "nftables", "util-linux"];

/** The official release, where it can be had, that masters get too; checksums as published with it. */
const [ETCD] = etcdReleases;
/** How long a machine that does not reach it waits, once. */
const RELEASE_ANSWERS_WITHIN_MS = 10_000;

function missing(): HostsUnavailable | undefined {
  try {
    findPrograms();
    return undefined;
  } catch (error) {
    if (error instanceof HostsUnavailable) return error;
    throw error;
  }
}

/**
 * Makes sure that the programs are there with which local hosts are made: by apt as root; etcd with etcdutl from its official
 * release, else from a newer Debian. Throws HostsUnavailable, whose message names what to install, when they still are not.
 */
export async function ensureHostTools(say: (line: string) => void): Promise<void> {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((directory) => directory !== TOOLS);
  process.env["PATH"] = [TOOLS, ...path].join(delimiter);
  if (missing()) await install(say);
  if (etcdProblem() === undefined) return;
  if (!(await fetchEtcd(say)) && existsSync("/usr/bin/apt-get")) await unpackNewerEtcd(TOOLS, say);
  const problem = etcdProblem();
  if (problem !== undefined) throw new HostsUnavailable(problem);
}

/** Why the etcd of this machine does not do for hosts. */
function etcdProblem(): string | undefined {
  const { etcd, etcdutl } = findPrograms();
  const found = execFileSync(etcd, ["--version"], { encoding: "utf8" });
  if (!isTooOld(found) && etcdutl !== undefined) return undefined;
  const lacking = isTooOld(found) ? "is too old" : "has no etcdutl beside it";
  return `Local hosts need etcd ${MIN_ETCD} or later with etcdutl, and ${etcd} (${found.split("\n")[0]}) ${lacking}. Neither its release ${ETCD?.version} nor Debian's newer packages could be fetched. Put etcd, etcdctl and etcdutl into ${TOOLS}.`;
}

async function install(say: (line: string) => void): Promise<void> {
  if (hasApt()) {
    aptInstall(PACKAGES, say);
  } else if (missing()?.message.includes("etcd")) {
    await fetchEtcd(say);
  }
  const still = missing();
  if (still) throw still;
}

export function hasApt(): boolean {
  return process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

export function aptInstall(packages: readonly string[], say: (line: string) => void): void {
  say(`installing ${packages.join(", ")} with apt-get`);
  const options = {
    stdio: ["ignore", "ignore", "inherit"] as const,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  };
  execFileSync("apt-get", ["update", "-q"], { ...options, stdio: [...options.stdio], timeout: 300_000 });
  execFileSync("apt-get", ["install", "-qy", "--no-install-recommends", ...packages], {
    ...options,
    stdio: [...options.stdio],
    timeout: 600_000,
  });
}

/**
 * Programs of checks and tests, where they can be had. Without shellcheck `npm run shell` says that it checked nothing;
 * without tmux the scenario of the terminal fails and names it.
 */
function ensureTestPrograms(say: (line: string) => void): void {
  const missing = Object.entries({ shellcheck: "--version", tmux: "-V" })
    .filter(([program, version]) => spawnSync(program, [version], { stdio: "ignore" }).status !== 0)
    .map(([program]) => program);
  if (missing.length === 0 || !hasApt()) return;
  try {
    aptInstall(missing, say);
  } catch (error) {
    say(`${missing.join(", ")} could not be installed: ${error instanceof Error ? error.message : error}`);
  }
}

/** False where the release cannot be reached. Throws if what came is not what was published. */
async function fetchEtcd(say: (line: string) => void): Promise<boolean> {
  if (!ETCD) return false;
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const name = `etcd-v${ETCD.version}-linux-${architecture}`;
  const url = `https://github.com/etcd-io/etcd/releases/download/v${ETCD.version}/${name}.tar.gz`;
  say(`fetching ${name} from its official release`);
  const answer = await answerOf(url);
  if (!answer?.ok) return false;
  const archive = Buffer.from(await answer.arrayBuffer());
  const found = createHash("sha256").update(archive).digest("hex");
  if (found !== ETCD.sha256[architecture]) throw new Error(`${url} has checksum ${found}, not the published one`);
  await mkdir(TOOLS, { recursive: true });
  const file = join(TOOLS, "etcd.tar.gz");
  await writeFile(file, archive);
  execFileSync("tar", [
    "-xzf",
    file,
    "-C",
    TOOLS,
    "--strip-components=1",
    `${name}/etcd`,
    `${name}/etcdctl`,
    `${name}/etcdutl`,
  ]);
  await rm(file);
  await Promise.all(ETCD_PROGRAMS.map((program) => chmod(join(TOOLS, program), 0o755)));
  return true;
}

/** Undefined where nobody answers in time; a body that comes may take longer. */
async function answerOf(url: string): Promise<Response | undefined> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), RELEASE_ANSWERS_WITHIN_MS);
  try {
    return await fetch(url, { signal: giveUp.signal });
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

if (import.meta.main) {
  try {
    await ensureHostTools((line) => console.error(line));
    ensureTestPrograms((line) => console.error(line));
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
