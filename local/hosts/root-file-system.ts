import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { HostSpec } from "./driver.ts";
import { hostPath } from "./image-layout.ts";
import type { Bind } from "./protocol.ts";

/**
 * The addresses of a VPC that lead to the host runtime: EC2's metadata service, and the resolver, which also relays AWS
 * calls here.
 */
export const metadataAddress = "169.254.169.254";
export const resolverAddress = "169.254.169.253";

const directories = [
  "dev",
  "etc/ssl/certs",
  "etc/systemd/system",
  "home",
  "mnt",
  "opt",
  "proc",
  "root",
  "run",
  "srv",
  "sys",
  "tmp",
  "usr",
  "var/cache",
  "var/lib/cloud",
  "var/log/units",
  "var/tmp",
];

/** Top-level directories that a merged-/usr distribution has as links; copied as the machine has them. */
const systemLinks = ["bin", "sbin", "lib", "lib32", "lib64"];

const certificates = "/etc/ssl/certs/ca-certificates.crt";

/**
 * Makes the writable root of a host below `directory` (`root/`, and `local/` for /usr/local) unless it exists: a host
 * that is started again keeps its root. Resolves with the binds that a host needs for it. `authority` is trusted beside
 * this machine's own authorities.
 */
export async function prepareRoot(directory: string, spec: HostSpec, authority = ""): Promise<Bind[]> {
  const root = join(directory, "root");
  if (!existsSync(join(directory, "complete"))) {
    await rm(root, { recursive: true, force: true });
    await seed(root, spec, authority);
    await mkdir(join(directory, "local", "bin"), { recursive: true });
    await mkdir(join(directory, "devices", "block"), { recursive: true });
    await mkdir(join(directory, "devices", "links"), { recursive: true });
    await writeFile(join(directory, "complete"), "");
  }
  return [
    { source: root, target: "/", writable: true },
    { source: "/usr", target: "/usr", writable: false },
    { source: join(directory, "local"), target: "/usr/local", writable: true },
    ...systemLinks
      .map((name) => `/${name}`)
      .filter((path) => existsSync(path) && !lstatSync(path).isSymbolicLink())
      .map((path) => ({ source: path, target: path, writable: false })),
  ];
}

async function seed(root: string, spec: HostSpec, authority: string): Promise<void> {
  for (const path of directories) await mkdir(join(root, path), { recursive: true });
  for (const name of systemLinks) {
    const path = `/${name}`;
    if (existsSync(path) && lstatSync(path).isSymbolicLink()) await symlink(readlinkSync(path), join(root, name));
  }
  for (const [path, content] of Object.entries(seededFiles(spec))) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const trusted = await readFile(certificates, "utf8").catch(() => "");
  await writeFile(join(root, certificates), `${trusted}${authority}`);
}

function seededFiles(spec: HostSpec): Record<string, string> {
  return {
    "etc/hostname": `${spec.hostname}\n`,
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost ip6-localhost\n",
    "etc/resolv.conf": `nameserver ${resolverAddress}\nsearch ${spec.region}.compute.internal\noptions timeout:1 attempts:2\n`,
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/machine-id": `${spec.instanceId.replace(/^i-/, "").padStart(32, "0")}\n`,
    "etc/fstab": "",
    ...(spec.hypervisor === "xen" ? { "sys/hypervisor/type": "xen\n" } : {}),
    "etc/os-release":
      'ID=holdfast-local\nID_LIKE=debian\nNAME="Local host image"\nPRETTY_NAME="Local host image"\nVERSION_ID="1"\n',
    "etc/environment": environmentFile(spec),
    "root/.bashrc": 'set -a; . /etc/environment; set +a\nPS1="[root@\\h \\W]# "\n',
  };
}

/** One user id exists on a host, so that archives must not restore owners: hence TAR_OPTIONS. */
function environmentFile(spec: HostSpec): string {
  const values = {
    PATH: hostPath,
    AWS_ENDPOINT_URL: `http://${resolverAddress}`,
    CURL_CA_BUNDLE: certificates,
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    TAR_OPTIONS: "--no-same-owner",
    NODE_COMPILE_CACHE: "/var/cache/image-node",
    // etcd before 3.5 starts on this processor only when this variable allows it.
    ...(process.arch === "arm64" ? { ETCD_UNSUPPORTED_ARCH: "arm64" } : {}),
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
