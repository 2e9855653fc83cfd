import { kubernetesTag } from "./naming.ts";
import { POD_CIDR } from "./networks.ts";
import type { ClusterSpec } from "./spec.ts";
import { addOnReleases, cloudControllerRelease } from "./versions.ts";

/** What is put into a cluster beside what kubeadm installs (CoreDNS, kube-proxy): a chart with its values, or a manifest. */
export interface AddOn {
  readonly name: string;
  readonly namespace: string;
  readonly from: Chart | { readonly manifest: string };
  /**
   * A Deployment of the chart that is to use its host's network, where the chart has no value for it: the metadata service,
   * by which it gets its credentials, answers a pod nowhere else.
   */
  readonly onHostNetwork?: string;
}

interface Chart {
  readonly repository: string;
  readonly chart: string;
  readonly version: string;
  readonly values: object;
}

/** The facts that decide what a cluster gets. */
export interface AddOnFacts {
  readonly cluster: string;
  readonly spec: ClusterSpec;
}

const SYSTEM = "kube-system";
const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";
const anyTaint = [{ operator: "Exists" }];

/**
 * The add-ons of a cluster: how its pods reach each other, the cloud controller and the driver for EBS volumes. Keys of
 * values are those of the charts' own values.yaml.
 */
export const addOnsFor = (facts: AddOnFacts): AddOn[] => [
  ...networkOf(facts),
  cloudController(facts),
  ebsDriver(facts),
];

const networkOf = (facts: AddOnFacts): AddOn[] => {
  switch (facts.spec.networking.used) {
    case "cilium":
      return [cilium(facts)];
    case "calico":
      return calico(facts);
    case "flannel":
      return [flannel()];
    case "amazonvpc":
      return [amazonVpc(facts)];
    case "kindnet":
      return [kindnet()];
    case "cni":
      return [];
  }
};

/** Over VXLAN (UDP 8472), each node with the range that Kubernetes gave it, beside kube-proxy. */
const cilium = ({ spec }: AddOnFacts): AddOn => ({
  name: "cilium",
  namespace: SYSTEM,
  from: {
    repository: "https://helm.cilium.io",
    chart: "cilium",
    version: addOnReleases.cilium.chart,
    values: {
      ipam: { mode: "kubernetes" },
      k8s: { requireIPv4PodCIDR: true },
      routingMode: "tunnel",
      tunnelProtocol: "vxlan",
      kubeProxyReplacement: "false",
      // One a host; a second would wait for ever on a cluster of one master and no node.
      operator: { replicas: spec.masterZones.length > 1 ? 2 : 1, tolerations: anyTaint },
      // Its certificates would be made anew with each rendering.
      hubble: { enabled: false },
    },
  },
});

/** Over VXLAN (UDP 4789) always: within a subnet too, since EC2 drops packets that bear a pod's address. */
const calico = ({ spec }: AddOnFacts): AddOn[] => {
  const from = { repository: "https://docs.tigera.io/calico/charts", version: addOnReleases.calico.chart };
  return [
    {
      name: "calico-crds",
      namespace: "tigera-operator",
      from: { ...from, chart: "crd.projectcalico.org.v1", values: {} },
    },
    {
      name: "calico",
      namespace: "tigera-operator",
      from: {
        ...from,
        chart: "tigera-operator",
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
};

/** Over VXLAN (UDP 8472). Enforces no network policies. */
const flannel = (): AddOn => ({
  name: "flannel",
  namespace: "kube-flannel",
  from: {
    repository: "https://flannel-io.github.io/flannel",
    chart: "flannel",
    version: addOnReleases.flannel.chart,
    values: { podCidr: POD_CIDR, flannel: { backend: "vxlan" } },
  },
});

/**
 * Pods with addresses of the VPC. Prefixes of 16 addresses leave room for Kubernetes' 110 pods a node on every type but the
 * smallest; the images are those of the public registry, which asks for no credentials.
 */
const amazonVpc = ({ cluster, spec }: AddOnFacts): AddOn => {
  const { chart: version, image } = addOnReleases.amazonVpc;
  return {
    name: "aws-vpc-cni",
    namespace: SYSTEM,
    from: {
      repository: "https://aws.github.io/eks-charts",
      chart: "aws-vpc-cni",
      version,
      values: {
        image: { override: `public.ecr.aws/eks/amazon-k8s-cni:${image}` },
        init: { image: { override: `public.ecr.aws/eks/amazon-k8s-cni-init:${image}` } },
        // It enforces policies that a controller of EKS works out, which is not here.
        nodeAgent: { enabled: false },
        env: {
          CLUSTER_NAME: cluster,
          // By this tag its role may change them, and the cluster's deletion finds those that were left.
          ADDITIONAL_ENI_TAGS: JSON.stringify({ [kubernetesTag(cluster)]: "owned" }),
          ENABLE_PREFIX_DELEGATION: "true",
          WARM_PREFIX_TARGET: "1",
          AWS_VPC_K8S_CNI_EXTERNALSNAT: String(spec.topology === "private"),
        },
      },
    },
  };
};

/** No overlay: the cloud controller writes a route for each node into the VPC's table. */
const kindnet = (): AddOn => ({
  name: "kindnet",
  namespace: SYSTEM,
  from: {
    manifest: `https://raw.githubusercontent.com/kubernetes-sigs/kindnet/${addOnReleases.kindnet.commit}/install-kindnet.yaml`,
  },
});

/**
 * Makes load balancers for services, tells nodes their zone and removes those whose instance is gone. On the masters, whose
 * role has the rights; before there is a network, since it is what declares a node ready for pods.
 */
const cloudController = ({ cluster, spec }: AddOnFacts): AddOn => {
  const routes = spec.networking.used === "kindnet";
  return {
    name: "aws-cloud-controller-manager",
    namespace: SYSTEM,
    from: {
      repository: "https://kubernetes.github.io/cloud-provider-aws",
      chart: "aws-cloud-controller-manager",
      version: addOnReleases.cloudController.chart,
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
        image: { tag: cloudControllerRelease(spec.kubernetesVersion) },
        hostNetworking: true,
        nodeSelector: { [CONTROL_PLANE]: "" },
        tolerations: anyTaint,
      },
    },
  };
};

/** Volumes for pods, encrypted, with a class that is the default. By the tag that they carry a deletion takes them along. */
const ebsDriver = ({ cluster, spec }: AddOnFacts): AddOn => ({
  name: "aws-ebs-csi-driver",
  namespace: SYSTEM,
  onHostNetwork: "ebs-csi-controller",
  from: {
    repository: "https://kubernetes-sigs.github.io/aws-ebs-csi-driver",
    chart: "aws-ebs-csi-driver",
    version: addOnReleases.ebsDriver.chart,
    values: {
      controller: {
        replicaCount: spec.masterZones.length > 1 ? 2 : 1,
        region: spec.region,
        k8sTagClusterId: cluster,
        extraVolumeTags: spec.cloudLabels,
        nodeSelector: { [CONTROL_PLANE]: "" },
        tolerations: anyTaint,
      },
      // From the Node, since the metadata service answers no pod; of a machine's attachments, its own disk takes one.
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
});

/** A field of a line stands for nothing. */
const NONE = "-";

/**
 * What the document `install-add-ons` takes: base64 of a line each, with tabs between name, namespace, repository or manifest,
 * chart, version, values and the Deployment that is to use its host's network.
 */
export const installList = (addOns: readonly AddOn[]): string => {
  const lines = addOns.map(({ name, namespace, from, onHostNetwork = NONE }) => {
    const source =
      "manifest" in from
        ? [from.manifest, NONE, NONE, NONE]
        : [from.repository, from.chart, from.version, JSON.stringify(from.values)];
    return `${[name, namespace, ...source, onHostNetwork].join("\t")}\n`;
  });
  return Buffer.from(lines.join("")).toString("base64");
};
