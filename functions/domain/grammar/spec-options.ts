/** Flags of a spec, with what they mean and what holds without them. */
export const SPEC_OPTIONS: readonly (readonly [flags: string, description: string])[] = [
  ["--name <name>", "name of the cluster, in place of NAME"],
  ["--zones <list>", "zones of the nodes: us-west-2a,us-west-2b,us-west-2c (required)"],
  ["--node-count <number>", "number of nodes, spread over the zones (one a zone)"],
  ["--node-size <type>", "instance type of the nodes (t3.medium)"],
  ["--node-security-groups <ids>", "security groups to attach to the nodes besides the cluster's own"],
  ["--master-zones <list>", "zones of the masters (one master in the first zone)"],
  ["--master-count <number>", "number of masters, odd, spread over their zones"],
  ["--master-size <type>", "instance type of the masters (t3.medium)"],
  ["--master-size-fallbacks <types>", "types to take while there is no capacity for it, in order"],
  [
    "--master-zone-fallback <what>",
    "what a master does whose zone launches nothing: wait, or move to another zone (wait)",
  ],
  ["--master-zone-fallback-minutes <number>", "for how long its launches fail before it moves (30)"],
  ["--master-security-groups <ids>", "security groups to attach to the masters besides the cluster's own"],
  ["--topology <kind>", "public or private subnets for the instances (public)"],
  ["--networking <name>", "pod network (cilium)"],
  ["--network-cidr <cidr>", "address range of the VPC (172.20.0.0/16)"],
  ["--dns-zone <zone>", "hosted zone in which the API's name is recorded"],
  ["--cloud-labels <labels>", 'tags for every resource: "Team=Dev,Owner=John Doe"'],
  ["--image <image>", "machine image: ami-…, ssm:PARAMETER, NAME or OWNER/NAME"],
  ["--kubernetes-version <version>", "Kubernetes version"],
  ["--etcd-volume-size <GiB>", "size of each etcd volume (20)"],
];
/** Newer kops spellings and flags that commands written for kops carry; understood, but not advertised. */
export const HIDDEN_SPEC_OPTIONS = [
  "--control-plane-zones <list>",
  "--control-plane-count <number>",
  "--control-plane-size <type>",
  "--control-plane-size-fallbacks <types>",
  "--control-plane-zone-fallback <what>",
  "--control-plane-zone-fallback-minutes <number>",
  "--control-plane-security-groups <ids>",
  "--cloud <name>",
  "--state <url>",
];
