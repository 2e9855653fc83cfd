import { ec2 } from "../../aws/ec2/client.ts";
import { ensureSubnets } from "../../aws/ec2/network.ts";
import { admitFlows } from "../../aws/ec2/security-groups.ts";
import { ensureVpcBlocks } from "../../aws/ec2/vpc-blocks.ts";
import { elb } from "../../aws/load-balancing/client.ts";
import { enableZones } from "../../aws/load-balancing/load-balancing.ts";
import { LeaseLost, RequestRefused } from "../../domain/cluster/errors.ts";
import { endpointOf, networkOf, subnetIdsOf } from "../../domain/cluster/recorded-network.ts";
import { type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { contains, parseCidr } from "../../domain/network/cidr.ts";
import { blockFlows } from "../../domain/network/flows.ts";
import { explainNoRoom } from "../../domain/plan/further-subnets.ts";
import type { SubnetPlan } from "../../domain/plan/plan-types.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { egressCalls, ensureEgress } from "../network/egress.ts";
import { findRoom, findRoomCalls } from "./find-room.ts";

export const provideZonesCalls = {
  ...egressCalls,
  ...findRoomCalls,
  ...bind(ec2, { ensureSubnets, ensureVpcBlocks, admitFlows }),
  ...bind(elb, { enableZones }),
};

type Collaborators = Deps<typeof provideZonesCalls>;

/**
 * What masters need in zones in which the cluster has nothing yet: subnets, the way out, and the zone's place at the
 * load balancer; and a further block of the VPC if it is full. May be repeated. Everything has the cluster's tags, so a deletion removes it; the plan and the network
 * name it once it is complete. Zones stay when masters leave them. Throws NotReadyYet while a NAT gateway comes up.
 */
export async function provideZones(
  deps: Collaborators,
  cluster: ClusterRecord,
  zones: readonly string[],
): Promise<ClusterRecord> {
  const owner = ownerOf(cluster);
  const network = networkOf(cluster);
  const { found, blocks } = await findRoom(deps, cluster, zones);
  if (!found.ok) throw new RequestRefused(explainNoRoom(found, blocks));
  const { subnets: further, addedBlocks } = found;
  await deps.aws.ensureVpcBlocks(network.vpcId, addedBlocks);
  const ids = further.length === 0 ? {} : await deps.aws.ensureSubnets(owner, network.vpcId, further);
  const furtherCidrs = furtherBlocks(cluster, [...blocks, ...addedBlocks], further);
  const groups = { masters: network.masterGroupId, nodes: network.nodeGroupId, api: network.apiGroupId };
  const flows = furtherCidrs.flatMap((block) => blockFlows(block, cluster.spec.adminAccess));
  if (further.length > 0) await deps.aws.admitFlows(flows, groups);
  const provided: ClusterRecord = {
    ...cluster,
    plan: {
      ...cluster.plan,
      subnets: [...cluster.plan.subnets, ...further],
      ...(furtherCidrs.length === 0 ? {} : { network: { ...cluster.plan.network, furtherCidrs } }),
    },
    network: { ...network, subnets: { ...network.subnets, ...ids } },
  };
  if (further.length > 0) await ensureEgress(deps, owner, provided);
  const face = cluster.spec.apiLoadBalancerType === "internal" ? "utility" : "private";
  const facing = provided.plan.subnets.filter(({ type }) => type !== face);
  await deps.aws.enableZones(owner, endpointOf(cluster).loadBalancerArn, subnetIdsOf(provided, facing));
  if (further.length === 0) return cluster;
  if (cluster.operation === null) throw new LeaseLost(`no operation holds ${cluster.name}`);
  const { plan, network: recorded } = provided;
  await deps.store.updateCluster(cluster.name, cluster.operation, { plan, network: recorded }, deps.clock.now());
  return provided;
}

/** Blocks beside the first one in which subnets lie. */
function furtherBlocks(
  { plan: { network } }: ClusterRecord,
  blocks: readonly string[],
  subnets: readonly SubnetPlan[],
) {
  const isUsed = (block: string) => {
    const outer = parseCidr(block);
    return subnets.some(({ cidr }) => {
      const inner = parseCidr(cidr);
      return outer !== null && inner !== null && contains(outer, inner);
    });
  };
  return [...new Set([...(network.furtherCidrs ?? []), ...blocks.slice(1).filter(isUsed)])];
}
