import { ec2 } from "../../aws/ec2/client.ts";
import { ensureNatGateways, ensureRouteTables, natGatewayStates, type RouteTablePlan } from "../../aws/ec2/routing.ts";
import { admitAddresses } from "../../aws/ec2/security-groups.ts";
import type { Owner } from "../../domain/cluster/naming.ts";
import { networkOf, subnetIdOf, subnetIdsOf } from "../../domain/cluster/recorded-network.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { pollUntil } from "../../runtime/poll.ts";

export const egressCalls = { ...bind(ec2, { natGatewayStates, ensureRouteTables, ensureNatGateways, admitAddresses }) };

type Collaborators = Deps<typeof egressCalls>;

/**
 * The way out of a cluster's subnets. Public topology: one route table to the internet gateway. Private: a NAT gateway
 * and a route table a zone, so that the loss of a zone takes no other zone's way out. Ends when the gateways carry
 * traffic. What exists stays as it is.
 */
export async function ensureEgress(deps: Collaborators, owner: Owner, cluster: ClusterRecord): Promise<void> {
  const network = networkOf(cluster);
  const outer = cluster.plan.subnets.filter(({ type }) => type !== "private");
  const publicTable: RouteTablePlan = {
    name: "public",
    subnetIds: subnetIdsOf(cluster, outer),
    defaultRoute: { gatewayId: network.internetGatewayId },
  };
  const inner = cluster.plan.subnets.filter(({ type }) => type === "private");
  if (inner.length === 0) return deps.aws.ensureRouteTables(owner, network.vpcId, [publicTable]);

  const utility = outer.map(({ zone, name }): [string, string] => [zone, subnetIdOf(cluster, name)]);
  const [natGateways] = await Promise.all([
    deps.aws.ensureNatGateways(owner, Object.fromEntries(utility)),
    deps.aws.ensureRouteTables(owner, network.vpcId, [publicTable]),
  ]);
  const privateTables = inner.flatMap((subnet): RouteTablePlan[] => {
    const natGatewayId = natGateways[subnet.zone];
    if (natGatewayId === undefined) return [];
    const subnetIds = subnetIdsOf(cluster, [subnet]);
    return [{ name: `private-${subnet.zone}`, subnetIds, defaultRoute: { natGatewayId } }];
  });
  await Promise.all([
    deps.aws.ensureRouteTables(owner, network.vpcId, privateTables),
    network.apiGroupId === undefined ? undefined : deps.aws.admitAddresses(owner, network.apiGroupId, utility.length),
  ]);
  await awaitGateways(deps, owner, Object.values(natGateways));
}

async function awaitGateways(deps: Collaborators, owner: Owner, natGateways: readonly string[]): Promise<void> {
  await pollUntil(
    deps.clock,
    async () => {
      const states = await deps.aws.natGatewayStates(owner);
      const waiting = natGateways.filter((id) => states.get(id) !== "available");
      const failed = waiting.filter((id) => states.get(id) === "failed");
      if (failed.length > 0) throw new Error(`NAT gateway ${failed.join(", ")} failed`);
      return waiting.length === 0 ? true : undefined;
    },
    { waitingFor: "NAT gateways to be available", afterMs: 150, firstMs: 150 },
  );
}
