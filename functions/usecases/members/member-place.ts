import { ensureMemberAddress } from "../../aws/ec2/addresses.ts";
import { ensureInterface, type InterfaceRequest, type MemberInterface } from "../../aws/ec2/interfaces.ts";
import type { Owner } from "../../domain/cluster/naming.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";

export interface MemberPlace extends MemberInterface {
  /** Allocation id of its Elastic IP, in a public topology. */
  readonly addressId?: string;
}

/** Interfaces of the member that the records name; null for none. */
export interface KnownInterfaces {
  /** The one of this place, which "Create network" has made. */
  readonly recorded: string | null;
  /** The one in the zone that the member leaves. */
  readonly former: string | null;
}

/** The member's interface, and in a public topology its Elastic IP, which comes from the former interface after a move. */
export const ensurePlace = async (
  { spec }: ClusterRecord,
  owner: Owner,
  want: InterfaceRequest,
  { recorded, former }: KnownInterfaces,
): Promise<MemberPlace> => {
  const made = await completeInterface(owner, want, recorded);
  if (spec.topology === "private") return made;
  const { member } = want;
  const addressId = await ensureMemberAddress(owner, {
    member,
    interfaceId: made.interfaceId,
    formerInterfaceId: former,
  });
  return { ...made, addressId };
};

/** "Create network" has put it into the cluster's own group only. Where no other is wanted, it is not looked at again. */
const completeInterface = async (
  owner: Owner,
  want: InterfaceRequest,
  recorded: string | null,
): Promise<MemberInterface> => {
  if (!owner.blank || recorded === null) return ensureInterface(owner, want);
  const { address, securityGroupIds } = want;
  if (address !== undefined && securityGroupIds.length === 1) return { interfaceId: recorded, address };
  return ensureInterface({ ...owner, blank: false }, want);
};
