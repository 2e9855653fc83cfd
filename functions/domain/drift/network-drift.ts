import { masterTemplateName, nodeTemplateName } from "../cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, type NetworkRecord, ownerOf } from "../cluster/records.ts";
import { apiFlow, clusterFlows, type FlowRule, type GroupKind } from "../network/flows.ts";
import { addressName } from "../ownership/known-resources.ts";
import type { Drift } from "./drift-records.ts";

/** One ingress rule of a security group, for one peer. */
export interface RuleFacts {
  readonly protocol: string;
  /** Absent where the protocol has none. */
  readonly ports?: readonly [number, number];
  /** A CIDR, or the id of another group. */
  readonly peer: string;
}

/** Something of EC2 that says by its tags whose it is, and what. */
interface Named {
  readonly uid: string;
  /** Its logical name: `nat-gateway/us-west-2a`. */
  readonly name: string;
}

export interface RouteTableFacts extends Named {
  readonly subnetIds: readonly string[];
  readonly defaultRoute: { readonly target: string; readonly active: boolean } | null;
}

/** What EC2 has of clusters' networks: of one cluster, or of all. */
export interface NetworkFacts {
  readonly groups: ReadonlyMap<string, readonly RuleFacts[]>;
  readonly routeTables: readonly RouteTableFacts[];
  readonly natGateways: readonly (Named & { readonly state: string })[];
  readonly addresses: readonly (Named & { readonly publicIp: string; readonly interfaceId: string | null })[];
  /** Names of launch templates. */
  readonly templates: ReadonlySet<string>;
}

/** How a cluster's network differs from what was made. Only what is missing counts: what others added is theirs. */
export function findNetworkDrift(
  cluster: ClusterRecord,
  members: readonly MemberRecord[],
  facts: NetworkFacts,
): Drift[] {
  const { network } = cluster;
  if (!network) return [];
  return [
    ...findGroups(cluster, network, facts),
    ...findGateways(cluster, facts),
    ...findRoutes(cluster, network, facts),
    ...findTemplates(cluster, facts),
    ...findAddresses(cluster, members, facts),
  ];
}

function drift(key: string, message: string): Drift {
  return { key, area: "network", message };
}

function findGroups(cluster: ClusterRecord, network: NetworkRecord, facts: NetworkFacts): Drift[] {
  const ids: Readonly<Record<GroupKind, string | undefined>> = {
    masters: network.masterGroupId,
    nodes: network.nodeGroupId,
    api: network.apiGroupId,
  };
  const missing = Object.entries(ids)
    .filter(([, id]) => id !== undefined && !facts.groups.has(id))
    .map(([kind, id]) =>
      drift(`security-group/${kind}`, `security group ${id} (${kind}) is gone, or has lost its tags`),
    );
  const lacking = flowsOf(cluster, facts).flatMap((flow) => {
    const id = ids[flow.to];
    const rules = id === undefined ? undefined : facts.groups.get(id);
    const wanted = wantedRule(flow, ids);
    if (!rules || rules.some((rule) => isSame(rule, wanted))) return [];
    const key = `rule/${flow.to}/${wanted.protocol}/${wanted.ports?.join("-") ?? "all"}/${wanted.peer}`;
    return [drift(key, `security group ${id} (${flow.to}) lacks the rule "${flow.why}": ${describe(flow)}`)];
  });
  return [...missing, ...lacking];
}

/** EC2 lets none of them go while a subnet lies in it. */
function blocksOf({ spec, plan }: ClusterRecord): string[] {
  return [spec.networkCidr, ...(plan.network.furtherCidrs ?? [])];
}

/** ICMP came later: clusters that were made before it do not have that rule, and are whole without it. */
function flowsOf(cluster: ClusterRecord, { addresses }: NetworkFacts): FlowRule[] {
  const { spec, uid } = cluster;
  const gateways = zonesWithGateway(cluster).map((zone) => `address/${zone}`);
  const natAddresses = addresses.filter((address) => address.uid === uid && gateways.includes(address.name));
  return [
    ...clusterFlows(blocksOf(cluster), spec.adminAccess).filter(({ protocol }) => protocol !== "icmp"),
    ...(spec.adminAccess === undefined
      ? []
      : natAddresses.map(({ publicIp }) => apiFlow(`${publicIp}/32`, "the cluster itself, by a NAT gateway"))),
  ];
}

function wantedRule({ protocol, ports, from }: FlowRule, ids: Readonly<Record<string, string | undefined>>): RuleFacts {
  return {
    protocol,
    ...(ports && { ports }),
    peer: typeof from === "string" ? (ids[from] ?? "") : from.cidr,
  };
}

function isSame(one: RuleFacts, other: RuleFacts): boolean {
  return one.protocol === other.protocol && one.peer === other.peer && String(one.ports) === String(other.ports);
}

function describe({ protocol, ports, from }: FlowRule): string {
  const range = ports && (ports[0] === ports[1] ? ` ${ports[0]}` : ` ${ports[0]}-${ports[1]}`);
  return `${protocol === "-1" ? "all" : protocol.toUpperCase()}${range ?? ""} from ${typeof from === "string" ? from : from.cidr}`;
}

/** Zones with a way out of their own: those of private topology. */
function zonesWithGateway({ plan }: ClusterRecord): string[] {
  return [...new Set(plan.subnets.filter(({ type }) => type === "private").map(({ zone }) => zone))];
}

function hasGateway({ uid }: ClusterRecord, { natGateways }: NetworkFacts, zone: string): boolean {
  return natGateways.some(
    (each) => each.uid === uid && each.name === `nat-gateway/${zone}` && /^(pending|available)$/.test(each.state),
  );
}

function findGateways(cluster: ClusterRecord, facts: NetworkFacts): Drift[] {
  return zonesWithGateway(cluster).flatMap((zone) => {
    const hasAddress = facts.addresses.some(({ uid, name }) => uid === cluster.uid && name === `address/${zone}`);
    return [
      ...(hasGateway(cluster, facts, zone)
        ? []
        : [drift(`nat-gateway/${zone}`, `the NAT gateway of ${zone} is gone: its machines have no way out`)]),
      ...(hasAddress
        ? []
        : [drift(`address/${zone}`, `the Elastic IP address of the NAT gateway of ${zone} was released`)]),
    ];
  });
}

/** Elastic IPs of masters in a public topology. The reconcile gives them back within a minute. */
function findAddresses(
  { spec, uid }: ClusterRecord,
  members: readonly MemberRecord[],
  { addresses }: NetworkFacts,
): Drift[] {
  if (spec.topology !== "public") return [];
  return members.flatMap(({ member, interfaceId }) => {
    const own = addresses.find((each) => each.uid === uid && each.name === addressName(member));
    const key = addressName(member);
    if (!own) return [drift(key, `the Elastic IP of master ${member} was released, or has lost its tags`)];
    if (interfaceId === null || own.interfaceId === interfaceId) return [];
    return [
      drift(key, `the Elastic IP ${own.publicIp} of master ${member} was taken from its interface ${interfaceId}`),
    ];
  });
}

function findRoutes(cluster: ClusterRecord, network: NetworkRecord, facts: NetworkFacts): Drift[] {
  const { subnets } = cluster.plan;
  const tables = [
    { table: "public", zone: undefined, of: subnets.filter(({ type }) => type !== "private") },
    ...zonesWithGateway(cluster).map((zone) => ({
      table: `private-${zone}`,
      zone,
      of: subnets.filter((subnet) => subnet.type === "private" && subnet.zone === zone),
    })),
  ];
  return tables.flatMap(({ table, zone, of }) => {
    const found = facts.routeTables.find(({ uid, name }) => uid === cluster.uid && name === `route-table/${table}`);
    if (!found) return [drift(`route-table/${table}`, `route table ${table} is gone, or has lost its tags`)];
    const apart = of.filter(({ name }) => !found.subnetIds.includes(network.subnets[name] ?? ""));
    const { defaultRoute } = found;
    // Without the gateway its route leads nowhere: that is said once.
    const isOpen = defaultRoute?.active || (zone !== undefined && defaultRoute && !hasGateway(cluster, facts, zone));
    return [
      ...apart.map(({ name }) =>
        drift(`route-table/${table}/${name}`, `subnet ${name} does not use its route table ${table}`),
      ),
      ...(isOpen ? [] : [drift(`route/${table}`, `route table ${table} has no default route that leads anywhere`)]),
    ];
  });
}

function findTemplates(cluster: ClusterRecord, { templates }: NetworkFacts): Drift[] {
  const owner = ownerOf(cluster);
  const wanted = [
    ...cluster.plan.members.map(({ name }) => masterTemplateName(owner, name)),
    ...(cluster.spec.nodeCount === 0 ? [] : [nodeTemplateName(owner)]),
  ];
  return wanted
    .filter((name) => !templates.has(name))
    .map((name) => drift(`launch-template/${name}`, `launch template ${name} is gone, or has lost its tags`));
}
