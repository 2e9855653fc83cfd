import type { HostSpec } from "./driver.ts";

/**
 * How long a host takes for what an instance of AWS does between its power and a running Kubernetes, in milliseconds. Simulated
 * hosts take these times where they stand in the boot; hosts in namespaces really boot, and take the first two before that.
 */
export interface HostTimings {
  /** From power to user data: firmware, kernel, systemd, network, cloud-init. */
  readonly userData: number;
  /** What a stock image lacks: the AWS CLI is there, etcd is downloaded first, Kubernetes beside everything else. */
  readonly installEtcd: number;
  readonly installKubernetes: number;
  /** The images of the control plane, which kubeadm pulls where the machine has none. */
  readonly pullImages: number;
  /** From power to the registration of the SSM agent. */
  readonly agent: number;
  /** From `kubeadm init` to an API server that answers. */
  readonly controlPlane: number;
  /** From a node's certificate to a node that is Ready: kubelet, and the pods of its network. */
  readonly join: number;
  /** The document that installs add-ons: helm, and its charts. */
  readonly addOns: number;
}

export const localTimings: HostTimings = {
  userData: 0,
  installEtcd: 0,
  installKubernetes: 0,
  pullImages: 0,
  agent: 0,
  controlPlane: 0,
  join: 0,
  addOns: 0,
};

/** AWS's own pace: what it documents, or what people measured. */
export const awsTimings: HostTimings = {
  // `running` → SSH takes 3 s (github.com/brevdev/ec2-coldboot-research) to 23 s
  // (daemonology.net/blog/2021-08-12-EC2-boot-time-benchmarking.html). Scripts of user data come last in cloud-init.
  userData: 20_000,
  // kops's nodeup installs the same things in one to two minutes (docs/references/kops.md#recovery): 90 s in all.
  installEtcd: 15_000,
  // As `installEtcd`: the rest of the 90 s.
  installKubernetes: 75_000,
  // 90 MB of registry.k8s.io's images; kubeadm says that it "might take a minute or two":
  // kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-init.
  pullImages: 20_000,
  // The agent starts with the system and registers; clients ask for it every 15 s: github.com/boto/botocore/pull/1502.
  agent: 30_000,
  // "All control plane components are healthy after 24 to 28 seconds": github.com/kubernetes/kubernetes/pull/117984.
  controlPlane: 28_000,
  // "aws-node pod takes 30s to start" (github.com/aws/amazon-vpc-cni-k8s/issues/1956), on others "several dozens of
  // seconds" (issues/2808 there); kubelet itself registers a second after its start.
  join: 30_000,
  // Assumed: helm and its charts are downloaded, and nothing waits for pods.
  addOns: 30_000,
};

/** An image that has everything that a machine needs bears the name that docs/images.md gives it. */
export function isPrepared({ imageName = "" }: Pick<HostSpec, "imageName">): boolean {
  return imageName.startsWith("holdfast-");
}
