import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  type Subnet,
} from "@aws-sdk/client-ec2";
import { type Owner, TAG } from "../../domain/cluster/naming.ts";
import {
  internetGatewayDifferences,
  requireOwn,
  type SubnetFacts,
  subnetDifferences,
  vpcDifferences,
} from "../../domain/ownership/adoption.ts";
import type { SubnetPlan } from "../../domain/plan/plan-types.ts";
import { call, ignoring, present } from "../common/aws-errors.ts";
import type { Ec2 } from "./client.ts";
import { byResource, createOnce, fromTags, lookUp, ownedBy, tagDifferencesOf, tagged } from "./client.ts";

export async function ensureVpc(ec2: Ec2, owner: Owner, cidr: string): Promise<string> {
  const { Vpcs = [] } = await lookUp(owner, () => ec2.send(new DescribeVpcsCommand({ Filters: ownedBy(owner) })));
  const found = byResource(Vpcs, ({ VpcId }) => VpcId ?? "").get("vpc");
  if (found) {
    const differences = vpcDifferences(cidr, { cidr: found.CidrBlock });
    requireOwn(`VPC ${found.VpcId}`, owner, [...tagDifferencesOf(owner, "vpc", found), ...differences]);
  }
  const vpc =
    found ??
    (
      await createOnce(
        ec2.once.send(new CreateVpcCommand({ CidrBlock: cidr, TagSpecifications: tagged("vpc", owner, "vpc") })),
      )
    ).Vpc;
  const VpcId = present(vpc?.VpcId, "a VPC id");
  // DNS host names are off in a new VPC; kubelets and the load balancer's name need them.
  await call(ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } })));
  return VpcId;
}

export async function ensureInternetGateway(ec2: Ec2, owner: Owner, VpcId: string): Promise<string> {
  const { InternetGateways = [] } = await lookUp(owner, () =>
    ec2.send(new DescribeInternetGatewaysCommand({ Filters: ownedBy(owner) })),
  );
  const found = byResource(InternetGateways, (item) => item.InternetGatewayId ?? "").get("internet-gateway");
  if (found) {
    const attachedTo = (found.Attachments ?? []).map((attachment) => attachment.VpcId);
    requireOwn(`internet gateway ${found.InternetGatewayId}`, owner, [
      ...tagDifferencesOf(owner, "internet-gateway", found),
      ...internetGatewayDifferences(VpcId, attachedTo),
    ]);
  }
  const gateway =
    found ??
    (
      await createOnce(
        ec2.once.send(
          new CreateInternetGatewayCommand({
            TagSpecifications: tagged("internet-gateway", owner, "internet-gateway"),
          }),
        ),
      )
    ).InternetGateway;
  const InternetGatewayId = present(gateway?.InternetGatewayId, "an internet gateway id");
  if (!gateway?.Attachments?.some((attachment) => attachment.VpcId === VpcId)) {
    await ignoring(
      ["Resource.AlreadyAssociated"],
      ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId })),
    );
  }
  return InternetGatewayId;
}

/** Subnet ids by plan name. Public subnets give their instances public addresses, since they have no NAT. */
export async function ensureSubnets(
  ec2: Ec2,
  owner: Owner,
  VpcId: string,
  subnets: readonly SubnetPlan[],
): Promise<Record<string, string>> {
  const { Subnets = [] } = await lookUp(owner, () => ec2.send(new DescribeSubnetsCommand({ Filters: ownedBy(owner) })));
  const found = byResource(Subnets, ({ SubnetId }) => SubnetId ?? "");
  const ensure = async (plan: SubnetPlan): Promise<[string, string]> => {
    const resource = `subnet/${plan.name}`;
    const existing = found.get(resource);
    if (existing) requireOwnSubnet(owner, existing, { resource, vpcId: VpcId, cidr: plan.cidr, zone: plan.zone });
    const subnet =
      existing ??
      (
        await createOnce(
          ec2.once.send(
            new CreateSubnetCommand({
              VpcId,
              CidrBlock: plan.cidr,
              AvailabilityZone: plan.zone,
              TagSpecifications: tagged("subnet", owner, resource, {
                [plan.type === "private" ? "kubernetes.io/role/internal-elb" : "kubernetes.io/role/elb"]: "1",
              }),
            }),
          ),
        )
      ).Subnet;
    const SubnetId = present(subnet?.SubnetId, "a subnet id");
    if (plan.type === "public" && !subnet?.MapPublicIpOnLaunch) {
      await call(ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } })));
    }
    return [plan.name, SubnetId];
  };
  return Object.fromEntries(await Promise.all(subnets.map(ensure)));
}

/** Address blocks of subnets that others made in the owner's VPC. */
export async function listForeignBlocks(ec2: Ec2, owner: Owner, vpcId: string): Promise<string[]> {
  const Filters = [{ Name: "vpc-id", Values: [vpcId] }];
  const { Subnets = [] } = await call(ec2.send(new DescribeSubnetsCommand({ Filters })));
  return Subnets.filter(({ Tags }) => fromTags(Tags)[TAG.uid] !== owner.uid).flatMap(
    ({ CidrBlock }) => CidrBlock ?? [],
  );
}

function requireOwnSubnet(owner: Owner, found: Subnet, request: SubnetFacts & { readonly resource: string }): void {
  const { VpcId, CidrBlock, AvailabilityZone } = found;
  requireOwn(`subnet ${found.SubnetId}`, owner, [
    ...tagDifferencesOf(owner, request.resource, found),
    ...subnetDifferences(request, { vpcId: VpcId, cidr: CidrBlock, zone: AvailabilityZone }),
  ]);
}
