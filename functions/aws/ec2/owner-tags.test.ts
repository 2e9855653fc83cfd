import type { EC2Client } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import * as z from "zod";
import { ensureMemberAddress } from "./addresses.ts";
import { Ec2 } from "./client.ts";
import { ensureInterface } from "./interfaces.ts";
import { ensureInternetGateway, ensureSubnets, ensureVpc } from "./network.ts";
import { ensureNatGateways, ensureRouteTables } from "./routing.ts";
import { ensureSecurityGroups } from "./security-groups.ts";
import { ensureVolume } from "./storage.ts";

const OWNER = { cluster: "x.example.com", uid: "01ab", labels: {}, blank: true };

const Request = z.object({
  TagSpecifications: z.array(z.object({ Tags: z.array(z.object({ Key: z.string(), Value: z.string() })) })).default([]),
});

/** Whatever was made has one of these. */
const MADE = {
  Vpc: { VpcId: "vpc-1" },
  InternetGateway: { InternetGatewayId: "igw-1" },
  Subnet: { SubnetId: "subnet-1" },
  RouteTable: { RouteTableId: "rtb-1" },
  NatGateway: { NatGatewayId: "nat-1" },
  NetworkInterface: { NetworkInterfaceId: "eni-1", PrivateIpAddress: "10.0.0.10" },
  AllocationId: "eipalloc-1",
  VolumeId: "vol-1",
  GroupId: "sg-1",
};

/** EC2 that makes everything it is asked for, and the owner's uid in the tags of each request that makes something. */
function recordingEc2() {
  const uids = new Map<string, string | undefined>();
  const ec2 = new Ec2({ region: "us-west-2" });
  const listen = (client: EC2Client) =>
    client.middlewareStack.add(
      (_, { commandName = "" }) =>
        async ({ input }) => {
          const tags = Request.parse(input).TagSpecifications.flatMap(({ Tags }) => Tags);
          if (/^(Create|Allocate)(?!Route\w*Command$)|CreateRouteTable/.test(commandName))
            uids.set(commandName.replace(/Command$/, ""), tags.find(({ Key }) => Key === "holdfast:uid")?.Value);
          return { response: {}, output: { ...MADE, $metadata: {} } };
        },
      { step: "initialize", priority: "high" },
    );
  listen(ec2);
  listen(ec2.once);
  return { ec2, uids };
}

test("everything in EC2 that a cluster is made of says from its first moment whose it is", async () => {
  const { ec2, uids } = recordingEc2();
  const place = { name: "us-west-2a", zone: "us-west-2a", cidr: "10.0.0.0/24" };

  await ensureVpc(ec2, OWNER, "10.0.0.0/16");
  await ensureInternetGateway(ec2, OWNER, "vpc-1");
  await ensureSubnets(ec2, OWNER, "vpc-1", [{ ...place, type: "private" }]);
  await ensureSecurityGroups(ec2, OWNER, "vpc-1", []);
  await ensureNatGateways(ec2, OWNER, { "us-west-2a": "subnet-1" });
  await ensureRouteTables(ec2, OWNER, "vpc-1", [
    { name: "public", subnetIds: ["subnet-1"], defaultRoute: { gatewayId: "igw-1" } },
  ]);
  await ensureVolume(ec2, OWNER, { member: "a", generation: 1, zone: "us-west-2a", sizeGiB: 20 });
  await ensureInterface(ec2, OWNER, {
    member: "a",
    home: 1,
    subnetId: "subnet-1",
    address: "10.0.0.10",
    securityGroupIds: ["sg-1"],
  });
  await ensureMemberAddress(ec2, OWNER, { member: "a", interfaceId: "eni-1" });

  expect(Object.fromEntries(uids)).toEqual({
    CreateVpc: "01ab",
    CreateInternetGateway: "01ab",
    CreateSubnet: "01ab",
    CreateSecurityGroup: "01ab",
    CreateNatGateway: "01ab",
    CreateRouteTable: "01ab",
    CreateVolume: "01ab",
    CreateNetworkInterface: "01ab",
    AllocateAddress: "01ab",
  });
});
