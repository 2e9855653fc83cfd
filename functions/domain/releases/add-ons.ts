import { kubernetesTag, WORKLOAD_UID_TAG } from "../cluster/naming.ts";
import { POD_CIDR } from "../network/networks.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import { addOnOf, type Versions } from "./pinned-versions.ts";
import type { Download } from "./versions.ts";

/**
 * What is put into a cluster beside what kubeadm installs (CoreDNS, kube-proxy): a chart with its values, or a
 * manifest.
 */
export interface AddOn {
  readonly name: string;
  readonly namespace: string;
  readonly from: Chart | Manifest;
  /**
   * A Deployment of the chart that must use its host's network, where the chart has no value for it. Only hosts reach
   * the metadata service, which supplies its credentials.
   */
  readonly onHostNetwork?: string;
}

interface Chart {
  readonly chart: Download;
  readonly values: object;
}

interface Manifest {
  readonly manifest: Download;
  /** Text of it, and what stands there instead in a cluster. */
  readonly replace?: readonly [theirs: string, ours: string];
}

/** The facts that decide what a cluster gets. */
export interface AddOnFacts {
  readonly cluster: string;
  readonly uid: string;
  readonly spec: ClusterSpec;
  readonly versions: Versions;
}

const SYSTEM = "kube-system";
const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";
const anyTaint = [{ operator: "Exists" }];

/**
 * The add-ons of a cluster: how its pods reach each other, the cloud controller and the driver for EBS volumes. Keys of
 * values are those of the charts' own values.yaml.
 */
export function addOnsFor(facts: AddOnFacts): AddOn[] {
  return [...networkOf(facts), cloudController(facts), ebsDriver(facts)];
}

function networkOf(facts: AddOnFacts): AddOn[] {
  switch (facts.spec.networking.used) {
    case "cilium":
      return [cilium(facts)];
    case "calico":
      return calico(facts);
    case "flannel":
      return [flannel(facts)];
    case "amazonvpc":
      return [amazonVpc(facts)];
    case "kindnet":
      return [kindnet(facts)];
    case "cni":
      return [];
  }
}

/** Over VXLAN (UDP 8472), each node with the range that Kubernetes gave it, beside kube-proxy. */
function cilium({ spec, versions }: AddOnFacts): AddOn {
  return {
    name: "cilium",
    namespace: SYSTEM,
    from: {
      chart: addOnOf("cilium", versions),
      values: {
        ipam: { mode: "kubernetes" },
        k8s: { requireIPv4PodCIDR: true },
        routingMode: "tunnel",
        tunnelProtocol: "vxlan",
        kubeProxyReplacement: "false",
        // One replica for each host. On a cluster with one master and no node, a second one could never start.
        operator: { replicas: spec.masterZones.length > 1 ? 2 : 1, tolerations: anyTaint },
        // Otherwise each rendering would create new certificates.
        hubble: { enabled: false },
      },
    },
  };
}

/** Over VXLAN (UDP 4789) always: within a subnet too, since EC2 drops packets that bear a pod's address. */
function calico({ spec, versions }: AddOnFacts): AddOn[] {
  return [
    {
      name: "calico-crds",
      namespace: "tigera-operator",
      from: { chart: addOnOf("calicoCrds", versions), values: {} },
    },
    {
      name: "calico",
      namespace: "tigera-operator",
      from: {
        chart: addOnOf("calico", versions),
        values: {
          installation: {
            calicoNetwork: {
              bgp: "Disabled",
              ipPools: [{ cidr: POD_CIDR, encapsulation: "VXLAN", natOutgoing: "Enabled", nodeSelector: "all()" }],
            },
            controlPlaneReplicas: spec.masterZones.length > 1 ? 2 : 1,
          },
          apiServer: { enabled: false },
          goldmane: { enabled: false },
          whisker: { enabled: false },
        },
      },
    },
  ];
}

/** Over VXLAN (UDP 8472). Enforces no network policies. */
function flannel({ versions }: AddOnFacts): AddOn {
  return {
    name: "flannel",
    namespace: "kube-flannel",
    from: {
      manifest: addOnOf("flannel", versions),
      replace: ["10.244.0.0/16", POD_CIDR],
    },
  };
}

/**
 * Pods get addresses of the VPC. Prefixes of 16 addresses allow Kubernetes' 110 pods a node, except on the smallest
 * types. The images come from the public registry, which needs no credentials.
 */
function amazonVpc({ cluster, uid, spec, versions }: AddOnFacts): AddOn {
  const chart = addOnOf("amazonVpc", versions);
  const image = `v${chart.version}`;
  return {
    name: "aws-vpc-cni",
    namespace: SYSTEM,
    from: {
      chart,
      values: {
        image: { override: `public.ecr.aws/eks/amazon-k8s-cni:${image}` },
        init: { image: { override: `public.ecr.aws/eks/amazon-k8s-cni-init:${image}` } },
        // Network policies need a controller that only EKS provides.
        nodeAgent: { enabled: false },
        env: {
          CLUSTER_NAME: cluster,
          // By this tag its role may change them, and the cluster's deletion finds those that were left.
          ADDITIONAL_ENI_TAGS: JSON.stringify({ [kubernetesTag(cluster)]: "owned", [WORKLOAD_UID_TAG]: uid }),
          ENABLE_PREFIX_DELEGATION: "true",
          WARM_PREFIX_TARGET: "1",
          AWS_VPC_K8S_CNI_EXTERNALSNAT: String(spec.topology === "private"),
        },
      },
    },
  };
}

/** No overlay: the cloud controller writes a route for each node into the VPC's table. */
function kindnet({ versions }: AddOnFacts): AddOn {
  return {
    name: "kindnet",
    namespace: SYSTEM,
    from: { manifest: addOnOf("kindnet", versions) },
  };
}

/**
 * Creates load balancers for services, sets nodes' zones and removes nodes whose instance is gone. It runs on masters,
 * whose role has the permissions. It is installed before the network, since it marks nodes as ready for pods.
 */
function cloudController({ cluster, spec, versions }: AddOnFacts): AddOn {
  const routes = spec.networking.used === "kindnet";
  return {
    name: "aws-cloud-controller-manager",
    namespace: SYSTEM,
    from: {
      chart: addOnOf("cloudController", versions),
      values: {
        args: [
          "--v=2",
          "--cloud-provider=aws",
          `--cluster-name=${cluster}`,
          // Its route controller asks for both; the ranges themselves are given out by kube-controller-manager.
          `--configure-cloud-routes=${routes}`,
          `--allocate-node-cidrs=${routes}`,
          ...(routes ? [`--cluster-cidr=${POD_CIDR}`] : []),
          "--use-service-account-credentials=true",
        ],
        image: { tag: versions.addOns["cloudControllerImage"] },
        hostNetworking: true,
        nodeSelector: { [CONTROL_PLANE]: "" },
        tolerations: anyTaint,
      },
    },
  };
}

/**
 * Encrypted volumes for pods, with a default class. A deletion finds them by their tags. The uid distinguishes them
 * from volumes of another cluster of the same name, of kops or of EKS.
 */
function ebsDriver({ cluster, uid, spec, versions }: AddOnFacts): AddOn {
  return {
    name: "aws-ebs-csi-driver",
    namespace: SYSTEM,
    onHostNetwork: "ebs-csi-controller",
    from: {
      chart: addOnOf("ebsDriver", versions),
      values: {
        controller: {
          replicaCount: spec.masterZones.length > 1 ? 2 : 1,
          region: spec.region,
          k8sTagClusterId: cluster,
          extraVolumeTags: { ...spec.cloudLabels, [WORKLOAD_UID_TAG]: uid },
          nodeSelector: { [CONTROL_PLANE]: "" },
          tolerations: anyTaint,
        },
        // Read from the Node, since pods cannot reach the metadata service. The root disk takes one of a machine's
        // attachments.
        node: { metadataSources: "kubernetes", enableWindows: false, reservedVolumeAttachments: 2 },
        storageClasses: [
          {
            name: "gp3",
            annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
            parameters: { type: "gp3", encrypted: "true" },
            allowVolumeExpansion: true,
            volumeBindingMode: "WaitForFirstConsumer",
          },
        ],
      },
    },
  };
}
