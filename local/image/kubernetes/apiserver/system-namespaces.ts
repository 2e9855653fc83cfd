import { setTimeout as delay } from "node:timers/promises";
import type { Storage } from "./storage.ts";

const SYSTEM_NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];
const RETRY_MS = 200;

/** Creates the namespaces that every cluster has; continues trying until etcd takes them. */
export async function ensureSystemNamespaces(storage: Storage): Promise<void> {
  for (const name of SYSTEM_NAMESPACES) {
    while (!(await tryCreate(storage, name))) await delay(RETRY_MS, undefined, { ref: false });
  }
}

async function tryCreate(storage: Storage, name: string): Promise<boolean> {
  const creationTimestamp = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const namespace = {
    kind: "Namespace",
    apiVersion: "v1",
    metadata: { name, uid: crypto.randomUUID(), creationTimestamp, labels: { "kubernetes.io/metadata.name": name } },
    status: { phase: "Active" },
  };
  try {
    // "Not written" means that another API server was first.
    await storage.put(`namespaces/${name}`, namespace, "absent");
    return true;
  } catch {
    return false;
  }
}
