import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const BOOT = join(import.meta.dirname);
const script = readFileSync(join(BOOT, "software.sh"), "utf8");

/** Commands that write down how they were called; `bodies` are what they do beside that. */
function machine(commands: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), "holdfast-boot-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const [bin, calls] = [join(root, "bin"), join(root, "calls")];
  mkdirSync(bin);
  for (const [name, body] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/bin/bash\necho "${name} $*" >>${calls}\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const run = (call: string) => {
    // The machine's own directories become those of the test; nothing else of the script is changed.
    const text = script.replaceAll(/(?<=[ ">]|file:\/\/)\/(etc|usr\/bin)\b/g, `${root}/$1`);
    const variables = `KUBERNETES_VERSION=v1.36.2 KUBERNETES_KEY=${FINGERPRINT} MIN_CONTAINERD=1.7 ETCD_VERSION=3.6.14 ETCD_SHA256_AMD64=${SUM} ETCD_SHA256_ARM64=none`;
    const prelude = `try_for() { shift; "$@"; }\nsay() { echo "$*" >&2; }\n${variables}\nmkdir -p ${root}/etc/{yum.repos.d,apt/sources.list.d,modules-load.d,sysctl.d,holdfast} ${root}/usr/bin`;
    const { status, stderr } = spawnSync("bash", ["-c", `${prelude}\n${text}\n${call}`], {
      encoding: "utf8",
      env: { PATH: `${bin}:/usr/bin:/bin` },
    });
    const read = (path: string) => readFileSync(join(root, path), "utf8");
    const has = (path: string) => existsSync(join(root, path));
    return { status, stderr, read, has, calls: read("calls").trim().split("\n") };
  };
  return { root, run };
}

/** Two keys that sign nothing: the first is the one that is expected in these tests. */
const FINGERPRINT = "6708A4CAE27AA2BFD9455645CFF8D10C747A20C3";
const KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawxHTRYJKwYBBAHaRw8BAQdAsF3Be45HhQlw9NrVBOPfSEdFimHjkG2cV7ze
ReQZ1rW0A29uZYiQBBMWCAA4FiEEZwikyuJ6or/ZRVZFz/jRDHR6IMMFAmsMR00C
GwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQz/jRDHR6IMOz+gD/VdlfM8iC
E8PRTigDXoyTGTuCL/4MfbZkn8JeN0CO7zgA+QHs4LTEPkZ3a/MYsDwyqPa23682
bESwX6TqGH5vadsB
=Npkf
-----END PGP PUBLIC KEY BLOCK-----
`;
const OTHER_KEY = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawxHTRYJKwYBBAHaRw8BAQdA12OjrURJc0wwHOoUmKfT79Cear6DlTSTJi/p
1BsGUAG0A3R3b4iQBBMWCAA4FiEE2Y8rREOcPP5QrxUiouQTJndhIxAFAmsMR00C
GwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQouQTJndhIxC8ugEA0UNq92V1
YYbKx9fZpEeC6PZUrCeA2sbA0tSwexmDMAMBALYmFUstW8ZiL0N69f9oD9DwSEyJ
oCXAABoFh8fXXrYP
=8JOP
-----END PGP PUBLIC KEY BLOCK-----
`;

/** curl that brings this, whatever it is asked for: its second and third word are `-o FILE`. */
function bringing(text: string) {
  return `cat >"$3" <<'END'\n${text}END`;
}

function fingerprintsIn(path: string) {
  return [
    ...spawnSync("gpg", ["--homedir", path.replace(/\/etc\/.*/, ""), "--with-colons", "--show-keys", path], {
      encoding: "utf8",
    }).stdout.matchAll(/^fpr:+([0-9A-F]{40}):/gm),
  ].map(([, fingerprint]) => fingerprint);
}

const DEFAULT_CONFIG = `echo "[x.containerd.runtimes.runc.options]"; echo "  SystemdCgroup = false"`;
function CONTAINERD(version: string, configuration = DEFAULT_CONFIG) {
  return `if [[ $1 == --version ]]
then echo 'containerd github.com/containerd/containerd/v2 ${version} 4b2a1c0'
else ${configuration}
fi`;
}

const SYSTEM = { aws: "", modprobe: "", sysctl: "", systemctl: "", containerd: CONTAINERD("1.7.24") };

test("on Amazon Linux, Kubernetes comes from its own packages, of the release that the cluster has", () => {
  const { root, run } = machine({ ...SYSTEM, dnf: "", curl: bringing(KEY) });

  const { status, calls, read } = run("install_kubernetes");

  expect(status).toBe(0);
  expect(calls).toEqual([
    expect.stringMatching(
      /^curl -fsSL -o \S+ https:\/\/pkgs\.k8s\.io\/core:\/stable:\/v1\.36\/rpm\/repodata\/repomd\.xml\.key$/,
    ),
    "dnf install -qy containerd kubelet-1.36.2 kubeadm-1.36.2 kubectl-1.36.2",
    "containerd --version",
    "modprobe -a overlay br_netfilter",
    expect.stringMatching(/^sysctl -q -p \S+\/etc\/sysctl.d\/90-kubernetes.conf$/),
    "systemctl -q is-active systemd-networkd",
    "systemctl restart systemd-networkd",
    "containerd config default",
    "systemctl enable containerd kubelet",
    "systemctl restart containerd",
  ]);
  expect(read("etc/yum.repos.d/kubernetes.repo")).toContain("baseurl=https://pkgs.k8s.io/core:/stable:/v1.36/rpm/\n");
  expect(read("etc/yum.repos.d/kubernetes.repo")).toContain(
    `gpgcheck=1\ngpgkey=file://${root}/etc/pki/rpm-gpg/kubernetes.asc\n`,
  );
  expect(fingerprintsIn(`${root}/etc/pki/rpm-gpg/kubernetes.asc`)).toEqual([FINGERPRINT]);
  expect(read("etc/containerd/config.toml")).toBe("[x.containerd.runtimes.runc.options]\nSystemdCgroup = true\n");
});

test("on Ubuntu the same comes by apt, signed by the repository's own key", () => {
  const { root, run } = machine({ ...SYSTEM, "apt-get": "", dpkg: "", curl: bringing(KEY) });

  const { status, calls, read } = run("has() { [[ $1 != dnf ]]; }; install_kubernetes");

  expect(status).toBe(0);
  expect(calls.slice(0, 4)).toEqual([
    expect.stringMatching(/^curl -fsSL -o \S+ https:\/\/pkgs\.k8s\.io\/core:\/stable:\/v1\.36\/deb\/Release\.key$/),
    "apt-get update -qq",
    "dpkg --configure -a",
    "apt-get install -qqy containerd kubelet=1.36.2-* kubeadm=1.36.2-* kubectl=1.36.2-*",
  ]);
  expect(read("etc/apt/sources.list.d/kubernetes.list")).toMatch(
    / https:\/\/pkgs\.k8s\.io\/core:\/stable:\/v1\.36\/deb\/ \/\n$/,
  );
  expect(fingerprintsIn(`${root}/etc/apt/keyrings/kubernetes.asc`)).toEqual([FINGERPRINT]);
});

test.each([
  ["2.0", "1.7.24", 1],
  ["2.0", "2.2.1", 0],
  ["1.7", "1.7.24", 0],
  ["1.7", "1.6.38", 1],
])("MINOR 4: where containerd %s is needed, %s ends the boot with %i", (min, found, expected) => {
  const { run } = machine({ ...SYSTEM, containerd: CONTAINERD(found), dnf: "", curl: bringing(KEY) });

  const { status, stderr } = run(`MIN_CONTAINERD=${min}; install_kubernetes`);

  expect(status).toBe(expected);
  const refusal = `refused: Kubernetes v1.36.2 needs containerd ${min} or newer, the image has ${found}: choose another\n`;
  expect(stderr.includes(refusal)).toBe(expected === 1);
});

test("a package that cannot be had fails, so that it is tried again", () => {
  const { run } = machine({ ...SYSTEM, dnf: "exit 1", curl: bringing(KEY) });

  const { status, calls } = run("install_kubernetes");

  expect(status).toBe(1);
  expect(calls.slice(1)).toEqual(["dnf install -qy containerd kubelet-1.36.2 kubeadm-1.36.2 kubectl-1.36.2"]);
});

test.each(["dnf", "apt-get"])(
  "M8: with %s, packages are not installed by another key than the one that is pinned",
  (manager) => {
    const { run } = machine({ ...SYSTEM, [manager]: "", curl: bringing(OTHER_KEY) });

    const { status, calls, stderr, has } = run(`has() { [[ $1 == ${manager} ]]; }; install_kubernetes`);

    expect(status).toBe(1);
    expect(calls).toEqual([expect.stringMatching(/^curl /)]);
    expect(stderr).toMatch(
      /refused: https:\/\/pkgs\.k8s\.io\S+ is not the key 6708A4CAE27AA2BFD9455645CFF8D10C747A20C3/,
    );
    expect([has("etc/yum.repos.d/kubernetes.repo"), has("etc/apt/sources.list.d/kubernetes.list")]).toEqual([
      false,
      false,
    ]);
  },
);

test("M8: a key that comes along with the pinned one is not trusted", () => {
  const { root, run } = machine({ ...SYSTEM, dnf: "", curl: bringing(OTHER_KEY + KEY) });

  expect(run("install_kubernetes").status).toBe(0);
  expect(fingerprintsIn(`${root}/etc/pki/rpm-gpg/kubernetes.asc`)).toEqual([FINGERPRINT]);
});

/**
 * A release as its makers publish it: the same bytes each time. `then` may change them; sums that they publish are of
 * no use.
 */
function RELEASE(then = "true") {
  return `
name=etcd-v3.6.14-linux-amd64 made=$(mktemp -d)
mkdir "$made/$name" && for each in etcd etcdctl etcdutl; do echo "$each" >"$made/$name/$each"; done
${then}
tar -C "$made" --sort=name --owner=0 --group=0 --numeric-owner --mode=755 --mtime=@0 -c "$name" | gzip -n >"$3"
(cd "$(dirname "$3")" && sha256sum "$(basename "$3")" >SHA256SUMS)`;
}

const SUM = createHash("sha256")
  .update(spawnSync("bash", ["-c", `set -- -fsSL -o "$(mktemp)"\n${RELEASE()}\ncat "$3"`], { maxBuffer: 1e6 }).stdout)
  .digest("hex");

test("etcd comes from its release, if it is the one whose sum is pinned", () => {
  const { run } = machine({ aws: "", uname: "echo x86_64", curl: RELEASE() });

  const { status, calls, read } = run("install_etcd");

  expect(status).toBe(0);
  const from = "https://github.com/etcd-io/etcd/releases/download/v3.6.14";
  expect(calls[1]).toMatch(new RegExp(`^curl -fsSL -o \\S+ ${from}/etcd-v3.6.14-linux-amd64.tar.gz$`));
  expect(["etcd", "etcdctl", "etcdutl"].map((name) => read(`usr/bin/${name}`))).toEqual([
    "etcd\n",
    "etcdctl\n",
    "etcdutl\n",
  ]);
});

test("M8: an archive that was changed is not installed, though the sums beside it were changed with it", () => {
  const { root, run } = machine({ aws: "", uname: "echo x86_64", curl: RELEASE('echo evil >"$made/$name/etcd"') });

  const { status, stderr } = run("install_etcd");

  expect(status).toBe(1);
  expect(stderr).toContain(`refused: etcd-v3.6.14-linux-amd64 has not the SHA-256 sum ${SUM}`);
  expect(spawnSync("ls", [`${root}/usr/bin`], { encoding: "utf8" }).stdout).toBe("");
});

test("M8: a machine of another architecture takes that one's archive by that one's sum", () => {
  const { run } = machine({ aws: "", uname: "echo aarch64", curl: RELEASE() });

  const { status, stderr } = run("install_etcd");

  expect(status).toBe(1);
  expect(stderr).toContain("refused: etcd-v3.6.14-linux-arm64 has not the SHA-256 sum none");
});

const FLAGS = {
  none: "",
  initial: "--experimental-initial-corrupt-check=true --experimental-watch-progress-notify-interval=5s",
  experimental:
    "--experimental-initial-corrupt-check=true --experimental-compact-hash-check-enabled=true --experimental-watch-progress-notify-interval=5s",
  gates:
    "--feature-gates=InitialCorruptCheck=true,CompactHashCheck=true --watch-progress-notify-interval=5s --max-learners=2",
} as const;

test.each<[string, keyof typeof FLAGS]>([
  ["3.4.23", "none"],
  ["3.5.4", "initial"],
  ["3.5.5", "experimental"],
  ["3.5.21", "experimental"],
  ["3.6.14", "gates"],
  ["3.7.1", "gates"],
  ["3.10.0", "gates"],
])("F9, MINOR 5: etcd %s looks for members that differ, by flags that it knows (%s)", (version, flags) => {
  const { root, run } = machine({ aws: "", etcd: `echo "etcd Version: ${version}"; echo "Git SHA: 1"` });

  expect(run(`etcd_flags >${root}/flags`).read("flags").trim()).toBe(FLAGS[flags]);
});

test.each([
  ["has the option", "  SystemdCgroup = false"],
  ["leaves it out (MINOR 3)", "  BinaryName = ''"],
])("containerd of a release that %s shares kubelet's cgroup driver", (_, line) => {
  const configuration = `echo "[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]"; echo "${line}"`;
  const { run } = machine({ ...SYSTEM, dnf: "", curl: bringing(KEY), containerd: CONTAINERD("2.2.1", configuration) });

  const { status, read } = run("install_kubernetes");

  expect(status).toBe(0);
  expect(read("etc/containerd/config.toml")).toMatch(/runc\.options\]\nSystemdCgroup = true\n/);
  expect(read("etc/containerd/config.toml")).not.toContain("false");
});

test("MINOR 3: a configuration in which the option has no place is no installation", () => {
  const { run } = machine({
    ...SYSTEM,
    dnf: "",
    curl: bringing(KEY),
    containerd: CONTAINERD("2.2.1", "echo 'version = 4'"),
  });

  expect(run("install_kubernetes").status).toBe(1);
});

test("U5: an installation that was cut off is made again, though some of it is there", () => {
  const { root, run } = machine({ ...SYSTEM, kubeadm: "", dnf: "", curl: bringing(KEY) });

  expect(run("systemctl; lacks_kubernetes").status).toBe(1);
  expect(run(`touch ${root}/etc/holdfast/installing; systemctl; lacks_kubernetes`).status).toBe(0);
  expect(run("install_kubernetes; lacks_kubernetes").status).toBe(1);
});
