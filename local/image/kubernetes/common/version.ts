/**
 * The newest Kubernetes in November 2026 (docs/references/aws.md#versions); the local image has it installed by
 * default.
 */
const INSTALLED_VERSION = "v1.37.1";

/**
 * The version that a stand-in plays. The real programs are versioned by package and image tag; the stand-ins are one
 * program for all versions, so `kubeadm` hands the cluster's version on through this variable of their environment.
 */
export const VERSION_VARIABLE = "KUBERNETES_VERSION";

let played: string | undefined;

/** `v1.37.1`: from the environment, else what was found out, else what the image has installed. */
export function kubernetesVersion(): string {
  return process.env[VERSION_VARIABLE] ?? played ?? INSTALLED_VERSION;
}

/**
 * For a stand-in without a version of its own: a kubelet that the real kubeadm has set up must not be newer than its API
 * server.
 */
export function playVersion(version: string): void {
  played = version;
}

/** The text of `--version`: nobody shall take a stand-in for the real program. */
export function versionText(program: string): string {
  return `${program} ${kubernetesVersion()} (stand-in of the local cloud)`;
}

/** `/version` of an API server, and what `kubeadm version -o json` prints. */
export function versionInfo(): Record<string, string> {
  const version = kubernetesVersion();
  const [, major = "", minor = ""] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  return {
    major,
    minor,
    gitVersion: version,
    gitCommit: "stand-in of the local cloud",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: `node ${process.version}`,
    compiler: "v8",
    platform: `linux/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}
