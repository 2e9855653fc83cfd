import * as z from "zod";
import type { Read } from "../api/output.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import {
  type AddOnName,
  type AddOnRelease,
  addOnReleases,
  etcdReleases,
  findKubernetesMinor,
  HOLDFAST_VERSION,
  helmReleases,
  KUBERNETES_KEY,
  type KubernetesMinor,
  type Release,
} from "./versions.ts";

export const VersionsSchema = z.looseObject({
  /** The release of Holdfast that created it. */
  holdfast: z.string(),
  /** With its patch. */
  kubernetes: z.string(),
  etcd: z.string(),
  /** The oldest that its machines take; which release it is, the image or its distribution decides. */
  containerd: z.string(),
  helm: z.string(),
  /** Charts, manifests and images of what is installed into it. */
  addOns: z.record(z.string(), z.string()),
});
/**
 * Versions that a cluster runs, recorded at its creation and used for every later rendering. A repair or a new node
 * must not be an untested upgrade.
 */
export type Versions = Read<typeof VersionsSchema>;

type Wanted = Pick<ClusterSpec, "kubernetesVersion" | "networking">;

const NETWORKS: Readonly<Record<ClusterSpec["networking"]["used"], readonly AddOnName[]>> = {
  cilium: ["cilium"],
  calico: ["calicoCrds", "calico"],
  flannel: ["flannel"],
  amazonvpc: ["amazonVpc"],
  kindnet: ["kindnet"],
  cni: [],
};

/** What a new cluster gets. Throws for a version of Kubernetes that the spec cannot have. */
export function pinVersions({ kubernetesVersion, networking }: Wanted): Versions {
  const { patch, etcdRelease, cloudController } = rowOf(kubernetesVersion);
  const kubernetes = isMinor(kubernetesVersion) ? patch : kubernetesVersion;
  const names: AddOnName[] = ["cloudController", "ebsDriver", ...NETWORKS[networking.used]];
  return {
    holdfast: HOLDFAST_VERSION,
    kubernetes,
    etcd: etcdRelease.version,
    containerd: minContainerd(kubernetes),
    helm: newest(helmReleases).version,
    addOns: {
      ...Object.fromEntries(names.map((name) => [name, newest<AddOnRelease>(addOnReleases[name]).version])),
      cloudControllerImage: cloudController,
    },
  };
}

/** etcd of clusters that were recorded without versions, by its minor: they have it for as long as they live. */
const UNRECORDED_ETCD: Readonly<Record<string, string>> = { "3.6": "3.6.14", "3.7": "3.7.1" };

/**
 * What a cluster has. A record without versions is read from its boot script: a minor alone meant its first release.
 */
export function versionsOf(cluster: { readonly spec: Wanted; readonly versions?: Versions }): Versions {
  if (cluster.versions) return cluster.versions;
  const { kubernetesVersion } = cluster.spec;
  const { etcd } = rowOf(kubernetesVersion);
  const kubernetes = isMinor(kubernetesVersion) ? `${kubernetesVersion}.0` : kubernetesVersion;
  const pinned = pinVersions({ ...cluster.spec, kubernetesVersion: kubernetes });
  return { ...pinned, etcd: UNRECORDED_ETCD[etcd] ?? pinned.etcd, holdfast: "0.1.0" };
}

/** The last kubelet that works with containerd 1.7 is that of 1.37 (kubernetes/kubernetes#139121). */
export function minContainerd(kubernetes: string): string {
  return Number(kubernetes.split(".")[1]) >= 38 ? "2.0" : "1.7";
}

/** What `functions/hosts/boot/software.sh` installs by. */
export function softwareVariables({ kubernetes, containerd }: Versions): Readonly<Record<string, string>> {
  return {
    KUBERNETES_VERSION: `v${kubernetes}`,
    KUBERNETES_KEY,
    MIN_CONTAINERD: containerd,
  };
}

/** The same for etcd, on masters. */
export function etcdVariables({ etcd }: Versions): Readonly<Record<string, string>> {
  const { version, sha256 } = releaseOf("etcd", etcdReleases, etcd);
  return { ETCD_VERSION: version, ETCD_SHA256_AMD64: sha256.amd64, ETCD_SHA256_ARM64: sha256.arm64 };
}

/** Does this release of Holdfast have all that these versions name? */
export function isKnown({ kubernetes, etcd, helm }: Versions): boolean {
  const minor = kubernetes.split(".").slice(0, 2).join(".");
  const has = (releases: readonly Release[], version: string) => releases.some((each) => each.version === version);
  return findKubernetesMinor(minor) !== undefined && has(etcdReleases, etcd) && has(helmReleases, helm);
}

/** The Helm that renders a cluster's charts. */
export function helmOf({ helm }: Versions): Release {
  return releaseOf("Helm", helmReleases, helm);
}

/** The chart or manifest of an add-on that a cluster has. */
export function addOnOf(name: AddOnName, { addOns }: Versions): AddOnRelease {
  return releaseOf<AddOnRelease>(name, addOnReleases[name], addOns[name]);
}

function isMinor(version: string): boolean {
  return version.split(".").length === 2;
}

function newest<T>(releases: readonly [T, ...T[]]): T {
  return releases.at(-1) ?? releases[0];
}

function rowOf(version: string): KubernetesMinor {
  const row = findKubernetesMinor(version);
  if (!row) throw new RangeError(`Kubernetes ${version} is not supported`);
  return row;
}

function releaseOf<T extends { readonly version: string }>(
  what: string,
  releases: readonly T[],
  version: string | undefined,
): T {
  const release = releases.find((each) => each.version === version);
  if (!release) throw new RangeError(`this release of Holdfast does not know ${what} ${version}, which is pinned`);
  return release;
}
