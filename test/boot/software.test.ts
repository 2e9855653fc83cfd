import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const BOOT = join(import.meta.dirname, "../../functions/boot");
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
    const text = script.replaceAll(/(?<=[ ">])\/(etc|usr\/bin)\b/g, `${root}/$1`);
    const variables = "KUBERNETES_VERSION=v1.36.2 ETCD_VERSION=3.6.14";
    const prelude = `try_for() { shift; "$@"; }\n${variables}\nmkdir -p ${root}/etc/{yum.repos.d,apt/sources.list.d,modules-load.d,sysctl.d} ${root}/usr/bin`;
    const { status, stderr } = spawnSync("bash", ["-c", `${prelude}\n${text}\n${call}`], {
      encoding: "utf8",
      env: { PATH: `${bin}:/usr/bin:/bin` },
    });
    const read = (path: string) => readFileSync(join(root, path), "utf8");
    return { status, stderr, read, calls: read("calls").trim().split("\n") };
  };
  return { root, run };
}

const SYSTEM = { aws: "", modprobe: "", sysctl: "", systemctl: "", containerd: "echo 'SystemdCgroup = false'" };

test("on Amazon Linux, Kubernetes comes from its own packages, of the release that the cluster has", () => {
  const { run } = machine({ ...SYSTEM, dnf: "" });

  const { status, calls, read } = run("install_kubernetes");

  expect(status).toBe(0);
  expect(calls).toEqual([
    "dnf install -qy containerd kubelet-1.36.2 kubeadm-1.36.2 kubectl-1.36.2",
    "modprobe -a overlay br_netfilter",
    "sysctl -q --system",
    "systemctl -q is-active systemd-networkd",
    "systemctl restart systemd-networkd",
    "containerd config default",
    "systemctl enable containerd kubelet",
    "systemctl restart containerd",
  ]);
  expect(read("etc/yum.repos.d/kubernetes.repo")).toContain("baseurl=https://pkgs.k8s.io/core:/stable:/v1.36/rpm/\n");
  expect(read("etc/containerd/config.toml")).toBe("SystemdCgroup = true\n");
});

test("on Ubuntu the same comes by apt, signed by the repository's own key", () => {
  const { run } = machine({ ...SYSTEM, "apt-get": "", curl: "" });

  const { status, calls, read } = run("has() { [[ $1 != dnf ]]; }; install_kubernetes");

  expect(status).toBe(0);
  expect(calls.slice(0, 3)).toEqual([
    expect.stringMatching(
      /^curl -fsSL -o \S+\/kubernetes\.asc https:\/\/pkgs\.k8s\.io\/core:\/stable:\/v1\.36\/deb\/Release\.key$/,
    ),
    "apt-get update -qq",
    "apt-get install -qqy containerd kubelet=1.36.2-* kubeadm=1.36.2-* kubectl=1.36.2-*",
  ]);
  expect(read("etc/apt/sources.list.d/kubernetes.list")).toMatch(
    / https:\/\/pkgs\.k8s\.io\/core:\/stable:\/v1\.36\/deb\/ \/\n$/,
  );
});

test("a package that cannot be had fails, so that it is tried again", () => {
  const { run } = machine({ ...SYSTEM, dnf: "exit 1" });

  const { status, calls } = run("install_kubernetes");

  expect(status).toBe(1);
  expect(calls).toEqual(["dnf install -qy containerd kubelet-1.36.2 kubeadm-1.36.2 kubectl-1.36.2"]);
});

/** A release as its makers publish it: an archive and its sums. */
const RELEASE = (sums: string) => `
name=etcd-v3.6.14-linux-amd64
mkdir -p "$3/make/$name" && cd "$3/make" && for each in etcd etcdctl etcdutl; do echo "$each" >"$name/$each"; done
tar -czf "$3/$name.tar.gz" "$name" && cd "$3" && rm -r make && ${sums}`;

test("etcd comes from its release, once its sums are right", () => {
  const { run } = machine({ aws: "", uname: "echo x86_64", curl: RELEASE("sha256sum $name.tar.gz >SHA256SUMS") });

  const { status, calls, read } = run("install_etcd");

  expect(status).toBe(0);
  const from = "https://github.com/etcd-io/etcd/releases/download/v3.6.14";
  expect(calls[1]).toContain(`-O ${from}/etcd-v3.6.14-linux-amd64.tar.gz -O ${from}/SHA256SUMS`);
  expect(["etcd", "etcdctl", "etcdutl"].map((name) => read(`usr/bin/${name}`))).toEqual([
    "etcd\n",
    "etcdctl\n",
    "etcdutl\n",
  ]);
});

test("an archive whose sums are wrong is not installed", () => {
  const wrong = `printf '%064d  %s\\n' 0 "$name.tar.gz" >SHA256SUMS`;
  const { root, run } = machine({ aws: "", uname: "echo x86_64", curl: RELEASE(wrong) });

  const { status } = run("install_etcd");

  expect(status).toBe(1);
  expect(spawnSync("ls", [`${root}/usr/bin`], { encoding: "utf8" }).stdout).toBe("");
});
