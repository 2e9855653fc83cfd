import { addressAt, parseCidr } from "../network/cidr.ts";
import { POD_CIDR, SERVICE_CIDR } from "../network/networks.ts";
import { pinVersions } from "../releases/pinned-versions.ts";
import { quorumOf } from "../repair/quorum.ts";
import type { ClusterSpec } from "../spec/spec.ts";
import { costOf } from "./cost.ts";
import type { MemberPlan, NodePlan, Plan, PlannedCluster, SubnetPlan } from "./plan-types.ts";
import { spreadNodes } from "./spread-nodes.ts";
import { carveSubnets, homeSubnet, subnetZones } from "./subnets.ts";
import { survivalOf } from "./survival.ts";
import { warningsFor } from "./warnings.ts";

/** Index of a zone's first master address. AWS keeps the first four addresses of a subnet and its last. */
const FIRST_MASTER_ADDRESS = 10;
const MEMBER_NAMES = "abcdefghijklmnopqrstuvwxyz";

/**
 * What a spec means: members, addresses, subnets, nodes, what it survives, what it consists of. `noted` are warnings of
 * the parser that a spec no longer shows (a list of sizes of which one is used); they come first.
 */
export function planCluster(spec: ClusterSpec, noted: readonly string[] = []): PlannedCluster {
  const zones = subnetZones(spec);
  const subnets = carveSubnets(spec.networkCidr, zones, spec.topology);
  const members = planMembers(spec, subnets);
  const nodes = planNodes(spec, subnets);
  const resources = countResources(spec, members, nodes, subnets);
  const plan: Plan = {
    members,
    nodes,
    subnets,
    quorum: { size: members.length, needed: quorumOf(members.length) },
    survives: survivalOf(members, zones),
    network: {
      requested: spec.networking.requested,
      used: spec.networking.used,
      cidr: spec.networkCidr,
      pods: spec.networking.used === "amazonvpc" ? spec.networkCidr : POD_CIDR,
      services: SERVICE_CIDR,
    },
    resources,
    cost: costOf(spec, { ...resources, masters: members.length, zones: zones.length }),
  };
  return { spec, plan, versions: pinVersions(spec), warnings: [...noted, ...warningsFor(spec, plan)] };
}

/** Names and addresses follow the order in which the zones were given; masters of one zone get consecutive addresses. */
function planMembers(spec: ClusterSpec, subnets: readonly SubnetPlan[]): MemberPlan[] {
  return spec.masterZones.map((zone, index) => {
    const earlier = spec.masterZones.slice(0, index).filter((other) => other === zone).length;
    const subnet = homeSubnet(subnets, zone);
    const cidr = parseCidr(subnet.cidr);
    const name = MEMBER_NAMES[index];
    if (!cidr || name === undefined) throw new RangeError(`no place for master number ${index + 1} in ${zone}`);
    return { name, zone, subnet: subnet.name, address: addressAt(cidr, FIRST_MASTER_ADDRESS + earlier) };
  });
}

/** As kops: an even share a zone, the remainder to the zones given first; zones without a node are left out. */
function planNodes(spec: ClusterSpec, subnets: readonly SubnetPlan[]): NodePlan[] {
  return spreadNodes(spec.nodeCount, spec.zones)
    .filter(({ count }) => count > 0)
    .map(({ zone, count }) => ({ zone, count, subnet: homeSubnet(subnets, zone).name }));
}

/** How many there are of each kind of resource. */
export function countResources(
  spec: ClusterSpec,
  members: readonly MemberPlan[],
  nodes: readonly NodePlan[],
  subnets: readonly SubnetPlan[],
) {
  const gateways = subnets.filter((subnet) => subnet.type === "utility").length;
  const groups = members.length + nodes.length;
  return {
    vpcs: 1,
    internetGateways: 1,
    subnets: subnets.length,
    routeTables: 1 + gateways,
    natGateways: gateways,
    // An interface that outlives instances is lent no public address: each master has its own.
    elasticIps: spec.topology === "public" ? members.length : gateways,
    securityGroups: spec.adminAccess === undefined ? 2 : 3,
    loadBalancers: 1,
    targetGroups: 1,
    dnsRecords: spec.dnsZone === undefined ? 0 : 1,
    volumes: members.length,
    networkInterfaces: members.length,
    launchTemplates: members.length + (nodes.length > 0 ? 1 : 0),
    autoScalingGroups: groups,
    instances: members.length + spec.nodeCount,
  };
}
