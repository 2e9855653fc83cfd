import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { findPrograms, HostsUnavailable } from "../local/hosts/requirements.ts";
import { isTooOld, unpackNewerEtcd } from "./newer-etcd.ts";

/** Where programs lie that were fetched for this checkout alone. */
const TOOLS = join(import.meta.dirname, "..", ".holdfast", "tools");

/** Debian's packages of what the local cloud's hosts are made with. */
const PACKAGES = ["bubblewrap", "etcd-client", "etcd-server", "iproute2", "nftables", "util-linux"];

/** The official release that is fetched where there is no apt; checksums as published with it. */
const ETCD = {
  version: "v3.5.21",
  sha256: {
    x64: "adddda4b06718e68671ffabff2f8cee48488ba61ad82900e639d108f2148501c",
    arm64: "95bf6918623a097c0385b96f139d90248614485e781ec9bee4768dbb6c79c53f",
  },
} as const;

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
 * Makes sure that the programs are there with which local hosts are made: by apt as root, else etcd by its official
 * release; and that etcd is of at least 3.5, where that can be had. Throws HostsUnavailable, whose message names what to install, when they still are not.
 */
export async function ensureHostTools(say: (line: string) => void): Promise<void> {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((directory) => directory !== TOOLS);
  process.env["PATH"] = [TOOLS, ...path].join(delimiter);
  if (missing()) await install(say);
  const version = execFileSync(findPrograms().etcd, ["--version"], { encoding: "utf8" });
  if (isTooOld(version) && existsSync("/usr/bin/apt-get")) await unpackNewerEtcd(TOOLS, say);
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

function hasApt(): boolean {
  return process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

function aptInstall(packages: readonly string[], say: (line: string) => void): void {
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

async function fetchEtcd(say: (line: string) => void): Promise<void> {
  const architecture = process.arch === "arm64" ? "arm64" : "x64";
  const name = `etcd-${ETCD.version}-linux-${architecture === "x64" ? "amd64" : "arm64"}`;
  const url = `https://github.com/etcd-io/etcd/releases/download/${ETCD.version}/${name}.tar.gz`;
  say(`fetching ${name} from its official release`);
  const answer = await fetch(url, { signal: AbortSignal.timeout(120_000) }).catch(() => undefined);
  if (!answer?.ok) return;
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
  await Promise.all(["etcd", "etcdctl", "etcdutl"].map((program) => chmod(join(TOOLS, program), 0o755)));
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
