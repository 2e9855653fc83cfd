import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { HostsUnavailable } from "./requirements.ts";

/** Names the folder with real programs of Kubernetes; without it hosts have stand-ins, which say so. */
export const KUBERNETES_VARIABLE = "HOLDFAST_KUBERNETES_BIN";

/** Where hosts see that folder. */
export const KUBERNETES_FOLDER = "/opt/kubernetes";

/** They belong together: a real API server takes only what the others make for it. */
const CONTROL_PLANE = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubeadm", "kubectl"];
/** Of use by itself too. */
const CLIENT = "kubectl";

/**
 * Real programs that hosts use in place of stand-ins. Not among them are the kubelet, since hosts have no container runtime,
 * and helm, since they reach no repository of charts.
 */
export interface KubernetesPrograms {
  readonly folder: string;
  readonly names: readonly string[];
}

/**
 * What the folder holds, which `named` names; undefined where none is named. Throws `HostsUnavailable` for one that makes no
 * whole.
 */
export function findKubernetes(
  folder = process.env[KUBERNETES_VARIABLE],
  named = KUBERNETES_VARIABLE,
): KubernetesPrograms | undefined {
  if (!folder) return undefined;
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new HostsUnavailable(`${named} names ${folder}, which is no folder`);
  const has = (name: string) => isProgram(join(folder, name));
  const missing = CONTROL_PLANE.filter((name) => !has(name));
  const isWhole = missing.length === 0;
  if (!isWhole && CONTROL_PLANE.some((name) => name !== CLIENT && has(name)))
    throw new HostsUnavailable(`${named}: a real control plane needs ${missing.join(", ")} too`);
  return { folder: realpathSync(folder), names: isWhole ? CONTROL_PLANE : [CLIENT].filter(has) };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
