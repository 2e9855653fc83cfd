import { ec2 } from "../../aws/ec2/client.ts";
import { byTag, find } from "../../aws/ec2/owned.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import { Owned, type OwningCluster } from "../../domain/ownership/ownership.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { checkOwnership } from "./check-ownership.ts";

export const ownVpcsCalls = { find: find(ec2) };

/** The cluster's VPCs: one, or none when it is gone or was never made. */
export async function vpcsOf(deps: Deps<typeof ownVpcsCalls>, owningCluster: OwningCluster): Promise<Owned<"vpc">[]> {
  const found = await deps.aws.find.vpcs(byTag({ key: TAG.uid, value: owningCluster.uid }));
  return checkOwnership(found, (each) => Owned.decide(owningCluster, each)).permitted.map(({ owned }) => owned);
}
