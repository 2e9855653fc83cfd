import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findKubernetes } from "./kubernetes-programs.ts";

const CONTROL_PLANE = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubeadm", "kubectl"];

function folderWith(...programs: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-kubernetes-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of programs) {
    writeFileSync(join(folder, name), "");
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

test("without a folder hosts have stand-ins", () => {
  expect(findKubernetes("")).toBeUndefined();
});

test("a whole control plane is lent, and kubectl alone; the kubelet and helm stay stand-ins", () => {
  expect(findKubernetes(folderWith(...CONTROL_PLANE, "kubelet", "helm"))?.names).toEqual(CONTROL_PLANE);
  expect(findKubernetes(folderWith("kubectl", "helm"))?.names).toEqual(["kubectl"]);
});

test("a control plane that is not whole is refused with what it lacks, and so is what is no folder", () => {
  expect(() => findKubernetes(folderWith("kube-apiserver", "kubectl"))).toThrow(
    "HOLDFAST_KUBERNETES_BIN: a real control plane needs kube-controller-manager, kube-scheduler, kubeadm too",
  );
  expect(() => findKubernetes("/nonexistent")).toThrow(
    "HOLDFAST_KUBERNETES_BIN names /nonexistent, which is no folder",
  );
});

test("a folder that is named by --kubernetes is refused by that name", () => {
  expect(() => findKubernetes("/nonexistent", "--kubernetes")).toThrow("--kubernetes names /nonexistent");
});
