import type { Owner } from "../domain/naming.ts";
import type { ClusterRecord } from "../domain/records.ts";
import { ensureMemberAddress } from "../gateways/ec2/addresses.ts";
import { ensureInterface, type InterfaceRequest, type MemberInterface } from "../gateways/ec2/interfaces.ts";

export interface MemberPlace extends MemberInterface {
  /** Allocation id of its Elastic IP, in a public topology. */
  readonly addressId?: string;
}

/** The member's interface, and in a public topology its Elastic IP, which comes from the `former` interface after a move. */
export const ensurePlace = async (
  { spec }: ClusterRecord,
  owner: Owner,
  want: InterfaceRequest,
  former: string | null = null,
): Promise<MemberPlace> => {
  const made = await ensureInterface(owner, want);
  if (spec.topology === "private") return made;
  const { member } = want;
  const addressId = await ensureMemberAddress(owner, {
    member,
    interfaceId: made.interfaceId,
    formerInterfaceId: former,
  });
  return { ...made, addressId };
};
