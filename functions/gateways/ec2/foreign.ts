import { DescribeVpcEndpointsCommand, type NetworkInterface, type Tag } from "@aws-sdk/client-ec2";
import type { ForeignFacts, ForeignInterface, ForeignReference, ForeignThing } from "../../domain/blockers.ts";
import { TAG } from "../../domain/naming.ts";
import { call } from "../aws-errors.ts";
import { ec2, fromTags } from "./client.ts";
import { byTag, inVpcs, list } from "./owned.ts";

/** What is in these VPCs without the owner's tag, or points at the cluster's groups from outside. Reads only. */
export const findForeign = async (uid: string, vpcIds: readonly string[]): Promise<ForeignFacts> => {
  if (vpcIds.length === 0) return { interfaces: [], things: [], references: [] };
  const here = inVpcs(vpcIds);
  const isForeign = (tags: readonly Tag[] | undefined) => fromTags(tags)[TAG.uid] !== uid;
  const [interfaces, subnets, tables, groups, endpoints, references] = await Promise.all([
    list.interfaces(here),
    list.subnets(here),
    list.routeTables(here),
    list.securityGroups(here),
    call(ec2.send(new DescribeVpcEndpointsCommand({ Filters: [here] }))),
    findReferences(uid),
  ]);
  const thing = (what: string, id = "", ownerId = ""): ForeignThing => ({ what, id, ownerId });
  return {
    interfaces: interfaces.filter(({ TagSet }) => isForeign(TagSet)).map(toInterface),
    things: [
      ...subnets
        .filter(({ Tags }) => isForeign(Tags))
        .map(({ SubnetId, OwnerId }) => thing("subnet", SubnetId, OwnerId)),
      ...tables
        .filter(({ Tags, Associations = [] }) => isForeign(Tags) && !Associations.some(({ Main }) => Main))
        .map(({ RouteTableId, OwnerId }) => thing("route table", RouteTableId, OwnerId)),
      ...groups
        .filter(({ Tags, GroupName }) => isForeign(Tags) && GroupName !== "default")
        .map(({ GroupId, OwnerId }) => thing("security group", GroupId, OwnerId)),
      ...(endpoints.VpcEndpoints ?? []).map(({ VpcEndpointId, OwnerId }) =>
        thing("VPC endpoint", VpcEndpointId, OwnerId),
      ),
    ],
    references,
  };
};

const toInterface = (each: NetworkInterface): ForeignInterface => ({
  id: each.NetworkInterfaceId ?? "",
  subnetId: each.SubnetId ?? "",
  type: each.InterfaceType ?? "",
  description: each.Description ?? "",
  ownerId: each.OwnerId ?? "",
  requesterId: each.RequesterManaged ? (each.RequesterId ?? "AWS") : null,
  instanceId: each.Attachment?.InstanceId ?? null,
});

/** Rules of other people's groups that name the cluster's: as long as they stand, those cannot be deleted. */
const findReferences = async (uid: string): Promise<ForeignReference[]> => {
  const own = (await list.securityGroups(byTag({ key: TAG.uid, value: uid }))).flatMap(({ GroupId }) => GroupId ?? []);
  if (own.length === 0) return [];
  const naming = await Promise.all(
    ["ip-permission.group-id", "egress.ip-permission.group-id"].map((Name) =>
      list.securityGroups({ Name, Values: own }),
    ),
  );
  const foreign = naming.flat().filter(({ GroupId }) => !own.includes(GroupId ?? ""));
  return [...new Map(foreign.map((group) => [group.GroupId, group])).values()].map(({ GroupId, OwnerId }) => ({
    groupId: GroupId ?? "",
    names: own.join(" or "),
    ownerId: OwnerId ?? "",
  }));
};
