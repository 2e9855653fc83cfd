import { ec2 } from "../../aws/ec2/client.ts";
import { ensureSubnets, listForeignBlocks } from "../../aws/ec2/network.ts";
import { elb } from "../../aws/load-balancing/client.ts";
import { enableZones } from "../../aws/load-balancing/load-balancing.ts";
import { LeaseLost, RequestRefused } from "../../domain/cluster/errors.ts";
import { endpointOf, networkOf, subnetIdsOf } from "../../domain/cluster/recorded-network.ts";
import { type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { explainNoRoom, planFurtherSubnets } from "../../domain/plan/further-subnets.ts";
import type { SubnetPlan } from "../../domain/plan/plan-types.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { egressCalls, ensureEgress } from "../network/egress.ts";

export const provideZonesCalls = {
  ...egressCalls,
  ...bind(ec2, { ensureSubnets, listForeignBlocks }),
  ...bind(elb, { enableZones }),
};

type Collaborators = Deps<typeof provideZonesCalls>;

/**
 * What masters need in zones in which the cluster has nothing yet: subnets, the way out, and the zone's place at the
 * load balancer. May be repeated. Everything has the cluster's tags, so a deletion removes it; the plan and the network
 * name it once it is complete. Zones stay when masters leave them. Throws NotReadyYet while a NAT gateway comes up.
 */
export async function provideZones(
  deps: Collaborators,
  cluster: ClusterRecord,
  zones: readonly string[],
): Promise<ClusterRecord> {
  const owner = ownerOf(cluster);
  const network = networkOf(cluster);
  const further = await furtherSubnets(deps, cluster, zones);
  const ids = further.length === 0 ? {} : await deps.aws.ensureSubnets(owner, network.vpcId, further);
  const provided: ClusterRecord = {
    ...cluster,
    plan: { ...cluster.plan, subnets: [...cluster.plan.subnets, ...further] },
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

/** Subnets of zones that have none. A run that died has made the same ones: its own blocks are not in the way. */
async function furtherSubnets(
  deps: Collaborators,
  cluster: ClusterRecord,
  zones: readonly string[],
): Promise<readonly SubnetPlan[]> {
  const { spec, plan } = cluster;
  const missing = [...new Set(zones)].filter((zone) => !plan.subnets.some((subnet) => subnet.zone === zone));
  if (missing.length === 0) return [];
  const others = await deps.aws.listForeignBlocks(ownerOf(cluster), networkOf(cluster).vpcId);
  const found = planFurtherSubnets(spec, plan.subnets, others, missing);
  if (!found.ok) throw new RequestRefused(explainNoRoom(found, spec.networkCidr));
  return found.subnets;
}
