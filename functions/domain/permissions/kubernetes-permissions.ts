import { type Owner, TAG } from "../cluster/naming.ts";
import { ADDRESS_DESCRIBES, addressPermissions, INTERFACE_CHANGES, MAKE_INTERFACE } from "./address-permissions.ts";
import { ClusterScope, type Hosts, type Statement, type Where } from "./policy-statements.ts";

const DESCRIBES = [
  "ec2:DescribeAvailabilityZones",
  "ec2:DescribeInstanceTopology",
  // The EBS driver asks for types since v1.59 and for the status of volumes since v1.46 (its
  // docs/example-iam-policy.json).
  "ec2:DescribeInstanceTypes",
  "ec2:DescribeInstances",
  "ec2:DescribeRegions",
  "ec2:DescribeRouteTables",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeTags",
  "ec2:DescribeVolumeStatus",
  "ec2:DescribeVolumes",
  "ec2:DescribeVolumesModifications",
  "ec2:DescribeVpcs",
  "elasticloadbalancing:DescribeListeners",
  "elasticloadbalancing:DescribeLoadBalancerAttributes",
  "elasticloadbalancing:DescribeLoadBalancerPolicies",
  "elasticloadbalancing:DescribeLoadBalancers",
  "elasticloadbalancing:DescribeTargetGroupAttributes",
  "elasticloadbalancing:DescribeTargetGroups",
  "elasticloadbalancing:DescribeTargetHealth",
];

/**
 * The types that calls make, and those calls. No call of a statement names anything else of the statement's types: a
 * volume has no security group, but an interface has, of which it could name another cluster's.
 */
const GROUPS_AND_VOLUMES = { "security-group": "CreateSecurityGroup", volume: "CreateVolume" };
const INTERFACES = { "network-interface": "CreateNetworkInterface" };

const OPEN_GROUP = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"];

/** What controllers do to balancers, security groups and volumes that they have made. */
const CHANGES = [
  "elasticloadbalancing:AddTags",
  "elasticloadbalancing:ApplySecurityGroupsToLoadBalancer",
  "elasticloadbalancing:AttachLoadBalancerToSubnets",
  "elasticloadbalancing:ConfigureHealthCheck",
  "elasticloadbalancing:CreateListener",
  "elasticloadbalancing:CreateLoadBalancerListeners",
  "elasticloadbalancing:CreateLoadBalancerPolicy",
  "elasticloadbalancing:DeleteListener",
  "elasticloadbalancing:DeleteLoadBalancer",
  "elasticloadbalancing:DeleteLoadBalancerListeners",
  "elasticloadbalancing:DeleteTargetGroup",
  "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
  "elasticloadbalancing:DeregisterTargets",
  "elasticloadbalancing:DetachLoadBalancerFromSubnets",
  "elasticloadbalancing:ModifyListener",
  "elasticloadbalancing:ModifyLoadBalancerAttributes",
  "elasticloadbalancing:ModifyTargetGroup",
  "elasticloadbalancing:ModifyTargetGroupAttributes",
  "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
  "elasticloadbalancing:RegisterTargets",
  "elasticloadbalancing:SetLoadBalancerPoliciesForBackendServer",
  "elasticloadbalancing:SetLoadBalancerPoliciesOfListener",
  "elasticloadbalancing:SetSecurityGroups",
  ...OPEN_GROUP,
  "ec2:DeleteSecurityGroup",
  "ec2:AttachVolume",
  "ec2:DeleteVolume",
  "ec2:DetachVolume",
  "ec2:ModifyVolume",
];

/**
 * Permissions of what runs in one cluster: the cloud controller and the EBS driver on its masters, the VPC's network on
 * all hosts. They make things with the cluster's tag and may change those. What Holdfast made is used as far as a
 * controller must, never removed. From prerequisites.md of cloud-provider-aws, example-iam-policy.json of the driver,
 * iam-policy.md of the VPC CNI.
 */
export class KubernetesPermissions {
  readonly #scope: ClusterScope;

  constructor(owner: Pick<Owner, "cluster" | "uid">, where: Where) {
    this.#scope = new ClusterScope(owner, where);
  }

  ofMasters(hosts: Hosts): Statement[] {
    const addresses = hosts.network === "amazonvpc";
    const scope = this.#scope;
    return [
      scope.describe([...DESCRIBES, ...(addresses ? ADDRESS_DESCRIBES : [])]),
      ...this.#create(GROUPS_AND_VOLUMES, ...(addresses ? [INTERFACES] : [])),
      ...this.#createBalancers(),
      scope.changeMade([...CHANGES, ...(addresses ? INTERFACE_CHANGES : [])]),
      ...this.#useNetwork(addresses),
      // A balancer is let in to the nodes by a rule of their group. The masters' group is not for controllers to open.
      scope.useOurs(OPEN_GROUP, scope.ec2("security-group/*"), {
        [`aws:ResourceTag/${TAG.resource}`]: "security-group/nodes",
      }),
      // Both calls are checked on the volume, too.
      scope.useOurs(["ec2:AttachVolume", "ec2:DetachVolume"], scope.ec2("instance/*")),
      ...(hosts.network === "kindnet" ? this.#routes() : []),
      ...(addresses ? addressPermissions(scope, hosts) : []),
    ];
  }

  /** On nodes: nothing, unless pods get addresses of the VPC. */
  ofNodes(hosts: Hosts): Statement[] {
    if (hosts.network !== "amazonvpc") return [];
    return [
      this.#scope.describe(ADDRESS_DESCRIBES),
      ...this.#create(INTERFACES),
      this.#scope.changeMade(INTERFACE_CHANGES),
      this.#scope.useOurs([MAKE_INTERFACE], this.#scope.ec2("subnet/*")),
      ...addressPermissions(this.#scope, hosts),
    ];
  }

  /** Groups are made in the VPC, and interfaces in its subnets: neither call names both. */
  #useNetwork(addresses: boolean): Statement[] {
    const scope = this.#scope;
    return addresses
      ? [scope.useOurs(["ec2:CreateSecurityGroup", MAKE_INTERFACE], [scope.ec2("vpc/*"), scope.ec2("subnet/*")])]
      : [scope.useOurs(["ec2:CreateSecurityGroup"], scope.ec2("vpc/*"))];
  }

  /** A statement for each of these, and one for the tags of all. */
  #create(...calls: readonly Readonly<Record<string, string>>[]): Statement[] {
    const types = (made: Readonly<Record<string, string>>) =>
      Object.keys(made).map((type) => this.#scope.ec2(`${type}/*`));
    return [
      ...calls.map((made) =>
        this.#scope.create(
          Object.values(made).map((call) => `ec2:${call}`),
          types(made),
        ),
      ),
      this.#scope.tagOnCreate("ec2:CreateTags", calls.flatMap(types), calls.flatMap(Object.values)),
    ];
  }

  /** Tags that come with a creating call are asked for as AddTags (ELB user guide, "tag resources during creation"). */
  #createBalancers(): Statement[] {
    const all = this.#scope.arn("elasticloadbalancing", "*");
    const creating = ["CreateLoadBalancer", "CreateTargetGroup"];
    return [
      this.#scope.create(
        creating.map((call) => `elasticloadbalancing:${call}`),
        all,
      ),
      this.#scope.tagOnCreate(
        "elasticloadbalancing:AddTags",
        all,
        [...creating, "CreateListener"],
        "elasticloadbalancing:CreateAction",
      ),
    ];
  }

  /** Written only for a network that has no overlay. */
  #routes(): Statement[] {
    const scope = this.#scope;
    return [
      scope.useOurs(["ec2:CreateRoute", "ec2:DeleteRoute"], scope.ec2("route-table/*")),
      // Of an instance that one attribute alone: others decide what becomes of its volumes, and whether it can be
      // replaced.
      scope.useOurs(
        ["ec2:ModifyInstanceAttribute"],
        scope.ec2("instance/*"),
        {},
        {
          "ec2:Attribute/SourceDestCheck": "false",
        },
      ),
    ];
  }
}
