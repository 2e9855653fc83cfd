import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { contains, formatNetwork, type Network, overlaps, parseNetwork } from "../engine/cidr.ts";
import type { Engine } from "../engine/engine.ts";
import { notEmulated, required } from "../engine/errors.ts";
import type { Vpc } from "../engine/state-network.ts";
import { networkOf } from "./vpc-networks.ts";

/** The default quota of AWS. */
const MAX_BLOCKS = 5;
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(wellKnown);
/** Reserved by AWS beside private blocks. */
const [BESIDE_LOWEST, LOWEST, DEFAULT_VPC, BENCHMARKS, LINK_LOCAL] = [
  ...["10.0.0.0/15", "10.0.0.0/16", "172.31.0.0/16", "198.19.0.0/16", "169.254.0.0/16"],
].map(wellKnown);

type Block = Vpc["furtherBlocks"][number];

function wellKnown(cidr: string): Network {
  const network = parseNetwork(cidr);
  if (!network) throw new RangeError(cidr);
  return network;
}

/** Blocks in which subnets may be made. */
export function blocksOf(engine: Engine, vpc: Vpc): string[] {
  const associated = vpc.furtherBlocks.filter((block) => stateOf(engine, block) === "associated");
  return [vpc.cidr, ...associated.map(({ cidr }) => cidr)];
}

export function blockViews(engine: Engine, vpc: Vpc): ec2.VpcCidrBlockAssociation[] {
  const first = { id: vpc.id.replace(/^vpc-/, "vpc-cidr-assoc-"), cidr: vpc.cidr };
  return [
    { AssociationId: first.id, CidrBlock: first.cidr, CidrBlockState: { State: "associated" } },
    ...vpc.furtherBlocks.map((block) => viewOf(engine, block)),
  ];
}

function viewOf(engine: Engine, block: Block): ec2.VpcCidrBlockAssociation {
  return { AssociationId: block.id, CidrBlock: block.cidr, CidrBlockState: { State: stateOf(engine, block) } };
}

function stateOf({ context, timings }: Engine, { createdAt }: Block): "associating" | "associated" {
  return context.clock.now() - createdAt < timings.networkPending ? "associating" : "associated";
}

/**
 * Of the same private range as the VPC's first block, and in none of the reserved ones: VPC user guide, "IPv4 CIDR block
 * association restrictions". Its words stand in a message of the API.
 */
function checkRange(vpc: Vpc, block: Network, cidr: string): void {
  const first = networkOf(vpc.cidr, "InvalidVpc.Range");
  const isIn = (range: Network | undefined) => range !== undefined && overlaps(range, block);
  const own = PRIVATE.find((range) => contains(range, first));
  const has = [vpc.cidr, ...vpc.furtherBlocks.map((each) => each.cidr)].map((each) =>
    networkOf(each, "InvalidVpc.Range"),
  );
  const isRestricted =
    PRIVATE.some((range) => range !== own && isIn(range)) ||
    [BENCHMARKS, LINK_LOCAL].some(isIn) ||
    (own === PRIVATE[1] && isIn(DEFAULT_VPC)) ||
    (isIn(LOWEST) && has.some((each) => BESIDE_LOWEST !== undefined && overlaps(BESIDE_LOWEST, each)));
  if (!isRestricted) return;
  const why =
    "Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR. For additional " +
    "restrictions, see https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Subnets.html";
  throw new AwsError("InvalidVpc.Range", `The CIDR '${cidr}' is restricted. ${why}`);
}

export function vpcBlockHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store, context } = engine;
  return {
    AssociateVpcCidrBlock(input) {
      const vpc = store.vpcs.get(required(input.VpcId, "VpcId"));
      if (input.CidrBlock === undefined) throw notEmulated("IPv6 and address pools");
      const block = networkOf(input.CidrBlock, "InvalidVpc.Range");
      const cidr = formatNetwork(block);
      const has = [vpc.cidr, ...vpc.furtherBlocks.map((each) => each.cidr)];
      if (has.some((each) => overlaps(networkOf(each, "InvalidVpc.Range"), block))) {
        throw new AwsError("InvalidVpc.Range", `The CIDR '${cidr}' conflicts with another CIDR of ${vpc.id}`);
      }
      checkRange(vpc, block, cidr);
      if (has.length >= MAX_BLOCKS) {
        const message = `This network '${vpc.id}' has met its maximum number of allowed CIDRs: ${MAX_BLOCKS}`;
        throw new AwsError("CidrLimitExceeded", message);
      }
      const added = { id: context.id("vpc-cidr-assoc"), cidr, createdAt: context.clock.now() };
      vpc.furtherBlocks.push(added);
      return { VpcId: vpc.id, CidrBlockAssociation: viewOf(engine, added) };
    },

    DisassociateVpcCidrBlock(input) {
      const id = required(input.AssociationId, "AssociationId");
      const vpc = store.vpcs.list().find((each) => blockViews(engine, each).some((view) => view.AssociationId === id));
      const block = vpc?.furtherBlocks.find((each) => each.id === id);
      if (!vpc) {
        throw new AwsError(
          "InvalidVpcCidrBlockAssociationID.NotFound",
          `The vpc CIDR block association ID '${id}' does not exist`,
        );
      }
      if (!block) {
        const message = `The vpc CIDR block with association ID ${id} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`;
        throw new AwsError("OperationNotPermitted", message);
      }
      const network = networkOf(block.cidr, "InvalidVpc.Range");
      const subnets = store.subnets.list().filter(({ vpcId }) => vpcId === vpc.id);
      if (subnets.some(({ cidr }) => contains(network, networkOf(cidr, "InvalidSubnet.Range")))) {
        throw new AwsError("CidrInUse", `The CIDR ${block.cidr} is in use: a subnet of ${vpc.id} lies in it`);
      }
      vpc.furtherBlocks = vpc.furtherBlocks.filter((each) => each !== block);
      const view = { ...viewOf(engine, block), CidrBlockState: { State: "disassociating" as const } };
      return { VpcId: vpc.id, CidrBlockAssociation: view };
    },
  };
}
