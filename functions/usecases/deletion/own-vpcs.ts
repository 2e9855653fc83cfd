import { ec2 } from "../../aws/ec2/client.ts";
import { byTag, find } from "../../aws/ec2/owned.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import { type Claimant, Owned } from "../../domain/ownership/ownership.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { permitEach } from "./permits.ts";

export const ownVpcsCalls = { find: find(ec2) };

/** The cluster's VPCs: one, or none when it is gone or was never made. */
export const vpcsOf = async (deps: Deps<typeof ownVpcsCalls>, claimant: Claimant): Promise<Owned<"vpc">[]> => {
  const found = await deps.aws.find.vpcs(byTag({ key: TAG.uid, value: claimant.uid }));
  return permitEach(found, (each) => Owned.decide(claimant, each)).permitted.map(({ permit }) => permit);
};
