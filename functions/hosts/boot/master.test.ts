import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

function boot(file: string) {
  return readFileSync(join(import.meta.dirname, file), "utf8");
}

/** What comes after etcd is started, on a machine whose commands write down how they were called. */
function bootKubernetes(commands: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), "holdfast-boot-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const directory of ["bin", "etc/holdfast", "etc/kubernetes"])
    mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, "etc/holdfast/etcdctl"), "");
  for (const [name, body] of Object.entries({ sleep: "", sync: "", ...commands })) {
    writeFileSync(join(root, "bin", name), `#!/bin/bash\necho "${name} $*" >>${root}/calls\n${body}\n`);
    chmodSync(join(root, "bin", name), 0o755);
  }
  const script = boot("master.sh");
  const variables = ["ADDRESS", "CLUSTER", "KUBERNETES_VERSION", "ENDPOINT", "POD_CIDR", "SERVICE_CIDR", "MEMBER"];
  const text = [
    "set -euo pipefail",
    ...[...variables, "ALLOCATE_NODE_CIDRS"].map((name) => `${name}=x`),
    'say() { echo "$*" >&2; }; node_registration() { :; }; try_for() { shift; "$@"; }',
    boot("unit.sh").slice(boot("unit.sh").indexOf("booted() {")),
    script.slice(script.indexOf("# 5. Kubernetes")),
  ].join("\n");
  const { status } = spawnSync("bash", ["-c", text.replaceAll(/\/etc\/(holdfast|kubernetes)\//g, `${root}/etc/$1/`)], {
    encoding: "utf8",
    env: { PATH: `${join(root, "bin")}:/usr/bin:/bin`, ROOT: root },
  });
  const calls = readFileSync(join(root, "calls"), "utf8").trim().split("\n");
  const kubeadm = readFileSync(join(root, "etc/kubernetes/kubeadm.yaml"), "utf8");
  return { status, kubeadm, calls, booted: existsSync(join(root, "etc/holdfast/booted")) };
}

test("F3: kubeadm is not begun before etcd commits, however long that takes; then the boot has ended", () => {
  const etcdctl = '(($(grep -c etcdctl "$ROOT/calls") > 700))';

  const { status, calls, booted } = bootKubernetes({ etcdctl, kubeadm: "" });

  expect(calls.filter((call) => call.startsWith("etcdctl")).length).toBe(701);
  expect(calls.filter((call) => call.startsWith("kubeadm"))).toEqual([expect.stringMatching(/^kubeadm init /)]);
  expect(calls.findIndex((call) => call.startsWith("kubeadm"))).toBe(
    calls.findLastIndex((call) => call.startsWith("etcdctl")) + 1,
  );
  expect({ status, booted }).toEqual({ status: 0, booted: true });
});

test("F3, U5: a boot whose kubeadm fails has not ended", () => {
  const { status, booted } = bootKubernetes({ etcdctl: "", kubeadm: "exit 1" });

  expect({ status, booted }).toEqual({ status: 1, booted: false });
});

test("F4: an API server asks the etcd of its own host alone", () => {
  const { kubeadm } = bootKubernetes({ etcdctl: "", kubeadm: "" });

  expect(/endpoints: (.*)/.exec(kubeadm)?.[1]).toBe('["https://127.0.0.1:2379"]');
});

test("F1, F2: a boot leaves out what exists once a cluster, and makes and prints no token", () => {
  const { calls } = bootKubernetes({ etcdctl: "", kubeadm: "" });

  const skipped = /--skip-phases=(\S+)/.exec(calls.find((call) => call.startsWith("kubeadm")) ?? "")?.[1];
  expect(skipped?.split(",").toSorted()).toEqual(["addon", "bootstrap-token", "show-join-command", "upload-config"]);
});

test.each([
  ["1 GiB", 1_073_741_824, "429496730"],
  ["20 GiB", 21_474_836_480, "8589934592"],
  ["64 GiB", 68_719_476_736, "8589934592"],
])("MINOR 6: etcd's quota on a volume of %s is at most 40 %% of it, and 8 GiB", (_, size, quota) => {
  const line =
    boot("master.sh")
      .split("\n")
      .find((candidate) => candidate.startsWith("QUOTA=")) ?? "";
  const script = `df() { printf '%s\\n' 1B-blocks ${size}; }\nMOUNT=/var/lib/etcd\n${line}\necho "$QUOTA"`;

  expect(spawnSync("bash", ["-c", script], { encoding: "utf8" }).stdout.trim()).toBe(quota);
  expect(boot("master.sh")).toContain("--quota-backend-bytes=$QUOTA $(etcd_flags)");
});

test.each([
  ["Nitro by its id", undefined, "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0abc"],
  ["Xen by the name with which it was attached", "xen\n", "/dev/xvdf"],
])("MINOR 7: a master finds its volume on %s", (_, hypervisor, device) => {
  const sys = mkdtempSync(join(tmpdir(), "holdfast-boot-"));
  onTestFinished(() => rmSync(sys, { recursive: true, force: true }));
  if (hypervisor !== undefined) {
    mkdirSync(join(sys, "hypervisor"));
    writeFileSync(join(sys, "hypervisor/type"), hypervisor);
  }
  const script = boot("master.sh");
  const text = script.slice(script.indexOf("DEVICE="), script.indexOf("cat >/etc/holdfast/member"));
  const lines = ["set -euo pipefail", "VOLUME_ID=vol-0abc", text.replaceAll("/sys/", `${sys}/`), 'echo "$DEVICE"'];

  const { stdout, status } = spawnSync("bash", ["-c", lines.join("\n")], { encoding: "utf8" });

  expect({ device: stdout.trim(), status }).toEqual({ device, status: 0 });
});

test("F4: what a master sends to a silent one is given up after seconds, before etcd begins and after each reboot", () => {
  const root = mkdtempSync(join(tmpdir(), "holdfast-boot-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const script = boot("master.sh");
  const text = script.slice(
    script.indexOf("mkdir -p /etc/sysctl.d"),
    script.indexOf('install -d -m 0700 "$MOUNT/data"'),
  );
  const lines = ["set -euo pipefail", 'sysctl() { echo "sysctl $*"; }', text.replaceAll("/etc/", `${root}/etc/`)];

  const { stdout } = spawnSync("bash", ["-c", lines.join("\n")], { encoding: "utf8" });

  const file = join(root, "etc/sysctl.d/90-holdfast.conf");
  expect(readFileSync(file, "utf8")).toBe("net.ipv4.tcp_retries2=5\n");
  expect(stdout.trim()).toBe(`sysctl -q -p ${file}`);
});
