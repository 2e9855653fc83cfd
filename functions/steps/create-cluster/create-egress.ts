import { ec2 } from "../../aws/ec2/client.ts";
import { ensureNatGateways, ensureRouteTables, natGatewayStates, type RouteTablePlan } from "../../aws/ec2/routing.ts";
import { admitAddresses } from "../../aws/ec2/security-groups.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { networkOf, subnetIdsOf } from "../../domain/cluster/recorded-network.ts";
import { type Begun, ownerIn } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { StepInput, type StepRequest, stepHandler } from "../../runtime/handlers.ts";
import { pollUntil } from "../../runtime/poll.ts";
import { system } from "../../runtime/system.ts";

const calls = { ...bind(ec2, { natGatewayStates, ensureRouteTables, ensureNatGateways, admitAddresses }) };

type Collaborators = Deps<typeof calls>;

/**
 * The way out. Public topology: one route table to the internet gateway. Private: a NAT gateway and a route table a
 * zone, so that the loss of a zone takes no other zone's way out. Ends when the gateways carry traffic.
 */
export async function createEgress(deps: Collaborators, { cluster: name }: StepRequest, begun: Begun): Promise<void> {
  const cluster = await deps.store.getCluster(name);
  const owner = ownerIn(cluster, begun);
  const network = networkOf(cluster);
  const outer = cluster.plan.subnets.filter(({ type }) => type !== "private");
  const publicTable: RouteTablePlan = {
    name: "public",
    subnetIds: subnetIdsOf(cluster, outer),
    defaultRoute: { gatewayId: network.internetGatewayId },
  };
  const inner = cluster.plan.subnets.filter(({ type }) => type === "private");
  // A gateway takes minutes: as long as one is on its way, a look is one call.
  if (!begun.first && [...(await deps.aws.natGatewayStates(owner)).values()].includes("pending"))
    throw new NotReadyYet("NAT gateways are not available yet");
  if (inner.length === 0) return deps.aws.ensureRouteTables(owner, network.vpcId, [publicTable]);

  const utility = outer.flatMap(({ zone, name: subnet }): [string, string][] => {
    const id = network.subnets[subnet];
    return id === undefined ? [] : [[zone, id]];
  });
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
  await pollUntil(
    deps.clock,
    async () => {
      const states = await deps.aws.natGatewayStates(owner);
      const waiting = Object.values(natGateways).filter((id) => states.get(id) !== "available");
      const failed = waiting.filter((id) => states.get(id) === "failed");
      if (failed.length > 0) throw new Error(`NAT gateway ${failed.join(", ")} failed`);
      return waiting.length === 0 ? true : undefined;
    },
    { waitingFor: "NAT gateways to be available", afterMs: 150, firstMs: 150 },
  );
}

export const handler = stepHandler("Create egress", StepInput, createEgress, () => ({ ...system, aws: calls }));
