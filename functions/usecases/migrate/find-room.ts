import { ec2 } from "../../aws/ec2/client.ts";
import { listForeignBlocks } from "../../aws/ec2/network.ts";
import { listVpcBlocks } from "../../aws/ec2/vpc-blocks.ts";
import { networkOf } from "../../domain/cluster/recorded-network.ts";
import { type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { type FurtherSubnets, planFurtherSubnets } from "../../domain/plan/further-subnets.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export const findRoomCalls = { ...bind(ec2, { listForeignBlocks, listVpcBlocks }) };

/**
 * Subnets of zones that have none, and the blocks that the VPC has. A run that died has made the same ones: its own subnets
 * are not in the way, and a block that it added has room for them.
 */
export async function findRoom(
  deps: Deps<typeof findRoomCalls>,
  cluster: ClusterRecord,
  zones: readonly string[],
): Promise<{ readonly found: FurtherSubnets; readonly blocks: readonly string[] }> {
  const { spec, plan } = cluster;
  const missing = [...new Set(zones)].filter((zone) => !plan.subnets.some((subnet) => subnet.zone === zone));
  if (missing.length === 0) return { found: { ok: true, subnets: [], addedBlocks: [] }, blocks: [] };
  const { vpcId } = networkOf(cluster);
  const [others, blocks] = await Promise.all([
    deps.aws.listForeignBlocks(ownerOf(cluster), vpcId),
    deps.aws.listVpcBlocks(vpcId),
  ]);
  return { found: planFurtherSubnets(spec, { plan, blocks, others }, missing), blocks };
}
