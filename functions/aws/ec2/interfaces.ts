import { isDeepStrictEqual } from "node:util";
import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInterface,
  paginateDescribeNetworkInterfaces,
} from "@aws-sdk/client-ec2";
import { clientToken, type Owner, TAG } from "../../domain/cluster/naming.ts";
import { interfaceDifferences, requireOwn } from "../../domain/ownership/adoption.ts";
import { interfaceName } from "../../domain/ownership/known-resources.ts";
import { call, present } from "../common/aws-errors.ts";
import { byResource, lookUp, ownedBy, tagDifferencesOf, tagged } from "./client.ts";

export interface InterfaceRequest {
  readonly member: string;
  /** The generation in which the member came to its zone: 1, unless it has moved. */
  readonly home: number;
  readonly subnetId: string;
  /** Undefined: one that is free there, for EC2 to say. */
  readonly address: string | undefined;
  readonly securityGroupIds: readonly string[];
}

export interface MemberInterface {
  readonly interfaceId: string;
  readonly address: string;
}

/** The AWS VPC CNI takes over interfaces that it does not know (docs/references/aws.md#fixed-interface). */
const NO_MANAGE = { "node.k8s.amazonaws.com/no_manage": "true" };

/** The member's network interface, which carries its fixed address (docs/references/aws.md#fixed-interface). */
export async function ensureInterface(
  ec2: EC2Client,
  owner: Owner,
  request: InterfaceRequest,
): Promise<MemberInterface> {
  const { NetworkInterfaces = [] } = await lookUp(owner, () =>
    ec2.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [...ownedBy(owner), { Name: `tag:${TAG.member}`, Values: [request.member] }],
      }),
    ),
  );
  const resource = interfaceName(request.member, request.home);
  const found = NetworkInterfaces.map((item) => ({ ...item, Tags: item.TagSet }));
  const existing = byResource(found, (item) => item.NetworkInterfaceId ?? "").get(resource);
  const tags = { [TAG.member]: request.member, ...NO_MANAGE };
  if (existing) {
    const { SubnetId: subnetId, PrivateIpAddress: address, InterfaceType: type } = existing;
    requireOwn(`network interface ${existing.NetworkInterfaceId}`, owner, [
      ...tagDifferencesOf(owner, resource, existing, tags),
      ...interfaceDifferences(request, { subnetId, address, type }),
    ]);
    await setGroups(ec2, existing, request.securityGroupIds);
    return toMemberInterface(existing);
  }
  const { NetworkInterface } = await call(
    ec2.send(
      new CreateNetworkInterfaceCommand({
        SubnetId: request.subnetId,
        PrivateIpAddress: request.address,
        Groups: [...request.securityGroupIds],
        Description: `master ${request.member} of ${owner.cluster}`,
        ClientToken: clientToken(owner, resource, request.home),
        TagSpecifications: tagged("network-interface", owner, resource, tags),
      }),
    ),
  );
  return toMemberInterface(present(NetworkInterface, "an interface"));
}

function toMemberInterface({ NetworkInterfaceId, PrivateIpAddress }: NetworkInterface): MemberInterface {
  return {
    interfaceId: present(NetworkInterfaceId, "an interface id"),
    address: present(PrivateIpAddress, "an address"),
  };
}

/** The groups of the interfaces of all nodes; those of instances to come are in the launch template. */
export async function setNodeGroups(ec2: EC2Client, owner: Owner, securityGroupIds: readonly string[]): Promise<void> {
  const pages = paginateDescribeNetworkInterfaces(
    { client: ec2, pageSize: 500 },
    { Filters: [...ownedBy(owner), { Name: `tag:${TAG.resource}`, Values: ["interface-of/node"] }] },
  );
  for await (const { NetworkInterfaces = [] } of pages) {
    for (const each of NetworkInterfaces) await setGroups(ec2, each, securityGroupIds);
  }
}

/** Groups take effect at once, on an interface in use as well. */
async function setGroups(ec2: EC2Client, existing: NetworkInterface, request: readonly string[]): Promise<void> {
  const NetworkInterfaceId = present(existing.NetworkInterfaceId, "an interface id");
  const have = (existing.Groups ?? []).map(({ GroupId = "" }) => GroupId);
  if (isDeepStrictEqual(have.toSorted(), [...request].sort())) return;
  await call(ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [...request] })));
}
