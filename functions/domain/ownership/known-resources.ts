import type { ClusterRecord, MemberRecord, NetworkRecord } from "../cluster/records.ts";
import type { OwningCluster } from "./ownership.ts";

/** Who asks, with what the records know: ids of the network, of the endpoint, and of what members have now. */
export function owningClusterOf(cluster: ClusterRecord, members: readonly MemberRecord[] = []): OwningCluster {
  return {
    cluster: cluster.name,
    uid: cluster.uid,
    createdAt: cluster.createdAt,
    known: new Map([...knownOfCluster(cluster), ...members.flatMap(knownOfMember)]),
  };
}

function knownOfCluster({ network, endpoint }: ClusterRecord): [string, string][] {
  return [
    ...(network ? idsOfNetwork(network) : []),
    ...(endpoint
      ? entries({ "load-balancer": endpoint.loadBalancerArn, "target-group": endpoint.targetGroupArn })
      : []),
  ];
}

function idsOfNetwork({ vpcId, internetGatewayId, subnets, ...groups }: NetworkRecord): [string, string][] {
  return [
    ...entries({ vpc: vpcId, "internet-gateway": internetGatewayId }),
    ...entries({
      "security-group/masters": groups.masterGroupId,
      "security-group/nodes": groups.nodeGroupId,
      "security-group/api": groups.apiGroupId ?? null,
    }),
    ...Object.entries(subnets).map(([name, id]): [string, string] => [`subnet/${name}`, id]),
  ];
}

function knownOfMember(record: MemberRecord): [string, string][] {
  const { member, generation, home = 1, volumeId, interfaceId, addressId = null } = record;
  return entries({
    [volumeName(member, generation)]: volumeId,
    [interfaceName(member, home)]: interfaceId,
    [addressName(member)]: addressId,
  });
}

function entries(ids: Readonly<Record<string, string | null>>): [string, string][] {
  return Object.entries(ids).flatMap(([name, id]) => (id === null ? [] : [[name, id] satisfies [string, string]]));
}

/** Logical name of a member's volume of this generation. */
export function volumeName(member: string, generation: number): string {
  return generation === 1 ? `volume/${member}` : `volume/${member}/${generation}`;
}

/** Logical name of a member's interface, by the generation in which it came to its zone. */
export function interfaceName(member: string, home: number): string {
  return home === 1 ? `interface/${member}` : `interface/${member}/${home}`;
}

/**
 * Logical name of a member's Elastic IP, which it keeps when it moves. Those of NAT gateways are named after their
 * zones.
 */
export function addressName(member: string): string {
  return `address/master-${member}`;
}
