/**
 * A flag of kops's `create cluster` that stands for no field of a spec. Those that do are spellings in the table of
 * fields.
 */
export type KopsFlag = {
  /** Placeholder of its value; absent: `true` or `false`, and true where nothing is given. */
  readonly takes?: string;
  readonly short?: string;
} & (
  | {
      /** It is taken with a warning: what holds instead. */
      readonly instead: string;
    }
  | {
      /** Why it is refused, and what to do. */
      readonly refusal: string;
      /** Values that ask for what holds anyway. */
      readonly anyway?: readonly string[];
    }
);

const LOG = { instead: "nothing is logged; messages are on standard error" };
const NO_SSH = "no machine is reached by SSH; open a session with aws ssm start-session --target INSTANCE";
const OWN_NETWORK = "a cluster has a network of its own, and cannot use one that exists";
const OTHER_CLOUD = {
  takes: "<value>",
  refusal: "it is for another cloud, and clusters are made on AWS; leave it out",
};
const OTHER_CLOUD_SWITCH = { refusal: OTHER_CLOUD.refusal, anyway: ["false"] };
const ONE_IMAGE = { takes: "<image>", refusal: "masters and nodes have the same image; give it with --image" };
const NO_SPEC = "it changes kops's own spec, and Holdfast has another; leave it out, and see create cluster --help";
const TENANCY = {
  takes: "<tenancy>",
  refusal: "instances share hardware with others, and dedicated tenancy cannot be had; leave it out",
  anyway: ["default"],
};
const API_NAME = {
  takes: "<name>",
  refusal: "the API is called api.NAME; leave it out, and have that name recorded with --dns-zone",
};

/**
 * All that kops has or had (docs/references/kops.md#flags). A flag is taken where its absence harms nothing: what it
 * asks for holds anyway, or there is nothing that it could concern.
 */
export const KOPS_FLAGS = {
  "--add": { takes: "<files>", refusal: "add-ons are installed when the cluster is active; use kubectl apply then" },
  "--add_dir_header": LOG,
  "--alsologtostderr": LOG,
  "--api-loadbalancer-class": { takes: "<class>", instead: "the API has a network load balancer" },
  "--api-public-name": API_NAME,
  "--api-server-count": {
    takes: "<number>",
    refusal: "API servers are on the masters only; leave it out, and give --master-count",
    anyway: ["0"],
  },
  "--api-ssl-certificate": {
    takes: "<arn>",
    refusal: "the API's certificate is of the cluster's own authority, which its kubeconfigs trust; leave it out",
  },
  "--associate-public-ip": {
    instead: "machines have public addresses with --topology public, and none with --topology private",
  },
  "--authorization": { takes: "<mode>", instead: "RBAC is always on" },
  "--azure-admin-user": OTHER_CLOUD,
  "--azure-resource-group-name": OTHER_CLOUD,
  "--azure-route-table-name": OTHER_CLOUD,
  "--azure-subscription-id": OTHER_CLOUD,
  "--azure-tenant-id": OTHER_CLOUD,
  "--bastion": { refusal: `there are no bastions: ${NO_SSH}; leave it out`, anyway: ["false"] },
  "--bastion-image": { takes: "<image>", refusal: `there are no bastions: ${NO_SSH}; leave it out` },
  "--channel": { takes: "<channel>", instead: "versions are Holdfast's own; --kubernetes-version names one" },
  "--config-base": { takes: "<url>", instead: "Holdfast keeps its own state" },
  "--container-runtime": { takes: "<name>", instead: "containerd runs the containers" },
  "--control-plane-image": ONE_IMAGE,
  "--control-plane-tenancy": TENANCY,
  "--disable-subnet-tags": { instead: "the subnets are the cluster's own, and have the tags that Kubernetes needs" },
  "--discovery-store": {
    takes: "<url>",
    refusal: "no OIDC issuer is published, so service accounts cannot have roles of IAM; leave it out",
  },
  "--dns": { takes: "<kind>", instead: "the API has its load balancer's name, and one in the zone of --dns-zone" },
  "--encrypt-etcd-storage": { instead: "every volume is encrypted, with the account's default key" },
  "--etcd-clusters": { takes: "<names>", instead: "one etcd holds everything, events included" },
  "--etcd-storage-type": {
    takes: "<type>",
    refusal: "etcd's volumes are gp3; leave it out",
    anyway: ["gp2", "gp3"],
  },
  "--gce-service-account": OTHER_CLOUD,
  "--instance-manager": {
    takes: "<name>",
    refusal: "nodes are in Auto Scaling groups; leave it out, and install karpenter when the cluster is active",
    anyway: ["cloudgroups"],
  },
  "--ipv6": { refusal: "pods, services and machines have IPv4 addresses; leave it out", anyway: ["false"] },
  "--kubernetes-feature-gates": { takes: "<gates>", refusal: "feature gates cannot be set; leave it out" },
  "--log_backtrace_at": { takes: "<place>", ...LOG },
  "--log_dir": { takes: "<folder>", ...LOG },
  "--log_file": { takes: "<file>", ...LOG },
  "--log_file_max_size": { takes: "<MB>", ...LOG },
  "--logtostderr": LOG,
  "--master-image": ONE_IMAGE,
  "--master-public-name": API_NAME,
  "--master-tenancy": TENANCY,
  "--model": { takes: "<names>", instead: "there is one model" },
  "--network-id": { takes: "<vpc>", refusal: `${OWN_NETWORK}; leave it out, and peer the two networks` },
  "--node-image": ONE_IMAGE,
  "--node-tenancy": TENANCY,
  "--os-dns-servers": OTHER_CLOUD,
  "--os-ext-net": OTHER_CLOUD,
  "--os-ext-subnet": OTHER_CLOUD,
  "--os-kubelet-ignore-az": OTHER_CLOUD_SWITCH,
  "--os-lb-floating-subnet": OTHER_CLOUD,
  "--os-network": OTHER_CLOUD,
  "--os-octavia": OTHER_CLOUD_SWITCH,
  "--os-octavia-provider": OTHER_CLOUD,
  "--out": { takes: "<folder>", instead: "no files are written; --dry-run -o yaml prints the plan" },
  "--override": { takes: "<setting>", refusal: NO_SPEC },
  "--project": OTHER_CLOUD,
  "--set": { takes: "<setting>", refusal: NO_SPEC },
  "--skip_headers": LOG,
  "--skip_log_headers": LOG,
  "--spotinst-orientation": OTHER_CLOUD,
  "--spotinst-product": OTHER_CLOUD,
  "--ssh-access": { takes: "<cidrs>", instead: NO_SSH },
  "--ssh-public-key": { takes: "<file>", instead: NO_SSH },
  "--stderrthreshold": { takes: "<level>", ...LOG },
  "--subnets": { takes: "<ids>", refusal: `${OWN_NETWORK}; leave it out: each zone of --zones gets its subnets` },
  "--target": { takes: "<kind>", instead: "the cluster is created directly, and no Terraform is written" },
  "--unset": { takes: "<setting>", refusal: NO_SPEC },
  "--utility-subnets": {
    takes: "<ids>",
    refusal: `${OWN_NETWORK}; leave it out: --topology private makes utility subnets`,
  },
  "--v": { takes: "<level>", short: "-v", ...LOG },
  "--vmodule": { takes: "<modules>", ...LOG },
  "--vpc": { takes: "<vpc>", refusal: `${OWN_NETWORK}; leave it out, and peer the two networks` },
  "--vsphere-coredns-server": OTHER_CLOUD,
  "--vsphere-datacenter": OTHER_CLOUD,
  "--vsphere-datastore": OTHER_CLOUD,
  "--vsphere-resource-pool": OTHER_CLOUD,
  "--vsphere-server": OTHER_CLOUD,
} as const satisfies Readonly<Record<string, KopsFlag>>;

export function findKopsFlag(flag: string): KopsFlag | undefined {
  return Object.entries<KopsFlag>(KOPS_FLAGS).find(([name]) => name === flag)?.[1];
}
