import { AssociateVpcCidrBlockCommand, DescribeVpcsCommand, type VpcCidrBlockAssociation } from "@aws-sdk/client-ec2";
import { NotReadyYet, RequestRefused } from "../../domain/cluster/errors.ts";
import { call } from "../common/aws-errors.ts";
import { createOnce, type Ec2 } from "./client.ts";

/** Address blocks of a VPC, its first one first; those that are being added among them. */
export async function listVpcBlocks(ec2: Ec2, vpcId: string): Promise<string[]> {
  const { first, associations } = await describe(ec2, vpcId);
  const blocks = associations
    .filter((each) => /^associat/.test(stateOf(each)))
    .flatMap(({ CidrBlock }) => CidrBlock ?? []);
  return [...new Set([...first, ...blocks])];
}

/** Adds these blocks to a VPC. Throws NotReadyYet until subnets can be made in them. */
export async function ensureVpcBlocks(ec2: Ec2, vpcId: string, blocks: readonly string[]): Promise<void> {
  if (blocks.length === 0) return;
  const { associations } = await describe(ec2, vpcId);
  for (const CidrBlock of blocks) {
    const states = associations.filter((each) => each.CidrBlock === CidrBlock).map(stateOf);
    if (states.includes("associated")) continue;
    if (states.includes("failed")) throw new RequestRefused(`EC2 could not add ${CidrBlock} to ${vpcId}`);
    // Without a token: whether an answer that was lost took effect, the next run sees.
    if (!states.includes("associating"))
      await createOnce(ec2.once.send(new AssociateVpcCidrBlockCommand({ VpcId: vpcId, CidrBlock })));
  }
  const after = (await describe(ec2, vpcId)).associations;
  const waiting = blocks.filter(
    (block) => !after.some((each) => each.CidrBlock === block && stateOf(each) === "associated"),
  );
  if (waiting.length > 0) throw new NotReadyYet(`${waiting.join(", ")} is being added to ${vpcId}`);
}

async function describe(ec2: Ec2, vpcId: string) {
  const { Vpcs: [vpc] = [] } = await call(ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId] })));
  return {
    first: vpc?.CidrBlock === undefined ? [] : [vpc.CidrBlock],
    associations: vpc?.CidrBlockAssociationSet ?? [],
  };
}

function stateOf({ CidrBlockState }: VpcCidrBlockAssociation): string {
  return CidrBlockState?.State ?? "";
}
