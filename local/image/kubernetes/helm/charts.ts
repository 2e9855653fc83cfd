import { stringify } from "yaml";
import { z } from "zod";
import { UsageError } from "../common/command.ts";

/**
 * What of a chart matters on a host that runs no pods: which workloads it brings. Values are held against the keys that the
 * chart's own values.yaml has, as far as Holdfast sets them (the strictest form: what is not listed is refused).
 */
interface KnownChart {
  /** Where its archives lie. */
  readonly from: string;
  readonly values: z.ZodType;
  /** By namespace; the release's own if none is said. */
  readonly daemonSets: readonly string[];
  readonly deployments?: readonly string[];
  /** Where the chart, or the operator that it brings, puts its workloads; the release's namespace if absent. */
  readonly namespace?: string;
}

const flag = z.enum(["true", "false"]);
const tolerations = z.array(z.strictObject({ operator: z.literal("Exists") }));
const nodeSelector = z.record(z.string(), z.string());
const off = z.strictObject({ enabled: z.literal(false) });

const CHARTS: Readonly<Record<string, KnownChart>> = {
  // cilium/cilium, install/kubernetes/cilium/values.yaml
  cilium: {
    from: "https://helm.cilium.io/",
    values: z.strictObject({
      ipam: z.strictObject({ mode: z.enum(["cluster-pool", "kubernetes", "eni", "multi-pool"]) }),
      k8s: z.strictObject({ requireIPv4PodCIDR: z.boolean() }),
      routingMode: z.enum(["tunnel", "native"]),
      tunnelProtocol: z.enum(["vxlan", "geneve"]),
      kubeProxyReplacement: flag,
      operator: z.strictObject({ replicas: z.int().positive(), tolerations }),
      hubble: off,
    }),
    daemonSets: ["cilium", "cilium-envoy"],
    deployments: ["cilium-operator"],
  },
  // projectcalico/calico, charts/tigera-operator/values.yaml; the operator makes the workloads.
  "tigera-operator": {
    from: "https://github.com/projectcalico/calico/releases/download/",
    values: z.strictObject({
      installation: z.strictObject({
        calicoNetwork: z.strictObject({
          bgp: z.enum(["Enabled", "Disabled"]),
          ipPools: z.array(
            z.strictObject({
              cidr: z.cidrv4(),
              encapsulation: z.enum(["IPIP", "VXLAN", "IPIPCrossSubnet", "VXLANCrossSubnet", "None"]),
              natOutgoing: z.enum(["Enabled", "Disabled"]),
              nodeSelector: z.string(),
            }),
          ),
        }),
        controlPlaneReplicas: z.int().positive(),
      }),
      apiServer: off,
      goldmane: off,
      whisker: off,
    }),
    daemonSets: ["calico-node"],
    namespace: "calico-system",
  },
  "crd.projectcalico.org.v1": {
    from: "https://github.com/projectcalico/calico/releases/download/",
    values: z.strictObject({}),
    daemonSets: [],
  },
  // aws/eks-charts, stable/aws-vpc-cni/values.yaml
  "aws-vpc-cni": {
    from: "https://aws.github.io/eks-charts/",
    values: z.strictObject({
      image: z.strictObject({ override: z.string() }),
      init: z.strictObject({ image: z.strictObject({ override: z.string() }) }),
      nodeAgent: off,
      env: z.record(z.string().regex(/^[A-Z0-9_]+$/), z.string()),
    }),
    daemonSets: ["aws-node"],
  },
  // kubernetes/cloud-provider-aws, charts/aws-cloud-controller-manager/values.yaml
  "aws-cloud-controller-manager": {
    from: "https://github.com/kubernetes/cloud-provider-aws/releases/download/",
    values: z.strictObject({
      args: z.array(z.string().startsWith("--")),
      image: z.strictObject({ tag: z.string().regex(/^v[0-9.]+$/) }),
      hostNetworking: z.boolean(),
      nodeSelector,
      tolerations,
    }),
    daemonSets: ["aws-cloud-controller-manager"],
  },
  // kubernetes-sigs/aws-ebs-csi-driver, charts/aws-ebs-csi-driver/values.yaml and values.schema.json
  "aws-ebs-csi-driver": {
    from: "https://github.com/kubernetes-sigs/aws-ebs-csi-driver/releases/download/",
    values: z.strictObject({
      controller: z.strictObject({
        replicaCount: z.int().positive(),
        region: z.string(),
        k8sTagClusterId: z.string(),
        extraVolumeTags: z.record(z.string(), z.string()),
        nodeSelector,
        tolerations,
      }),
      node: z.strictObject({
        metadataSources: z.string(),
        enableWindows: z.boolean(),
        reservedVolumeAttachments: z.int().positive(),
      }),
      storageClasses: z.array(
        z.strictObject({
          name: z.string(),
          annotations: z.record(z.string(), z.string()),
          parameters: z.record(z.string(), z.string()),
          allowVolumeExpansion: z.boolean(),
          volumeBindingMode: z.enum(["Immediate", "WaitForFirstConsumer"]),
        }),
      ),
    }),
    daemonSets: ["ebs-csi-node"],
    deployments: ["ebs-csi-controller"],
  },
};

/** Throws `UsageError` for a chart that is not known, or a value that it does not have. */
export function objectsOfChart(url: string | undefined, release: { namespace: string; values: unknown }): unknown[] {
  const [, chart = ""] = /\/([^/]+)-v?[0-9]+\.[0-9]+\.[0-9]+\.tgz$/.exec(url ?? "") ?? [];
  const known = Object.hasOwn(CHARTS, chart) ? CHARTS[chart] : undefined;
  if (!known || !url?.startsWith(known.from)) throw new UsageError(`the local cloud has no chart ${url}`);
  const values = known.values.safeParse(release.values ?? {});
  if (!values.success) throw new UsageError(`values of ${chart}: ${z.prettifyError(values.error)}`);
  const namespace = known.namespace ?? release.namespace;
  return [
    ...(known.namespace === undefined ? [] : [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }]),
    ...known.daemonSets.map((name) => workload("DaemonSet", name, namespace)),
    ...(known.deployments ?? []).map((name) => workload("Deployment", name, namespace)),
  ];
}

const MANIFESTS: readonly (readonly [RegExp, daemonSet: string, namespace: string])[] = [
  [/^kubernetes-sigs\/kindnet\/[0-9a-f]{40}\/install-kindnet\.yaml$/, "kindnet", "kube-system"],
  [/^flannel-io\/flannel\/[0-9a-f]{40}\/Documentation\/kube-flannel\.yml$/, "kube-flannel-ds", "kube-flannel"],
];
const RAW = "https://raw.githubusercontent.com/";

/** What is fetched from its makers: a line that names the address, and of a manifest that is known its objects. */
export function standInFor(url: string): string {
  return [
    `# stand-in of ${url}\n`,
    ...(url.endsWith(".tgz") ? [] : objectsOfManifest(url).map((object) => `---\n${stringify(object)}`)),
  ].join("");
}

function objectsOfManifest(url: string): unknown[] {
  const known = MANIFESTS.find(([path]) => url.startsWith(RAW) && path.test(url.slice(RAW.length)));
  if (!known) throw new UsageError(`the local cloud reaches no ${url}`);
  const [, name, namespace] = known;
  const own =
    namespace === "kube-system" ? [] : [{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }];
  return [...own, workload("DaemonSet", name, namespace)];
}

/** The address of which the stand-in of curl (`../bin/curl`) made the file. */
export function standsFor(text: string): string | undefined {
  return /^# stand-in of (https:\/\/\S+)\n$/.exec(text)?.[1];
}

/** Valid for a real API server, too, and tolerant as networks are: their pods go to nodes that are not Ready. */
function workload(kind: "DaemonSet" | "Deployment", name: string, namespace: string): unknown {
  const labels = { "app.kubernetes.io/name": name };
  const spec = { containers: [{ name, image: "stand-in.invalid/none" }], tolerations: [{ operator: "Exists" }] };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace, annotations: { "holdfast.dev/stand-in": "the local cloud runs no pods" } },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}
