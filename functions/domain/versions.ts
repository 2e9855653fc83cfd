/** A minor version of Kubernetes that Holdfast installs, and the etcd that kubeadm pairs with it. */
export interface KubernetesMinor {
  readonly minor: string;
  /** Last day of upstream support, ISO date. */
  readonly endOfLife: string;
  readonly etcd: string;
  /** The release of it that is installed where an image has none. */
  readonly etcdRelease: string;
  /** Image of the AWS cloud controller, which upstream promises to work with its own minor only. */
  readonly cloudController: string;
}

/**
 * The three minors that upstream supports (https://kubernetes.io/releases/, November 2026), newest last, with the etcd
 * minor of kubeadm's constants (aws-facts §9.1). Add one and drop one with each upstream release.
 */
export const kubernetesMinors: readonly KubernetesMinor[] = [
  { minor: "1.35", endOfLife: "2027-02-28", etcd: "3.6", etcdRelease: "3.6.14", cloudController: "v1.35.2" },
  { minor: "1.36", endOfLife: "2027-06-28", etcd: "3.6", etcdRelease: "3.6.14", cloudController: "v1.36.1" },
  { minor: "1.37", endOfLife: "2027-10-28", etcd: "3.7", etcdRelease: "3.7.1", cloudController: "v1.37.0" },
];

/** Renders the charts of the add-ons; 4.2 is built on Kubernetes 1.36 (helm.sh, version skew). */
export const HELM_RELEASE = "4.2.3";

/**
 * What is installed into every cluster, or for its network: the newest that could be found in November 2026, with its day
 * where its makers, or who took it over, say one.
 */
export const addOnReleases = {
  cloudController: { chart: "0.0.12", released: "2026-09-22" },
  ebsDriver: { chart: "2.65.0", released: "2026-09-03" },
  cilium: { chart: "1.20.2", released: "2026-09-15" },
  calico: { chart: "v3.33.0", released: "2026-09-28" },
  flannel: { chart: "v0.28.9" },
  amazonVpc: { chart: "1.23.0", image: "v1.23.0-eksbuild.1", released: "2026-08-21" },
  /** The manifest that names the image v1.0.2; that of the tag v1.0.1 names the image of v1.0.0. */
  kindnet: { commit: "567dfaceedb5bfd62fec5078b7cd7ff4ba3d4f52" },
} as const;

/** The minor that kops, too, installs by default in November 2026 (kops 1.36; its 1.37 is an alpha). */
export const DEFAULT_KUBERNETES_VERSION = "1.36";

/** Row of `1.36` or `1.36.2`; undefined when the minor is not supported. */
export function findKubernetesMinor(version: string): KubernetesMinor | undefined {
  return kubernetesMinors.find(({ minor }) => version === minor || version.startsWith(`${minor}.`));
}

/** The release that kubeadm is told: `v1.36.2` as it was asked for; a minor alone means its first release. */
export const kubernetesRelease = (version: string): string =>
  `v${version.split(".").length === 2 ? `${version}.0` : version}`;

const rowOf = (version: string): KubernetesMinor => {
  const row = findKubernetesMinor(version);
  if (!row) throw new RangeError(`Kubernetes ${version} is not supported`);
  return row;
};

/** The release of etcd that goes with a version that the spec may have. Throws for another. */
export const etcdRelease = (version: string): string => rowOf(version).etcdRelease;

/** The release of the cloud controller that goes with a version that the spec may have. Throws for another. */
export const cloudControllerRelease = (version: string): string => rowOf(version).cloudController;
