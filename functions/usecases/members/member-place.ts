import { ensureMemberAddress } from "../../aws/ec2/addresses.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { ensureInterface, type InterfaceRequest, type MemberInterface } from "../../aws/ec2/interfaces.ts";
import type { Owner } from "../../domain/cluster/naming.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export const memberPlaceCalls = { ...bind(ec2, { ensureMemberAddress, ensureInterface }) };

type Collaborators = Deps<typeof memberPlaceCalls>;

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

/**
 * The member's interface, and in a public topology its Elastic IP, which comes from the former interface after a move.
 */
export async function ensurePlace(
  deps: Collaborators,
  { spec }: ClusterRecord,
  owner: Owner,
  request: InterfaceRequest,
  { recorded, former }: KnownInterfaces,
): Promise<MemberPlace> {
  const made = await completeInterface(deps, owner, request, recorded);
  if (spec.topology === "private") return made;
  const { member } = request;
  const addressId = await deps.aws.ensureMemberAddress(owner, {
    member,
    interfaceId: made.interfaceId,
    formerInterfaceId: former,
  });
  return { ...made, addressId };
}

/**
 * "Create network" has put it into the cluster's own group only. Where no other is wanted, it is not looked at again.
 */
async function completeInterface(
  deps: Collaborators,
  owner: Owner,
  request: InterfaceRequest,
  recorded: string | null,
): Promise<MemberInterface> {
  if (!owner.blank || recorded === null) return deps.aws.ensureInterface(owner, request);
  const { address, securityGroupIds } = request;
  if (address !== undefined && securityGroupIds.length === 1) return { interfaceId: recorded, address };
  return deps.aws.ensureInterface({ ...owner, blank: false }, request);
}
