import { expect, test } from "vitest";
import { errorOf, freshAccount, instance, launch, settle, smallNetwork, volume } from "../testing/account.ts";

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
