/** A minor version of Kubernetes that Holdfast installs, and the etcd that kubeadm pairs with it. */
export interface KubernetesMinor {
  readonly minor: string;
  /** Last day of upstream support, ISO date. */
  readonly endOfLife: string;
  readonly etcd: string;
  /** The release of it that is installed where an image has none. */
  readonly etcdRelease: string;
}

/**
 * The three minors that upstream supports (https://kubernetes.io/releases/, November 2026), newest last, with the etcd
 * minor of kubeadm's constants (aws-facts §9.1). Add one and drop one with each upstream release.
 */
export const kubernetesMinors: readonly KubernetesMinor[] = [
  { minor: "1.35", endOfLife: "2027-02-28", etcd: "3.6", etcdRelease: "3.6.14" },
  { minor: "1.36", endOfLife: "2027-06-28", etcd: "3.6", etcdRelease: "3.6.14" },
  { minor: "1.37", endOfLife: "2027-10-28", etcd: "3.7", etcdRelease: "3.7.1" },
];

/** The minor that kops, too, installs by default in November 2026 (kops 1.36; its 1.37 is an alpha). */
export const DEFAULT_KUBERNETES_VERSION = "1.36";

/** Row of `1.36` or `1.36.2`; undefined when the minor is not supported. */
export function findKubernetesMinor(version: string): KubernetesMinor | undefined {
  return kubernetesMinors.find(({ minor }) => version === minor || version.startsWith(`${minor}.`));
}

/** The release that kubeadm is told: `v1.36.2` as it was asked for; a minor alone means its first release. */
export const kubernetesRelease = (version: string): string =>
  `v${version.split(".").length === 2 ? `${version}.0` : version}`;

/** The release of etcd that goes with a version that the spec may have. Throws for another. */
export const etcdRelease = (version: string): string => {
  const row = findKubernetesMinor(version);
  if (!row) throw new RangeError(`Kubernetes ${version} is not supported`);
  return row.etcdRelease;
};
