// Sums are pinned here, so that no mirror can change what runs on a master. Where each was found:
// docs/references/downloads.md.

/** A file on the internet, and the SHA-256 sum without which no machine takes it. */
export interface Download {
  readonly url: string;
  readonly sha256: string;
}

/** A program's release, with the SHA-256 sums of its archives for Linux. */
export interface Release {
  readonly version: string;
  readonly sha256: { readonly amd64: string; readonly arm64: string };
}

/** A minor version of Kubernetes that Holdfast installs, and the etcd that kubeadm pairs with it. */
export interface KubernetesMinor {
  readonly minor: string;
  /** What a new cluster gets that asks for the minor alone: its newest release that is known. */
  readonly patch: string;
  /** Last day of upstream support, ISO date. */
  readonly endOfLife: string;
  readonly etcd: string;
  /** The release of it that a new cluster gets. */
  readonly etcdRelease: Release;
  /** Image of the AWS cloud controller, which upstream promises to work with its own minor only. */
  readonly cloudController: string;
}

/** Of this program; package.json has the same. */
export const HOLDFAST_VERSION = "0.1.0";

const ETCD_3_6: Release = {
  version: "3.6.14",
  sha256: {
    amd64: "ffe840ff9295808e88cce2794a18a5ac87f12a5203c8314d0bf6aa119b41bac5",
    arm64: "fa1b80565ee6fc2df1ae6f57a508b221f3ecc7d591c317c581cd8281b0842b3e",
  },
};

const ETCD_3_7: Release = {
  version: "3.7.1",
  sha256: {
    amd64: "e8cd3fa8064c98137c5dbd78b76f969417ace84efb83c481041d7a52ffdd8fb9",
    arm64: "d7e25e08f694b6ed7792fc7b7a891fe2c3f3d3dccfe2f3bfdb1547b0eb75b6da",
  },
};

/** How many learners an etcd takes at once, as masters start it (functions/hosts/boot/software.sh). */
export function learnersAtOnce(etcd: string): number {
  const [major = 0, minor = 0] = etcd.split(".").map(Number);
  return major > 3 || (major === 3 && minor >= 6) ? 2 : 1;
}

/** What a cluster may have pinned. A release is added; it goes when no cluster of it can be left. */
export const etcdReleases: readonly Release[] = [ETCD_3_6, ETCD_3_7];

/**
 * The three minors that upstream supports (https://kubernetes.io/releases/, November 2026), newest last, with the etcd
 * minor of kubeadm's constants (docs/references/aws.md#versions). Add one and drop one with each upstream release.
 */
export const kubernetesMinors: readonly KubernetesMinor[] = [
  {
    ...{ minor: "1.35", patch: "1.35.9", endOfLife: "2027-02-28" },
    ...{ etcd: "3.6", etcdRelease: ETCD_3_6, cloudController: "v1.35.2" },
  },
  {
    ...{ minor: "1.36", patch: "1.36.6", endOfLife: "2027-06-28" },
    ...{ etcd: "3.6", etcdRelease: ETCD_3_6, cloudController: "v1.36.1" },
  },
  {
    ...{ minor: "1.37", patch: "1.37.2", endOfLife: "2027-10-28" },
    ...{ etcd: "3.7", etcdRelease: ETCD_3_7, cloudController: "v1.37.0" },
  },
];

/** The key with which Kubernetes' packages are signed, of every minor alike; it is prolonged, not replaced. */
export const KUBERNETES_KEY = "DE15B14486CD377B9E876E1A234654DA9A296436";

/**
 * Renders the charts of the add-ons; 4.2 is built on Kubernetes 1.36 (helm.sh, version skew). Newest last, as all lists
 * here.
 */
export const helmReleases: readonly [Release, ...Release[]] = [
  {
    version: "4.2.3",
    sha256: {
      amd64: "e9b88b4ee95b18c706839c28d3a0220e5bc470e9cd9262410c90793c45ff8b7c",
      arm64: "21abd9354d39b2cd79a8d76be6912cd137a983cbf997193503fb8a6a6e2f2785",
    },
  },
];

const GITHUB = "https://github.com";
const RAW = "https://raw.githubusercontent.com";

/** A chart or manifest, and the release that it is of. */
export interface AddOnRelease extends Download {
  readonly version: string;
}

function only(version: string, url: string, sha256: string) {
  return [{ version, url, sha256 }] as const;
}

/**
 * What is installed into every cluster, or for its network: the newest whose sum could be found in November 2026, since
 * no machine takes anything without one. Of each, newest last; a release stays for as long as a cluster may have it
 * pinned.
 */
export const addOnReleases = {
  cloudController: only(
    "0.0.11",
    `${GITHUB}/kubernetes/cloud-provider-aws/releases/download/helm-chart-aws-cloud-controller-manager-0.0.11/aws-cloud-controller-manager-0.0.11.tgz`,
    "3da2227e83bce236b8278903fb87ad0bc33c5d4da8e5dd521b974ec0c740886f",
  ),
  ebsDriver: only(
    "2.64.0",
    `${GITHUB}/kubernetes-sigs/aws-ebs-csi-driver/releases/download/helm-chart-aws-ebs-csi-driver-2.64.0/aws-ebs-csi-driver-2.64.0.tgz`,
    "af082a48b9117b948777cb585b753b58b397a4b1c929f809e14661b84bb911bb",
  ),
  cilium: only(
    "1.20.2",
    "https://helm.cilium.io/cilium-1.20.2.tgz",
    "b2afd87b7f75f875f92a14559f14f59b7babbb479d968e3fd625a20bf30ec20e",
  ),
  calicoCrds: only(
    "3.32.1",
    `${GITHUB}/projectcalico/calico/releases/download/v3.32.1/crd.projectcalico.org.v1-v3.32.1.tgz`,
    "0fa7fa4fc7df7942f6a2472d7ac52a26929b6864c9f3563034e2284c6fcce6f0",
  ),
  calico: only(
    "3.32.1",
    `${GITHUB}/projectcalico/calico/releases/download/v3.32.1/tigera-operator-v3.32.1.tgz`,
    "563f75f29bdbb13dde13a1d51244b96f42b4fe0eef5be763fb55fa9756f31c93",
  ),
  /**
   * The newest whose images are known to be in the public registry, which is filled by hand and late
   * (aws/amazon-vpc-cni-k8s#3762, #3819). Their tag is that of the release.
   */
  amazonVpc: only(
    "1.22.3",
    "https://aws.github.io/eks-charts/aws-vpc-cni-1.22.3.tgz",
    "e93ddb223269281529b653c076276853bdf5812b41f75e19074c92d13101461b",
  ),
  /** Its chart's sum is published nowhere that could be read; the manifest lies in git. */
  flannel: only(
    "0.28.9",
    `${RAW}/flannel-io/flannel/5cd0d52648e891d73a6dcb9bb2c67d7c365cf7aa/Documentation/kube-flannel.yml`,
    "e875824be2f552b45711dbda91af81b17eb961d00025d914d9fef18fad8f09c0",
  ),
  /** It names the image v1.0.2; the manifest of the tag v1.0.1 names the image of v1.0.0. */
  kindnet: only(
    "1.0.2",
    `${RAW}/kubernetes-sigs/kindnet/567dfaceedb5bfd62fec5078b7cd7ff4ba3d4f52/install-kindnet.yaml`,
    "04d40310862ad85b3064110decc4b70859ebaffe78d4ab470b8436039ac4d4c2",
  ),
} as const satisfies Record<string, readonly [AddOnRelease, ...AddOnRelease[]]>;

export type AddOnName = keyof typeof addOnReleases;

/** The minor that kops, too, installs by default in November 2026 (kops 1.36; its 1.37 is an alpha). */
export const DEFAULT_KUBERNETES_VERSION = "1.36";

/** Row of `1.36` or `1.36.2`; undefined when the minor is not supported. */
export function findKubernetesMinor(version: string): KubernetesMinor | undefined {
  return kubernetesMinors.find(({ minor }) => version === minor || version.startsWith(`${minor}.`));
}
