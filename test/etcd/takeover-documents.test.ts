import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../local/testing/image/eventually.ts";
import { freePort } from "../../local/testing/image/ports.ts";

/** Documents of a takeover: on the real etcd, and with a kubectl that keeps its objects in a folder. */
const DOCUMENTS = join(import.meta.dirname, "../../functions/hosts/documents");

function newFolder(): string {
  const folder = mkdtempSync("/tmp/hf-takeover-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function runDocument(folder: string, name: string, parameters: Readonly<Record<string, string>>) {
  const text = Object.entries(parameters).reduce(
    (all, [parameter, value]) => all.replaceAll(`{{ ${parameter} }}`, value),
    readFileSync(join(DOCUMENTS, `${name}.sh`), "utf8"),
  );
  const file = join(folder, `${name}.sh`);
  writeFileSync(file, text.replaceAll("/etc/holdfast", folder).replaceAll("/var/tmp", folder));
  const env = { ...process.env, ROOT: folder, PATH: `${join(folder, "bin")}:${process.env["PATH"]}` };
  return (await promisify(execFile)("bash", [file], { env, timeout: 30_000 })).stdout.trim();
}

test("17.5: keys are counted, then the former hosts leave the data, and nothing else does; again changes nothing", async () => {
  const folder = newFolder();
  const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
  const flags = [`--data-dir=${folder}/data`, `--listen-client-urls=${client}`, `--advertise-client-urls=${client}`];
  const own = [`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`, `--initial-cluster=a=${peer}`];
  const etcd = spawn("etcd", ["--name=a", ...flags, ...own], { stdio: "ignore" });
  onTestFinished(() => void etcd.kill("SIGKILL"));
  writeFileSync(join(folder, "etcdctl"), `ETCDCTL_API=3\nETCDCTL_ENDPOINTS=${client}\n`);
  const etcdctl = async (...args: string[]) =>
    (await promisify(execFile)("etcdctl", [`--endpoints=${client}`, "--command-timeout=5s", ...args])).stdout;
  await eventually(() => etcdctl("put", "app", "1"));
  const gone = [
    "minions/i-1",
    "leases/kube-node-lease/i-1",
    "leases/kube-system/kube-scheduler",
    "masterleases/10.0.0.1",
  ];
  const kept = ["leases/default/own", "pods/default/p", "configmaps/kube-system/minions", "minions.example.com/x"];
  for (const key of [...gone, ...kept]) await etcdctl("put", `/registry/${key}`, "{}");

  const before = JSON.parse(await runDocument(folder, "taken-data", { forget: "no" }));
  const after = JSON.parse(await runDocument(folder, "taken-data", { forget: "yes" }));
  const again = JSON.parse(await runDocument(folder, "taken-data", { forget: "yes" }));

  expect(before).toMatchObject({ clusterId: expect.stringMatching(/^\d+$/), keys: 9, revision: 10 });
  expect([after.keys, again.keys]).toEqual([5, 5]);
  const left = (await etcdctl("get", "/registry/", "--prefix", "--keys-only")).split("\n").filter((key) => key !== "");
  expect(left.toSorted()).toEqual(kept.map((key) => `/registry/${key}`).toSorted());
}, 60_000);

/** `get configmap NAME -n NAMESPACE …` and `replace -f -`, on files. */
const KUBECTL = `#!/bin/bash
if [[ $1 == get ]]; then cat "$ROOT/maps/$5-$3" 2>/dev/null; exit 0; fi
text=$(cat)
name=$(grep -o '"name": "[^"]*"' <<<"$text" | head -n 1 | cut -d'"' -f4)
namespace=$(grep -o '"namespace": "[^"]*"' <<<"$text" | head -n 1 | cut -d'"' -f4)
echo "$namespace/$name" >>"$ROOT/replaced"
printf '%s\\n' "$text" >"$ROOT/maps/$namespace-$name"
`;

test("17.5: what names the former endpoint names the new one; what does not, or is not there, is left alone", async () => {
  const folder = newFolder();
  for (const path of ["bin", "maps"]) mkdirSync(join(folder, path));
  writeFileSync(join(folder, "bin/kubectl"), KUBECTL);
  chmodSync(join(folder, "bin/kubectl"), 0o755);
  const map = (name: string, text: string) =>
    writeFileSync(
      join(folder, "maps", `kube-system-${name}`),
      `${JSON.stringify({ metadata: { name, namespace: "kube-system" }, data: { text } }, null, 1)}\n`,
    );
  map("kubeadm-config", "controlPlaneEndpoint: old-1.elb.amazonaws.com:443\nmine: old-1xelb.amazonaws.com");
  map("kube-proxy", "server: https://else.example.com:443");
  const parameters = { from: "old-1.elb.amazonaws.com", to: "new-2.elb.amazonaws.com" };

  await runDocument(folder, "rewrite-endpoint", parameters);
  await runDocument(folder, "rewrite-endpoint", parameters);

  expect(readFileSync(join(folder, "replaced"), "utf8")).toBe("kube-system/kubeadm-config\n");
  const { data } = JSON.parse(readFileSync(join(folder, "maps/kube-system-kubeadm-config"), "utf8"));
  // A dot is a dot.
  expect(data.text).toBe("controlPlaneEndpoint: new-2.elb.amazonaws.com:443\nmine: old-1xelb.amazonaws.com");
});
