import type { EC2Client } from "@aws-sdk/client-ec2";
import { DescribeVpcEndpointsCommand, type NetworkInterface } from "@aws-sdk/client-ec2";
import { TAG } from "../../domain/cluster/naming.ts";
import type { ForeignFacts, ForeignInterface, ForeignReference, ForeignThing } from "../../domain/deletion/blockers.ts";
import { type Candidate, Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import { call } from "../common/aws-errors.ts";
import { byTag, find, inVpcs, list } from "./owned.ts";

/** What is in the cluster's VPCs and is not the cluster's, or points at its groups from outside. Reads only. */
export async function findForeign(
  ec2: EC2Client,
  owningCluster: OwningCluster,
  vpcs: readonly Owned<"vpc">[],
): Promise<ForeignFacts> {
  if (vpcs.length === 0) return { interfaces: [], things: [], references: [] };
  const here = inVpcs(vpcs.map(({ id }) => id));
  const isForeign = (candidate: Candidate) => !(Owned.decide(owningCluster, candidate) instanceof Owned);
  const [interfaces, subnets, tables, groups, endpoints, references] = await Promise.all([
    find(ec2).interfaces(here),
    find(ec2).subnets(here),
    find(ec2).routeTables(here),
    find(ec2).securityGroups(here),
    call(ec2.send(new DescribeVpcEndpointsCommand({ Filters: [here] }))),
    findReferences(ec2, owningCluster),
  ]);
  const thing = (what: string, id = "", ownerId = ""): ForeignThing => ({ what, id, ownerId });
  return {
    interfaces: interfaces.filter(isForeign).map(({ item }) => toInterface(item)),
    things: [
      ...subnets.filter(isForeign).map(({ id, item }) => thing("subnet", id, item.OwnerId)),
      ...tables
        .filter((table) => isForeign(table) && !(table.item.Associations ?? []).some(({ Main }) => Main))
        .map(({ id, item }) => thing("route table", id, item.OwnerId)),
      ...groups
        .filter((group) => isForeign(group) && group.item.GroupName !== "default")
        .map(({ id, item }) => thing("security group", id, item.OwnerId)),
      ...(endpoints.VpcEndpoints ?? []).map(({ VpcEndpointId, OwnerId }) =>
        thing("VPC endpoint", VpcEndpointId, OwnerId),
      ),
    ],
    references,
  };
}

function toInterface(each: NetworkInterface): ForeignInterface {
  return {
    id: each.NetworkInterfaceId ?? "",
    subnetId: each.SubnetId ?? "",
    type: each.InterfaceType ?? "",
    description: each.Description ?? "",
    ownerId: each.OwnerId ?? "",
    requesterId: each.RequesterManaged ? (each.RequesterId ?? "AWS") : null,
    instanceId: each.Attachment?.InstanceId ?? null,
    endsWithInstance: each.Attachment?.DeleteOnTermination ?? false,
  };
}

/** Rules of other people's groups that name the cluster's: as long as they stand, those cannot be deleted. */
async function findReferences(ec2: EC2Client, owningCluster: OwningCluster): Promise<ForeignReference[]> {
  const tagged = await find(ec2).securityGroups(byTag({ key: TAG.uid, value: owningCluster.uid }));
  const own = tagged.filter((group) => Owned.decide(owningCluster, group) instanceof Owned).map(({ id }) => id);
  if (own.length === 0) return [];
  const naming = await Promise.all(
    ["ip-permission.group-id", "egress.ip-permission.group-id"].map((Name) =>
      list(ec2).securityGroups({ Name, Values: own }),
    ),
  );
  const foreign = naming.flat().filter(({ GroupId }) => !own.includes(GroupId ?? ""));
  return [...new Map(foreign.map((group) => [group.GroupId, group])).values()].map(({ GroupId, OwnerId }) => ({
    groupId: GroupId ?? "",
    names: own.join(" or "),
    ownerId: OwnerId ?? "",
  }));
}
