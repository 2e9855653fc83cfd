import { expect, test } from "vitest";
import { errorOf, freshAccount, smallNetwork } from "../testing/account.ts";

function clusterTag(Value: string) {
  return [{ ResourceType: "volume" as const, Tags: [{ Key: "cluster", Value }] }];
}

test("filters take tags and wildcards, and all of them must match", async () => {
  const { aws } = freshAccount();
  for (const name of ["red-1", "red-2", "blue"]) {
    await aws("CreateVolume", { AvailabilityZone: "us-west-2a", Size: 1, TagSpecifications: clusterTag(name) });
  }
  const names = async (Filters: { Name: string; Values: string[] }[]) =>
    (await aws("DescribeVolumes", { Filters })).Volumes?.map((volume) => volume.Tags?.[0]?.Value);

  expect(await names([{ Name: "tag:cluster", Values: ["red-*"] }])).toEqual(["red-1", "red-2"]);
  expect(await names([{ Name: "tag:cluster", Values: ["red-?", "blue"] }])).toEqual(["red-1", "red-2", "blue"]);
  expect(await names([{ Name: "tag:cluster", Values: ["red-\\*"] }])).toEqual([]);
  expect(
    await names([
      { Name: "tag-key", Values: ["cluster"] },
      { Name: "availability-zone", Values: ["us-west-2b"] },
    ]),
  ).toEqual([]);
});

test("a filter that EC2 does not have is an error", async () => {
  const { aws } = freshAccount();
  expect(await errorOf(aws("DescribeVolumes", { Filters: [{ Name: "colour", Values: ["red"] }] }))).toEqual({
    code: "InvalidParameterValue",
    message: "The filter 'colour' is invalid",
  });
});

test.each([
  ["root-device-type", "ebs"],
  ["virtualization-type", "hvm"],
  ["hypervisor", "xen"],
  ["tenancy", "default"],
  ["monitoring-state", "disabled"],
  ["instance-lifecycle", "spot"],
  ["dns-name", "*"],
])("instances can be filtered by what their views show: %s", async (Name, value) => {
  const { aws } = freshAccount();

  expect((await aws("DescribeInstances", { Filters: [{ Name, Values: [value] }] })).Reservations).toEqual([]);
});

test("pages add up to the whole and end without a token", async () => {
  const { aws } = freshAccount();
  for (let size = 1; size <= 7; size++) await aws("CreateVolume", { AvailabilityZone: "us-west-2a", Size: size });

  const first = await aws("DescribeVolumes", { MaxResults: 5 });
  const second = await aws("DescribeVolumes", { MaxResults: 5, NextToken: first.NextToken });

  expect(first.Volumes?.map((volume) => volume.Size)).toEqual([1, 2, 3, 4, 5]);
  expect(second.Volumes?.map((volume) => volume.Size)).toEqual([6, 7]);
  expect(second.NextToken).toBeUndefined();
  expect(await errorOf(aws("DescribeVolumes", { MaxResults: 4 }))).toMatchObject({ code: "InvalidParameterValue" });
});

test("a dry run says that it would work and changes nothing", async () => {
  const { aws, service } = freshAccount();
  const before = service.snapshot();
  expect(await errorOf(aws("CreateVpc", { CidrBlock: "10.0.0.0/16", DryRun: true }))).toEqual({
    code: "DryRunOperation",
    message: "Request would have succeeded, but DryRun flag is set.",
  });
  expect(service.snapshot()).toEqual(before);
});

test("the same token and parameters give the same resource; other parameters are refused", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  const create = (description: string) =>
    account.aws("CreateNetworkInterface", { SubnetId: subnetId, Description: description, ClientToken: "member-a" });

  const first = await create("member a");
  const second = await create("member a");

  expect(second.NetworkInterface?.NetworkInterfaceId).toBe(first.NetworkInterface?.NetworkInterfaceId);
  expect(await errorOf(create("member b"))).toMatchObject({ code: "IdempotentParameterMismatch" });
  await account.aws("DeleteNetworkInterface", { NetworkInterfaceId: first.NetworkInterface?.NetworkInterfaceId });
  const third = await create("member b");
  expect(third.NetworkInterface?.NetworkInterfaceId).not.toBe(first.NetworkInterface?.NetworkInterfaceId);
});

test("an id is malformed, unknown or of another kind, each with the kind's own code", async () => {
  const { aws } = freshAccount();
  expect(await errorOf(aws("DescribeVolumes", { VolumeIds: ["vol-zz"] }))).toMatchObject({
    code: "InvalidVolumeID.Malformed",
  });
  expect(await errorOf(aws("DescribeVolumes", { VolumeIds: ["vol-0123456789abcdef0"] }))).toEqual({
    code: "InvalidVolume.NotFound",
    message: "The volume 'vol-0123456789abcdef0' does not exist",
  });
  expect(await errorOf(aws("DeleteVpc", { VpcId: "subnet-12345678" }))).toMatchObject({
    code: "InvalidVpcID.Malformed",
  });
  expect(await errorOf(aws("DeleteVpc", { VpcId: undefined }))).toMatchObject({ code: "MissingParameter" });
});

test("tags can be put on, listed and taken off anything", async () => {
  const account = freshAccount();
  const { vpcId, subnetId } = await smallNetwork(account);
  await account.aws("CreateTags", {
    Resources: [vpcId, subnetId],
    Tags: [
      { Key: "Name", Value: "net" },
      { Key: "owner", Value: "me" },
    ],
  });
  await account.aws("DeleteTags", { Resources: [subnetId], Tags: [{ Key: "Name" }, { Key: "owner", Value: "you" }] });

  const { Tags } = await account.aws("DescribeTags", {});

  expect(Tags?.map((tag) => [tag.ResourceType, tag.Key, tag.Value])).toEqual([
    ["vpc", "Name", "net"],
    ["vpc", "owner", "me"],
    ["subnet", "owner", "me"],
  ]);
  expect(
    await errorOf(account.aws("CreateTags", { Resources: [vpcId], Tags: [{ Key: "aws:x", Value: "1" }] })),
  ).toMatchObject({ code: "InvalidParameterValue" });
});

test("zones have ids, and types are offered where they are", async () => {
  const { aws } = freshAccount();
  const { AvailabilityZones } = await aws("DescribeAvailabilityZones", {});
  const offered = await aws("DescribeInstanceTypeOfferings", {
    LocationType: "availability-zone",
    Filters: [{ Name: "instance-type", Values: ["c4.large"] }],
  });
  expect(AvailabilityZones?.map((zone) => [zone.ZoneName, zone.ZoneId])).toEqual([
    ["us-west-2a", "usw2-az2"],
    ["us-west-2b", "usw2-az1"],
    ["us-west-2c", "usw2-az3"],
    ["us-west-2d", "usw2-az4"],
  ]);
  expect(offered.InstanceTypeOfferings?.map((offering) => offering.Location)).toEqual([
    "us-west-2a",
    "us-west-2b",
    "us-west-2c",
  ]);
  expect(await errorOf(aws("DescribeAvailabilityZones", { ZoneNames: ["us-west-2z"] }))).toMatchObject({
    code: "InvalidParameterValue",
  });
});

test("another account's image can be registered with the owner tag and found by owner and name", async () => {
  const { aws } = freshAccount();
  const name = "k8s-1.4-debian-jessie-amd64-hvm-ebs-2016-11-16";
  const { ImageId } = await aws("RegisterImage", {
    Name: name,
    Architecture: "x86_64",
    TagSpecifications: [{ ResourceType: "image", Tags: [{ Key: "holdfast:owner", Value: "293135079892" }] }],
  });
  const { Images } = await aws("DescribeImages", {
    Owners: ["293135079892"],
    Filters: [{ Name: "name", Values: [name] }],
  });
  expect(Images).toMatchObject([{ ImageId, OwnerId: "293135079892", Name: name, State: "available" }]);
});
