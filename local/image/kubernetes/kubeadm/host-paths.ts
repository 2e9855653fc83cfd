import { join } from "node:path";

/** Where kubeadm finds and leaves things on a host. */
export interface HostPaths {
  readonly kubernetes: string;
  readonly certificates: string;
  readonly manifests: string;
  readonly kubelet: string;
}

/**
 * The paths of a host below `root`: `/` unless `--rootfs` says otherwise. The real program changes its root directory
 * there; the stand-in puts the directory in front, so that it can run without privileges. Paths in a configuration file
 * are taken as they are.
 */
export function hostPaths(root: string, certificatesDirectory?: string): HostPaths {
  const kubernetes = join(root, "/etc/kubernetes");
  return {
    kubernetes,
    certificates: certificatesDirectory ?? join(kubernetes, "pki"),
    manifests: join(kubernetes, "manifests"),
    kubelet: join(root, "/var/lib/kubelet"),
  };
}
