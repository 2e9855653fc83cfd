import * as z from "zod";
import { DEFAULT_NETWORK_CIDR } from "../network/networks.ts";
import { BACKUP_FIELDS } from "./backup-fields.ts";
import { MACHINE_FIELDS } from "./machine-fields.ts";
import {
  ApiLoadBalancerType,
  ClusterName,
  Networking,
  SecurityGroupId,
  Topology,
  whole,
  ZoneName,
} from "./value-schemas.ts";

/** etcd recommends no more than seven members: each write waits for a majority (https://etcd.io/docs/v3.6/faq/). */
const MASTERS = { min: 1, max: 7 };
const VOLUME_GIB = { min: 1, max: 1024 };

/** In the order of a stored spec. */
export const FIELDS = {
  name: {
    schema: ClusterName,
    about: "Name of the cluster; it cannot be changed.",
    flags: ["NAME", "--name", "KOPS_CLUSTER_NAME"],
    help: ["<name>", "name of the cluster, in place of NAME"],
    refusal: "a cluster keeps its name",
  },
  region: {
    schema: z.string(),
    document: z.string().max(32),
    about: "Region of all zones; it follows from them.",
    flags: ["region"],
    refusal: "a cluster stays in its region",
  },
  /** Zones of the nodes, in the order given. */
  zones: {
    schema: z.array(ZoneName).min(1),
    document: z.array(ZoneName).min(1).max(64),
    about: "Zones of the nodes.",
    flags: ["--zones"],
    help: ["<list>", "zones of the nodes: us-west-2a,us-west-2b,us-west-2c"],
    without: "required",
    list: true,
    refusal: "subnets, routes and load balancer are laid out for the zones at creation",
  },
  /** Zone of each master, one entry a master (round-robin already applied); the index is the member's index. */
  masterZones: {
    schema: z.array(ZoneName).min(1),
    document: z.array(ZoneName).min(1).max(MASTERS.max),
    about: "Zone of each master, one entry a master, an odd number of them. Absent: one, in the first zone.",
    flags: ["--master-zones", "--control-plane-zones"],
    help: ["<list>", "zones of the masters"],
    without: "one master in the first zone",
    list: true,
    refusal: "members of etcd come and go one at a time, which is a migration and not an update",
  },
  masterCount: {
    document: whole(MASTERS),
    bounds: MASTERS,
    about: "Masters, odd; spread over `masterZones`, or `zones`, in turn.",
    flags: ["--master-count", "--control-plane-count"],
    help: ["<number>", "number of masters, odd, spread over their zones"],
  },
  ...MACHINE_FIELDS,
  topology: {
    schema: Topology,
    about: "`private` has NAT gateways and no public addresses; `public` if absent.",
    flags: ["--topology", "-t"],
    help: ["<kind>", "public or private subnets for the instances"],
    default: "public",
    refusal: "instances would have to move to other subnets",
  },
  /** `requested` keeps the user's word (`weave`); `used` is the network that stands for it. */
  networking: {
    schema: z.strictObject({ requested: z.string(), used: Networking }),
    document: z.union([
      z.string().min(1).max(40).describe("A network by name, kops' names included."),
      z.strictObject({ requested: z.string().min(1).max(40), used: Networking }),
    ]),
    about: "Network of the pods; cilium if absent.",
    flags: ["--networking"],
    help: ["<name>", "pod network"],
    default: "cilium",
    refusal: "pods would be without a network while it is exchanged",
  },
  networkCidr: {
    schema: z.string(),
    document: z.string().max(18),
    about: "The VPC's network, private, /16 to /20; 172.20.0.0/16 if absent.",
    flags: ["--network-cidr"],
    help: ["<cidr>", "address range of the VPC"],
    default: DEFAULT_NETWORK_CIDR,
    refusal: "every address in the VPC is made from it at creation",
  },
  dnsZone: {
    schema: z.string().optional(),
    document: z.string().min(1).max(253),
    about: "Domain or id of the hosted zone in which the API gets a name.",
    flags: ["--dns-zone"],
    help: ["<zone>", "hosted zone in which the API's name is recorded"],
    refusal: "the API's name stands in certificates and kubeconfigs",
  },
  /** Whether the API's load balancer has addresses of the internet (also when absent), or of the VPC alone. */
  apiLoadBalancerType: {
    schema: ApiLoadBalancerType.optional(),
    about: "Where the API can be reached from; `public` if absent.",
    flags: ["--api-loadbalancer-type"],
    help: ["<kind>", "public or internal: where the API can be reached from"],
    default: "public",
    refusal: "the load balancer's name stands in certificates and kubeconfigs",
  },
  /** Networks that may reach the API, beside the cluster's own; absent: all. */
  adminAccess: {
    schema: z.array(z.string()).min(1).optional(),
    document: z.array(z.string().max(18)).min(1).max(40),
    about: "Networks that may reach the API, such as 203.0.113.0/24; all if absent.",
    flags: ["--admin-access"],
    help: ["<cidrs>", "networks that may reach the API"],
    without: "all",
    list: true,
    refusal: "a load balancer gets its security group when it is made",
  },
  /** Groups that the user brings; attached beside the cluster's own, never changed, never deleted. */
  nodeSecurityGroups: {
    schema: z.array(SecurityGroupId),
    document: z.array(SecurityGroupId).max(4),
    about: "Groups of yours to put nodes into as well.",
    flags: ["--node-security-groups"],
    help: ["<ids>", "security groups to attach to the nodes besides the cluster's own"],
    list: true,
    effect: () => "at once on the nodes that run, and on those to come",
  },
  masterSecurityGroups: {
    schema: z.array(SecurityGroupId),
    document: z.array(SecurityGroupId).max(4),
    about: "Groups of yours to put masters into as well.",
    flags: ["--master-security-groups", "--control-plane-security-groups"],
    help: ["<ids>", "security groups to attach to the masters besides the cluster's own"],
    list: true,
    effect: () => "at once on the masters' network interfaces",
    reaches: "masters",
  },
  cloudLabels: {
    schema: z.record(z.string(), z.string()),
    document: z.record(z.string().min(1).max(128), z.string().max(256)),
    about: "Tags for every resource of the cluster, at most 40.",
    flags: ["--cloud-labels"],
    help: ["<labels>", 'tags for every resource: "Team=Dev,Owner=John Doe"'],
    list: true,
    refusal: "the tags of what exists are not rewritten",
  },
  labels: {
    schema: z.record(z.string(), z.string()).optional(),
    document: z.record(z.string().max(317), z.string().max(63)),
    patch: z.record(z.string().max(317), z.string().max(63).nullable()),
    about: "Labels to select the cluster by, at most 32, in Kubernetes' syntax; no tags of AWS.",
    flags: ["--labels"],
    help: ["<labels>", "labels to select the cluster by: env=prod,tier=1 (tier- removes one)"],
    without: "none",
    list: true,
    effect: () => "at once, in Holdfast's records; nothing in AWS is touched",
    reaches: "nothing",
  },
  image: {
    schema: z.string().optional(),
    document: z.string().min(1).max(1024),
    about: "`ami-…`, `ssm:<parameter>`, `name` or `owner/name`.",
    flags: ["--image"],
    help: ["<image>", "machine image: ami-…, ssm:PARAMETER, NAME or OWNER/NAME"],
    refusal: "the image is pinned at creation, so that a repair is never an upgrade",
  },
  kubernetesVersion: {
    schema: z.string(),
    document: z.string().min(1).max(32),
    about: "Such as 1.37.1; the default version if absent.",
    flags: ["--kubernetes-version"],
    help: ["<version>", "Kubernetes version"],
    refusal: "an upgrade replaces one machine after the other, which an update does not",
  },
  etcdVolumeGiB: {
    schema: whole(VOLUME_GIB),
    bounds: VOLUME_GIB,
    about: "Size of each master's etcd volume; 20 if absent.",
    flags: ["--etcd-volume-size"],
    help: ["<GiB>", "size of each etcd volume"],
    default: 20,
    refusal: "a member's volume is made once and outlives its instances",
  },
  ...BACKUP_FIELDS,
  cloud: {
    document: z.literal("aws"),
    about: "Taken so that documents written for kops work.",
    flags: ["--cloud"],
    help: ["<name>"],
  },
  state: {
    document: z.string().max(1024),
    about: "Ignored, with a warning: Holdfast keeps its own state.",
    flags: ["--state"],
    help: ["<url>"],
  },
} as const;
