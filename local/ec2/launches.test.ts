import { expect, test } from "vitest";
import { errorOf, freshAccount, imageId, instance, launch, settle, smallNetwork, volume } from "../testing/account.ts";

test("a launch with the same token gives the same instance, and an error once it is terminated", async () => {
  const account = freshAccount();
  const first = await launch(account, { ClientToken: "a-1" });
  await settle(account);
  const second = await launch(account, { ClientToken: "a-1" });
  expect([second.InstanceId, second.State?.Name]).toEqual([first.InstanceId, "running"]);
  expect(await errorOf(launch(account, { ClientToken: "a-1", InstanceType: "t3.large" }))).toMatchObject({
    code: "IdempotentParameterMismatch",
  });
  await account.aws("TerminateInstances", { InstanceIds: [first.InstanceId ?? ""] });
  expect(await errorOf(launch(account, { ClientToken: "a-1" }))).toMatchObject({
    code: "IdempotentInstanceTerminated",
  });
});

test("two instances never hold one interface, and it outlives them", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  const { NetworkInterface } = await account.aws("CreateNetworkInterface", {
    SubnetId: subnetId,
    PrivateIpAddress: "10.0.0.10",
  });
  const id = NetworkInterface?.NetworkInterfaceId ?? "";
  const NetworkInterfaces = [{ DeviceIndex: 0, NetworkInterfaceId: id }];
  const status = async () =>
    (await account.aws("DescribeNetworkInterfaces", { NetworkInterfaceIds: [id] })).NetworkInterfaces?.[0]?.Status;

  const first = await launch(account, { NetworkInterfaces });
  expect(first.PrivateIpAddress).toBe("10.0.0.10");
  expect(await errorOf(launch(account, { NetworkInterfaces }))).toEqual({
    code: "InvalidNetworkInterface.InUse",
    message: `Interface: [${id}] in use`,
  });
  expect(await errorOf(account.aws("DeleteNetworkInterface", { NetworkInterfaceId: id }))).toMatchObject({
    code: "InvalidNetworkInterface.InUse",
  });

  await settle(account);
  await account.aws("TerminateInstances", { InstanceIds: [first.InstanceId ?? ""] });
  expect(await status()).toBe("in-use");
  await settle(account);
  expect(await status()).toBe("available");
  const second = await launch(account, { NetworkInterfaces });
  expect(second.PrivateIpAddress).toBe("10.0.0.10");
});

test("a launch that fails leaves nothing behind", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  const before = account.service.snapshot();
  const BlockDeviceMappings = [{ DeviceName: "/dev/sdf", Ebs: { VolumeType: "io2" as const, VolumeSize: 10 } }];
  expect(await errorOf(launch(account, { SubnetId: subnetId, BlockDeviceMappings }))).toMatchObject({
    code: "MissingParameter",
  });
  expect(account.service.snapshot()).toEqual(before);
});

test("a root volume has the size that was asked for, and no less than the image's snapshot", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  const withRoot = (VolumeSize: number) =>
    launch(account, { SubnetId: subnetId, BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize } }] });

  const { BlockDeviceMappings = [] } = await withRoot(30);

  expect(BlockDeviceMappings).toHaveLength(1);
  expect((await volume(account, BlockDeviceMappings[0]?.Ebs?.VolumeId)).Size).toBe(30);
  expect(await errorOf(withRoot(7))).toEqual({
    code: "InvalidBlockDeviceMapping",
    message: expect.stringMatching(/^Volume of size 7GB is smaller than snapshot '\S+', expect size >= 8GB$/),
  });
});

test("what cannot be launched is refused with EC2's own codes", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  const refusal = async (input: Parameters<typeof launch>[1]) => (await errorOf(launch(account, input))).code;

  expect(await refusal({ InstanceType: "t4g.medium" })).toBe("InvalidParameterValue");
  expect(await refusal({ ImageId: "ami-00000000" })).toBe("InvalidAMIID.NotFound");
  expect(await refusal({ UserData: "not base64!" })).toBe("InvalidUserData.Malformed");
  expect(await refusal({ UserData: Buffer.alloc(16_385).toString("base64") })).toBe("InvalidParameterValue");
  expect(await refusal({ IamInstanceProfile: { Name: "nobody" } })).toBe("InvalidParameterValue");
  expect(await refusal({ SubnetId: subnetId, Placement: { AvailabilityZone: "us-west-2b" } })).toBe(
    "InvalidParameterValue",
  );
  expect(await refusal({ InstanceType: "c4.large", Placement: { AvailabilityZone: "us-west-2d" } })).toBe(
    "Unsupported",
  );
  expect(await refusal({ SubnetId: subnetId, NetworkInterfaces: [{ DeviceIndex: 0 }] })).toBe(
    "InvalidParameterCombination",
  );
});

test("no capacity in a zone lasts until the control gives it back", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  account.service.setCapacity({ zone: "us-west-2a", instanceType: "t3.medium" }, false);
  expect(await errorOf(launch(account, { SubnetId: subnetId }))).toMatchObject({
    code: "InsufficientInstanceCapacity",
  });
  account.service.setCapacity({ zone: "us-west-2a", instanceType: "t3.medium" }, true);
  expect((await launch(account, { SubnetId: subnetId })).State?.Name).toBe("pending");
});

test("a launch template is merged under the request, by number, $Latest or $Default", async () => {
  const account = freshAccount();
  const { aws } = account;
  const LaunchTemplateName = "masters-a";
  const tags = (Value: string) => [{ ResourceType: "instance" as const, Tags: [{ Key: "from", Value }] }];
  const data = {
    ImageId: await imageId(account),
    InstanceType: "t3.small" as const,
    TagSpecifications: tags("template"),
  };
  await aws("CreateLaunchTemplate", { LaunchTemplateName, LaunchTemplateData: data });
  await aws("CreateLaunchTemplateVersion", {
    LaunchTemplateName,
    SourceVersion: "1",
    LaunchTemplateData: { InstanceType: "t3.large" },
  });
  const run = async (Version: string | undefined, extra = {}) => {
    const { Instances } = await aws("RunInstances", {
      LaunchTemplate: { LaunchTemplateName, Version },
      MinCount: 1,
      MaxCount: 1,
      ...extra,
    });
    return [Instances?.[0]?.InstanceType, Instances?.[0]?.Tags?.[0]?.Value];
  };

  expect(await run("$Latest")).toEqual(["t3.large", "template"]);
  expect(await run("$Default")).toEqual(["t3.small", "template"]);
  expect(await run(undefined, { InstanceType: "t3.micro", TagSpecifications: tags("call") })).toEqual([
    "t3.micro",
    "call",
  ]);
  expect(await errorOf(run("7"))).toMatchObject({ code: "InvalidLaunchTemplateId.VersionNotFound" });
  expect(await errorOf(aws("CreateLaunchTemplate", { LaunchTemplateName, LaunchTemplateData: data }))).toMatchObject({
    code: "InvalidLaunchTemplateName.AlreadyExistsException",
  });
});

test("a secondary interface takes a free index of an instance in its zone, and a primary one stays", async () => {
  const account = freshAccount();
  const { aws } = account;
  const { vpcId, subnetId } = await smallNetwork(account);
  const other = await aws("CreateSubnet", { VpcId: vpcId, CidrBlock: "10.0.1.0/24", AvailabilityZone: "us-west-2b" });
  const make = async (SubnetId: string | undefined) =>
    (await aws("CreateNetworkInterface", { SubnetId })).NetworkInterface?.NetworkInterfaceId;
  const machine = await launch(account, { SubnetId: subnetId });
  await settle(account);
  const attach = (NetworkInterfaceId: string | undefined, DeviceIndex: number) =>
    aws("AttachNetworkInterface", { NetworkInterfaceId, InstanceId: machine.InstanceId, DeviceIndex });

  const near = await make(subnetId);
  expect((await errorOf(attach(near, 0))).code).toBe("InvalidParameterValue");
  expect((await errorOf(attach(await make(other.Subnet?.SubnetId), 1))).code).toBe("InvalidParameterValue");
  const { AttachmentId } = await attach(near, 1);
  expect((await errorOf(attach(near, 2))).code).toBe("InvalidNetworkInterface.InUse");
  const primary = (await instance(account, machine.InstanceId)).NetworkInterfaces?.[0]?.Attachment?.AttachmentId;
  expect((await errorOf(aws("DetachNetworkInterface", { AttachmentId: primary }))).code).toBe("OperationNotPermitted");
  await aws("DetachNetworkInterface", { AttachmentId });
  await settle(account);
  await aws("DeleteNetworkInterface", { NetworkInterfaceId: near });
});
