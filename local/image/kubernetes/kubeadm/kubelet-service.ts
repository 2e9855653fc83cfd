import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { stringify } from "yaml";
import { writePrivateFile } from "../common/files.ts";
import { VERSION_VARIABLE } from "../common/version.ts";
import type { NodeRegistration } from "./config-schema.ts";
import type { HostPaths } from "./host-paths.ts";

/** Half of Kubernetes' default: renewed each 5 s, a killed host is detected while somebody watches. */
const LEASE_SECONDS = 20;
const SYSTEMCTL_TIMEOUT_MS = 20_000;

/**
 * Writes what `kubelet.service` starts with: its configuration (with fields of a KubeletConfiguration that the user
 * gave), its flags, and the version that the stand-in plays.
 */
export function writeKubeletFiles(
  paths: HostPaths,
  registration: NodeRegistration,
  options: { version: string; configuration?: object },
): void {
  const configuration = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    staticPodPath: paths.manifests,
    nodeLeaseDurationSeconds: LEASE_SECONDS,
    ...options.configuration,
  };
  const flags = [
    ...(registration.name ? [{ name: "hostname-override", value: registration.name }] : []),
    ...registration.kubeletExtraArgs,
  ];
  const text = flags.map(({ name, value }) => `--${name}=${value}`).join(" ");
  writePrivateFile(join(paths.kubelet, "config.yaml"), stringify(configuration));
  writePrivateFile(
    join(paths.kubelet, "kubeadm-flags.env"),
    `KUBELET_KUBEADM_ARGS="${text}"\n${VERSION_VARIABLE}=${options.version}\n`,
  );
}

/** Enables the service and starts it again. Throws what systemctl said. */
export function restartKubelet(): void {
  systemctl("enable", "kubelet.service");
  systemctl("restart", "kubelet.service");
}

/** Throws what systemctl said. */
export function stopKubelet(): void {
  systemctl("stop", "kubelet.service");
}

function systemctl(...args: string[]): void {
  const result = spawnSync("systemctl", args, { encoding: "utf8", timeout: SYSTEMCTL_TIMEOUT_MS });
  if (result.error) throw new Error(`systemctl ${args.join(" ")}: ${result.error.message}`);
  if (result.status !== 0) throw new Error(`systemctl ${args.join(" ")}: ${result.stderr.trim()}`);
}
