import { expect, test } from "vitest";
import { errorOf, freshAccount, imageId, instance, launch, settle, smallNetwork, volume } from "../testing/account.ts";

test("an instance is pending until its host runs, and each state is published to the bus and to listeners", async () => {
  const account = freshAccount();
  const states: string[] = [];
  account.service.onInstanceState((change) => states.push(`${change.previous ?? "new"}>${change.state}`));

  const { InstanceId, State } = await launch(account, {});
  expect(State).toEqual({ Code: 0, Name: "pending" });
  await settle(account);
  expect((await instance(account, InstanceId)).State).toEqual({ Code: 16, Name: "running" });
  await account.aws("TerminateInstances", { InstanceIds: [InstanceId ?? ""] });
  await settle(account);

  expect(states).toEqual(["new>pending", "pending>running", "running>shutting-down", "shutting-down>terminated"]);
  const events = account.context.events.filter(
    (event) => event.detailType === "EC2 Instance State-change Notification",
  );
  expect(events.at(-1)).toEqual({
    source: "aws.ec2",
    detailType: "EC2 Instance State-change Notification",
    resources: [`arn:aws:ec2:us-west-2:111122223333:instance/${InstanceId}`],
    detail: { "instance-id": InstanceId, state: "terminated" },
  });
  expect(events.map((event) => event.detail["state"])).toEqual(["pending", "running", "shutting-down", "terminated"]);
});

test("a terminated instance is visible for an hour, without a place in the network", async () => {
  const account = freshAccount();
  const { InstanceId } = await launch(account, {});
  await settle(account);
  await account.aws("TerminateInstances", { InstanceIds: [InstanceId ?? ""] });
  await account.clock.advance(3_000_000);
  const gone = await instance(account, InstanceId);
  expect([gone.State?.Name, gone.VpcId, gone.NetworkInterfaces]).toEqual(["terminated", undefined, []]);

  await account.clock.advance(700_000);
  expect(await errorOf(instance(account, InstanceId))).toEqual({
    code: "InvalidInstanceID.NotFound",
    message: `The instance ID '${InstanceId}' does not exist`,
  });
});

test("the host gets its address, tags, user data and the keys of its role", async () => {
  const account = freshAccount();
  const { subnetId } = await smallNetwork(account);
  const { InstanceId } = await launch(account, {
    SubnetId: subnetId,
    PrivateIpAddress: "10.0.0.12",
    UserData: Buffer.from("#!/bin/sh\n").toString("base64"),
    IamInstanceProfile: { Name: "masters" },
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: "a" }] }],
  });
  await settle(account);

  const spec = account.hosts.hosts.get(InstanceId ?? "")?.spec;
  expect(spec).toMatchObject({
    address: "10.0.0.12",
    subnetCidr: "10.0.0.0/24",
    zone: "us-west-2a",
    hostname: "ip-10-0-0-12.us-west-2.compute.internal",
    userData: "#!/bin/sh\n",
    tags: { Name: "a" },
    instanceProfileName: "masters",
  });
  const keys = await spec?.credentials();
  expect(account.context.credentials.find(keys?.accessKeyId ?? "")?.principal).toEqual({
    arn: `arn:aws:sts::111122223333:assumed-role/masters/${InstanceId}`,
    roleArn: "arn:aws:iam::111122223333:role/masters",
  });
  expect(await spec?.credentials()).toEqual(keys);
});

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

test("a host that cannot boot ends as a terminated instance with a server's reason", async () => {
  const account = freshAccount();
  account.hosts.before = (operation) => {
    if (operation === "launch") throw new Error("no room");
  };
  const { InstanceId } = await launch(account, {});
  await settle(account);
  expect(await instance(account, InstanceId)).toMatchObject({
    State: { Name: "terminated" },
    StateReason: { Code: "Server.InternalError" },
  });
  expect(account.context.lines).toEqual([`ec2: launch ${InstanceId}: no room`]);
});

test("an instance that is terminated while it boots never runs, and its host is ended", async () => {
  const account = freshAccount();
  let finishBoot = (): void => undefined;
  account.hosts.before = (operation) =>
    operation === "launch" ? new Promise((resolve) => (finishBoot = resolve)) : undefined;
  const { InstanceId } = await launch(account, {});
  await account.aws("TerminateInstances", { InstanceIds: [InstanceId ?? ""] });
  await settle(account);
  expect((await instance(account, InstanceId)).State?.Name).toBe("shutting-down");
  finishBoot();
  await settle(account);
  expect((await instance(account, InstanceId)).State?.Name).toBe("terminated");
  expect(account.hosts.hosts.size).toBe(0);
});

test("a host that died by itself stops its instance, which can be started again", async () => {
  const account = freshAccount();
  const { InstanceId = "", PrivateIpAddress } = await launch(account, {});
  await settle(account);

  account.service.hostDied(InstanceId);
  expect((await instance(account, InstanceId)).State?.Name).toBe("stopping");
  await settle(account);
  expect(await instance(account, InstanceId)).toMatchObject({
    State: { Name: "stopped" },
    StateReason: { Code: "Client.InstanceInitiatedShutdown" },
  });

  await account.aws("StartInstances", { InstanceIds: [InstanceId] });
  await settle(account);
  expect(await instance(account, InstanceId)).toMatchObject({ State: { Name: "running" }, PrivateIpAddress });
});

test("a reboot changes no state and is not taken for a death", async () => {
  const account = freshAccount();
  const { InstanceId = "" } = await launch(account, {});
  await settle(account);
  account.hosts.before = (operation) => {
    if (operation === "restart") account.service.hostDied(InstanceId);
  };
  await account.aws("RebootInstances", { InstanceIds: [InstanceId] });
  await settle(account);
  expect((await instance(account, InstanceId)).State?.Name).toBe("running");
  expect(account.hosts.hosts.get(InstanceId)?.state).toBe("up");
});

test("status checks initialise, pass, and fail when the control says so", async () => {
  const account = freshAccount();
  const { InstanceId = "" } = await launch(account, {});
  const status = async () =>
    (await account.aws("DescribeInstanceStatus", { InstanceIds: [InstanceId] })).InstanceStatuses?.[0]?.InstanceStatus
      ?.Status;
  expect(await status()).toBeUndefined();
  await account.clock.advance(150);
  expect(await status()).toBe("initializing");
  await settle(account);
  expect(await status()).toBe("ok");
  account.service.setImpaired(InstanceId, true);
  expect(await status()).toBe("impaired");
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

test("root volumes go with their instance by default", async () => {
  const account = freshAccount();
  const { InstanceId = "", BlockDeviceMappings } = await launch(account, {});
  const root = BlockDeviceMappings?.[0]?.Ebs?.VolumeId;
  await settle(account);
  await account.aws("ModifyInstanceAttribute", {
    InstanceId,
    BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { DeleteOnTermination: false } }],
  });
  await account.aws("TerminateInstances", { InstanceIds: [InstanceId] });
  await settle(account);
  expect((await volume(account, root)).State).toBe("available");
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
