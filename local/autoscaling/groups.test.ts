import { expect, test } from "vitest";
import { createStage, oneInstance } from "../testing/groups.ts";

const threeZones = {
  ...oneInstance,
  AvailabilityZones: undefined,
  MinSize: 0,
  MaxSize: 6,
  DesiredCapacity: 3,
  VPCZoneIdentifier: "subnet-a,subnet-b,subnet-c",
};

test("instances spread over the subnets of a group, and the fullest zone shrinks first", async () => {
  const { aws, clock, ec2 } = createStage();
  await aws("CreateAutoScalingGroup", { ...threeZones, DesiredCapacity: 4 });
  await clock.advance(1);
  const zones = () =>
    [...ec2.instances.values()]
      .filter(({ state }) => state === "pending")
      .map(({ zone }) => zone)
      .toSorted();

  expect(zones()).toEqual(["us-west-2a", "us-west-2a", "us-west-2b", "us-west-2c"]);
  await aws("SetDesiredCapacity", { AutoScalingGroupName: "g", DesiredCapacity: 3 });
  await clock.advance(1);
  expect(zones()).toEqual(["us-west-2a", "us-west-2b", "us-west-2c"]);
});

test("a second group of the same name is refused", async () => {
  const { aws } = createStage();
  await aws("CreateAutoScalingGroup", oneInstance);

  await expect(aws("CreateAutoScalingGroup", oneInstance)).rejects.toMatchObject({
    code: "AlreadyExistsFault",
    message: "AutoScalingGroup by this name already exists - A group with the name g already exists",
  });
});

test.each([
  ["a launch template that does not exist", { LaunchTemplate: { LaunchTemplateId: "lt-none" } }, /does not exist/],
  ["no zone", { AvailabilityZones: [] }, /At least one Availability Zone or VPC Subnet is required/],
  ["a desired capacity out of bounds", { DesiredCapacity: 2 }, /Desired capacity:2 must be between/],
  ["what is not emulated", { MaxInstanceLifetime: 86_400 }, /not supported/],
  [
    "subnets with a fixed interface",
    { LaunchTemplate: { LaunchTemplateId: "lt-member" }, VPCZoneIdentifier: "subnet-a" },
    /VPCZoneIdentifier must be empty/,
  ],
])("a group with %s is refused", async (_, wrong, message) => {
  const { aws, ec2 } = createStage();
  ec2.templates.set("lt-member", { interfaceId: "eni-1" });

  await expect(aws("CreateAutoScalingGroup", { ...oneInstance, ...wrong })).rejects.toThrow(message);
});

test("a group with instances is deleted only by force, and disappears when they have ended", async () => {
  const { aws, clock, ec2, members } = createStage();
  await aws("CreateAutoScalingGroup", oneInstance);
  await clock.advance(1);

  await expect(aws("DeleteAutoScalingGroup", { AutoScalingGroupName: "g" })).rejects.toMatchObject({
    code: "ResourceInUseFault",
  });
  await aws("DeleteAutoScalingGroup", { AutoScalingGroupName: "g", ForceDelete: true });
  await clock.advance(1);
  expect(await members()).toEqual(["i-1 Terminating"]);
  ec2.setState("i-1", "terminated");
  await clock.advance(1);

  expect((await aws("DescribeAutoScalingGroups", {})).AutoScalingGroups).toEqual([]);
});

test("a group updated to another size launches what is missing, and at size 0 ends all and stays", async () => {
  const { aws, clock, ec2, members } = createStage();
  await aws("CreateAutoScalingGroup", oneInstance);
  const resize = (size: number) =>
    aws("UpdateAutoScalingGroup", {
      ...{ AutoScalingGroupName: "g", MinSize: size, MaxSize: size, DesiredCapacity: size },
    });

  await resize(2);
  await clock.advance(1);
  const grown = await members();
  await resize(0);
  await clock.advance(1);
  for (const id of ["i-1", "i-2"]) ec2.setState(id, "terminated");
  await clock.advance(1);

  expect(grown).toHaveLength(2);
  expect((await aws("DescribeAutoScalingGroups", {})).AutoScalingGroups).toMatchObject([
    { MinSize: 0, MaxSize: 0, DesiredCapacity: 0, Instances: [] },
  ]);
});

test("groups are found by tag and read in pages", async () => {
  const { aws } = createStage();
  for (const name of ["a", "b", "c"]) {
    await aws("CreateAutoScalingGroup", {
      ...oneInstance,
      AutoScalingGroupName: name,
      Tags: [{ Key: "cluster", Value: name === "c" ? "other" : "demo" }],
    });
  }
  const request = { Filters: [{ Name: "tag:cluster", Values: ["demo"] }], MaxRecords: 1 };

  const first = await aws("DescribeAutoScalingGroups", request);
  const second = await aws("DescribeAutoScalingGroups", { ...request, NextToken: first.NextToken });

  expect(first.AutoScalingGroups?.map((group) => group.AutoScalingGroupName)).toEqual(["a"]);
  expect(second.AutoScalingGroups?.map((group) => group.AutoScalingGroupName)).toEqual(["b"]);
  expect(second.NextToken).toBeUndefined();
});

test("an instance in standby leaves the desired capacity and comes back", async () => {
  const { aws, clock, ec2, members } = createStage();
  await aws("CreateAutoScalingGroup", { ...oneInstance, MinSize: 0, DesiredCapacity: 1 });
  await clock.advance(1);
  ec2.setState("i-1", "running");
  await clock.advance(100);
  const request = { AutoScalingGroupName: "g", InstanceIds: ["i-1"] };

  await aws("EnterStandby", { ...request, ShouldDecrementDesiredCapacity: true });
  await clock.advance(1);
  expect(await members()).toEqual(["i-1 Standby"]);
  await aws("ExitStandby", request);
  await clock.advance(1);

  expect(await members()).toEqual(["i-1 InService"]);
});
