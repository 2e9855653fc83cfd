import {
  type Address,
  AllocateAddressCommand,
  AssociateAddressCommand,
  DescribeAddressesCommand,
} from "@aws-sdk/client-ec2";
import { type Owner, TAG } from "../../domain/cluster/naming.ts";
import { addressDifferences, requireOwn } from "../../domain/ownership/adoption.ts";
import { addressName } from "../../domain/ownership/known-resources.ts";
import { call, present } from "../common/aws-errors.ts";
import type { Ec2 } from "./client.ts";
import { byResource, createOnce, lookUp, ownedBy, tagDifferencesOf, tagged } from "./client.ts";

export interface AddressRequest {
  readonly member: string;
  readonly interfaceId: string;
  /** The interface that the member had in a zone that it leaves: its address comes from there. */
  readonly formerInterfaceId?: string | null;
}

/**
 * The member's Elastic IP, which stays with its interface across instances. A subnet lends addresses only to interfaces
 * that are made with an instance, and an internet gateway drops what an interface without a public address sends.
 */
export async function ensureMemberAddress(ec2: Ec2, owner: Owner, request: AddressRequest): Promise<string> {
  const { Addresses = [] } = await lookUp(owner, () =>
    ec2.send(new DescribeAddressesCommand({ Filters: ownedBy(owner) })),
  );
  const found = byResource(Addresses, ({ AllocationId }) => AllocationId ?? "").get(addressName(request.member));
  if (found) requireOwnAddress(owner, request, found);
  const AllocationId = found?.AllocationId ?? (await allocate(ec2, owner, request.member));
  if (found?.NetworkInterfaceId !== request.interfaceId) {
    await call(ec2.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId: request.interfaceId })));
  }
  return AllocationId;
}

async function allocate(ec2: Ec2, owner: Owner, member: string): Promise<string> {
  const TagSpecifications = tagged("elastic-ip", owner, addressName(member), { [TAG.member]: member });
  const { AllocationId } = await createOnce(
    ec2.once.send(new AllocateAddressCommand({ Domain: "vpc", TagSpecifications })),
  );
  return present(AllocationId, "an allocation id");
}

function requireOwnAddress(owner: Owner, request: AddressRequest, found: Address): void {
  const { member, interfaceId, formerInterfaceId = null } = request;
  requireOwn(`address ${found.AllocationId}`, owner, [
    ...tagDifferencesOf(owner, addressName(member), found, { [TAG.member]: member }),
    ...addressDifferences([interfaceId, formerInterfaceId], { interfaceId: found.NetworkInterfaceId }),
  ]);
}
