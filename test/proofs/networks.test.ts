import { afterAll, beforeAll, expect, test } from "vitest";
import { type Scenario, startScenario } from "../support/scenario.ts";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

async function onHost(name: string, ...command: string[]): Promise<string> {
  return (await scenario.holdfast("local", "shell", name, "a", "--", ...command)).stdout;
}

/** What user data has for one network alone runs on a host, and so do the add-ons. */
test.each([
  ["calico", "calico-system/calico-node", "/etc/kubernetes/kubeadm.yaml", "podSubnet: 100.96.0.0/11"],
  ["flannel", "kube-flannel/kube-flannel-ds", "/etc/udev/rules.d/90-flannel.rules", "tx-checksum-ip-generic off"],
  ["amazonvpc", "kube-system/aws-node", "/etc/systemd/network/99-default.link", "MACAddressPolicy=none"],
  ["kindnet", "kube-system/kindnet", "/etc/kubernetes/kubeadm.yaml", 'value: "true"'],
])("a cluster with %s is active, with the network's own daemon set", async (networking, daemonSet, file, line) => {
  const name = `${networking}.example.com`;
  const shape = ["--zones", "us-west-2a", "--networking", networking, "--yes", "--wait", "-o", "json"];

  const { code, stdout } = await scenario.holdfast("create", "cluster", name, ...shape);

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ACTIVE", nodes: [{ ready: true }] });
  const [namespace = "", workload = ""] = daemonSet.split("/");
  expect(
    await onHost(
      name,
      "kubectl",
      "--kubeconfig",
      "/etc/kubernetes/admin.conf",
      "get",
      "ds",
      workload,
      "-n",
      namespace,
      "-o",
      "name",
    ),
  ).toContain(workload);
  expect(await onHost(name, "cat", file)).toContain(line);
  expect(await scenario.holdfast("delete", "cluster", name, "--yes", "--wait")).toMatchObject({ code: 0 });
});
