import type { Document } from "./documents.ts";
import type { Job } from "./jobs.ts";
import { forgetHosts, rewriteEndpoint } from "./kubernetes.ts";
import {
  keepData,
  restartKubelet,
  restoredData,
  restoreEtcd,
  snapshotSurvivor,
  startControlPlane,
  status,
  stopControlPlane,
  tokenOf,
  tryBackup,
  undoRestore,
  uploadSurvivor,
} from "./restore.ts";

/** Documents of a restore that run as jobs. */
export const RESTORE_JOBS: readonly Job[] = [
  { sign: /"\$work\/trial"/, run: (host, script) => tryBackup(host, reader(script)) },
  { sign: /--force-new-cluster/, run: (host, script) => snapshotSurvivor(host, reader(script)) },
  { sign: /aws s3 cp "\$kept"/, run: (host, script) => uploadSurvivor(host, reader(script)) },
  { sign: /--mark-compacted/, run: (host, script) => restoreEtcd(host, reader(script)) },
];

/** Documents of a restore; most of them end with that of `restore-status`, so that comes last. */
export const RESTORE_DOCUMENTS: readonly Document[] = [
  { sign: /holdfast-hold\.conf/, run: (host, script) => stopControlPlane(host, reader(script)) },
  { sign: /holdfast-restarted-/, run: (host, script) => startControlPlane(host, reader(script)) },
  { sign: /for old in "\$mount"/, run: (host, script) => keepData(host, reader(script)) },
  { sign: /mv "\$before"/, run: (host, script) => undoRestore(host, reader(script)) },
  { sign: /etcd_runs\(\)/, run: async (host, script) => status(host, tokenOf(reader(script))) },
  {
    sign: /leases\/kube-node-lease/,
    run: async (host, script) => {
      if (reader(script)(/^forget="(\w+)"/m) === "yes") forgetHosts(host);
      return await restoredData(host);
    },
  },
  { sign: /masterleases/, run: (host) => restoredData(host) },
  {
    sign: /kube-public\/cluster-info/,
    run: async (host, script) => rewriteEndpoint(host, reader(script)(/^from=(\S+)/m), reader(script)(/ to=(\S+)/)),
  },
  { sign: /restartedAt/, run: async () => "restarted\n" },
  {
    sign: /systemctl restart kubelet/,
    run: async (host) => {
      restartKubelet(host);
      return "";
    },
  },
];

/** What a document says where the pattern has its group. */
function reader(script: string) {
  return (pattern: RegExp): string => {
    const found = pattern.exec(script)?.[1];
    if (found === undefined) throw new Error(`the document does not say ${pattern.source}`);
    return found;
  };
}
