import { expect, test } from "vitest";
import {
  type Account,
  errorOf,
  freshAccount,
  instance,
  launch,
  settle,
  smallNetwork,
  volume,
} from "../testing/account.ts";

/** A running instance in us-west-2a and a volume that is available in a zone. */
async function machineAndDisk(account: Account, zone = "us-west-2a") {
  const { subnetId } = await smallNetwork(account);
  const machine = await launch(account, { SubnetId: subnetId });
  const disk = await account.aws("CreateVolume", { AvailabilityZone: zone, Size: 20, VolumeType: "gp3" });
  await settle(account);
  const InstanceId = machine.InstanceId ?? "";
  const VolumeId = disk.VolumeId ?? "";
  const attach = () => account.aws("AttachVolume", { InstanceId, VolumeId, Device: "/dev/sdf" });
  return { InstanceId, VolumeId, attach };
}

test("a volume is creating, then available, and an event reports it", async () => {
  const account = freshAccount();
  const { VolumeId, State } = await account.aws("CreateVolume", { AvailabilityZone: "us-west-2a", Size: 20 });
  expect(State).toBe("creating");
  await settle(account);
  expect((await volume(account, VolumeId)).State).toBe("available");
  await account.aws("DeleteVolume", { VolumeId });
  expect((await volume(account, VolumeId)).State).toBe("deleting");
  await settle(account);

  expect(account.context.events).toEqual(
    ["createVolume", "deleteVolume"].map((event) => ({
      source: "aws.ec2",
      detailType: "EBS Volume Notification",
      resources: [`arn:aws:ec2:us-west-2:111122223333:volume/${VolumeId}`],
      detail: {
        event,
        result: event === "createVolume" ? "available" : "deleted",
        cause: "",
        "request-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    })),
  );
  expect(await errorOf(volume(account, VolumeId))).toMatchObject({ code: "InvalidVolume.NotFound" });
});

test("an attach goes through attaching, reaches the host, and emits no event", async () => {
  const account = freshAccount();
  const { InstanceId, VolumeId, attach } = await machineAndDisk(account);
  const eventsBefore = account.context.events.length;

  expect(await attach()).toMatchObject({ State: "attaching", DeleteOnTermination: false });
  expect((await volume(account, VolumeId)).State).toBe("in-use");
  await settle(account);

  expect((await volume(account, VolumeId)).Attachments).toMatchObject([{ State: "attached", InstanceId }]);
  expect(account.hosts.hosts.get(InstanceId)?.volumes).toEqual(new Map([[VolumeId, "/dev/sdf"]]));
  expect(account.context.events).toHaveLength(eventsBefore);
});

test("a volume of another zone cannot be attached", async () => {
  const account = freshAccount();
  const { InstanceId, VolumeId, attach } = await machineAndDisk(account, "us-west-2b");
  expect(await errorOf(attach())).toEqual({
    code: "InvalidVolume.ZoneMismatch",
    message: `The volume '${VolumeId}' is not in the same availability zone as instance '${InstanceId}'`,
  });
});

test("an attached volume can be neither attached again nor deleted, and a device holds one volume", async () => {
  const account = freshAccount();
  const { InstanceId, VolumeId, attach } = await machineAndDisk(account);
  await attach();
  const other = await account.aws("CreateVolume", { AvailabilityZone: "us-west-2a", Size: 1 });
  const attachOther = () => account.aws("AttachVolume", { InstanceId, VolumeId: other.VolumeId, Device: "/dev/sdf" });

  expect(await errorOf(attach())).toEqual({
    code: "VolumeInUse",
    message: `${VolumeId} is already attached to an instance`,
  });
  expect(await errorOf(account.aws("DeleteVolume", { VolumeId }))).toMatchObject({ code: "VolumeInUse" });
  expect(await errorOf(attachOther())).toMatchObject({ code: "IncorrectState" });
  await settle(account);
  expect(await errorOf(attachOther())).toMatchObject({ code: "InvalidParameterValue" });
});

test("only running and stopped instances take volumes", async () => {
  const account = freshAccount();
  const { InstanceId, attach } = await machineAndDisk(account);
  await account.aws("TerminateInstances", { InstanceIds: [InstanceId] });
  expect(await errorOf(attach())).toEqual({
    code: "IncorrectState",
    message: `Instance '${InstanceId}' is not 'running'.`,
  });
});

test("a mounted volume is detaching, then busy, until the guest lets go", async () => {
  const account = freshAccount();
  const { VolumeId, attach } = await machineAndDisk(account);
  await attach();
  await settle(account);
  account.hosts.mounted.add(VolumeId);
  const state = async () => (await volume(account, VolumeId)).Attachments?.[0]?.State;

  expect(await account.aws("DetachVolume", { VolumeId })).toMatchObject({ State: "detaching" });
  await account.clock.advance(500);
  expect(await state()).toBe("detaching");
  await settle(account);
  expect(await state()).toBe("busy");
  account.hosts.mounted.clear();
  await settle(account);
  expect((await volume(account, VolumeId)).State).toBe("available");
});

test("a forced detach does not wait for the guest", async () => {
  const account = freshAccount();
  const { VolumeId, attach } = await machineAndDisk(account);
  await attach();
  await settle(account);
  account.hosts.mounted.add(VolumeId);
  await account.aws("DetachVolume", { VolumeId, Force: true });
  await settle(account);
  expect((await volume(account, VolumeId)).State).toBe("available");
});

test("detaching what is not attached is an error", async () => {
  const account = freshAccount();
  const { VolumeId, attach } = await machineAndDisk(account);
  const { InstanceId: other } = await launch(account, {});
  const detach = (InstanceId?: string) => account.aws("DetachVolume", { VolumeId, InstanceId });
  expect(await errorOf(detach())).toMatchObject({ code: "IncorrectState" });
  await attach();
  expect(await errorOf(detach(other))).toMatchObject({ code: "InvalidAttachment.NotFound" });
});

test("a host that refuses the device makes the volume available again, and an event reports it", async () => {
  const account = freshAccount();
  const { InstanceId, VolumeId, attach } = await machineAndDisk(account);
  account.hosts.before = (operation) => {
    if (operation === "attachVolume") throw new Error("no device left");
  };
  await attach();
  await settle(account);
  expect((await volume(account, VolumeId)).State).toBe("available");
  expect(account.context.events.at(-1)).toMatchObject({
    resources: [
      `arn:aws:ec2:us-west-2:111122223333:volume/${VolumeId}`,
      `arn:aws:ec2:us-west-2:111122223333:instance/${InstanceId}`,
    ],
    detail: { event: "attachVolume", result: "failed", cause: "Error: no device left" },
  });
});

test("a volume is free only when its instance is terminated, and then it can move", async () => {
  const account = freshAccount();
  const { InstanceId, VolumeId, attach } = await machineAndDisk(account);
  await attach();
  await settle(account);
  account.hosts.mounted.add(VolumeId);

  await account.aws("TerminateInstances", { InstanceIds: [InstanceId] });
  await account.clock.advance(50);
  expect((await volume(account, VolumeId)).State).toBe("in-use");
  await settle(account);
  expect((await instance(account, InstanceId)).State?.Name).toBe("terminated");
  expect((await volume(account, VolumeId)).State).toBe("available");

  const next = await launch(account, { Placement: { AvailabilityZone: "us-west-2a" } });
  await settle(account);
  await account.aws("AttachVolume", { VolumeId, InstanceId: next.InstanceId, Device: "/dev/sdf" });
  await settle(account);
  expect(account.hosts.hosts.get(next.InstanceId ?? "")?.volumes.has(VolumeId)).toBe(true);
});

test("a volume that is attached to a stopped instance reaches the host when it starts", async () => {
  const account = freshAccount();
  const { InstanceId, VolumeId, attach } = await machineAndDisk(account);
  await account.aws("StopInstances", { InstanceIds: [InstanceId] });
  await settle(account);
  await attach();
  await settle(account);
  expect(account.hosts.hosts.get(InstanceId)?.volumes.size).toBe(0);
  await account.aws("StartInstances", { InstanceIds: [InstanceId] });
  await settle(account);
  expect(account.hosts.hosts.get(InstanceId)?.volumes.has(VolumeId)).toBe(true);
});

test("a snapshot keeps the data of its moment, also for another zone", async () => {
  const account = freshAccount();
  const { VolumeId } = await machineAndDisk(account);
  account.hosts.volumes.set(VolumeId, "revision 7");
  const { SnapshotId, State } = await account.aws("CreateSnapshot", { VolumeId });
  const restore = () => account.aws("CreateVolume", { SnapshotId, AvailabilityZone: "us-west-2c" });

  expect(State).toBe("pending");
  expect(await errorOf(restore())).toMatchObject({ code: "IncorrectState" });
  await settle(account);
  account.hosts.volumes.set(VolumeId, "revision 8");
  const copy = await restore();
  await settle(account);

  expect(copy).toMatchObject({ Size: 20, AvailabilityZone: "us-west-2c", SnapshotId });
  expect(account.hosts.volumes.get(copy.VolumeId ?? "")).toBe("revision 7");
  await account.aws("DeleteSnapshot", { SnapshotId });
  await settle(account);
  expect(account.hosts.volumes.has(SnapshotId ?? "")).toBe(false);
});

test("after a restart what ran boots again in place, with its volumes", async () => {
  const first = freshAccount();
  const { InstanceId, VolumeId, attach } = await machineAndDisk(first);
  await attach();
  await settle(first);
  const before = await instance(first, InstanceId);
  const saved: unknown = JSON.parse(JSON.stringify(first.service.snapshot()));
  await first.service.close();

  const second = freshAccount(saved);
  second.hosts.volumes.set(VolumeId, "kept by the driver");
  await settle(second);

  expect(await instance(second, InstanceId)).toEqual(before);
  expect(await volume(second, VolumeId)).toMatchObject({ State: "in-use", Size: 20 });
  expect(second.hosts.hosts.get(InstanceId)?.volumes.has(VolumeId)).toBe(true);
  expect(second.context.events).toEqual([]);
});

test("an instance whose host does not boot after a restart is stopped, and says why", async () => {
  const first = freshAccount();
  const { InstanceId } = await machineAndDisk(first);
  await settle(first);
  const saved: unknown = JSON.parse(JSON.stringify(first.service.snapshot()));
  await first.service.close();

  const second = freshAccount(saved);
  second.hosts.before = (operation) => {
    if (operation === "launch") throw new Error("no memory");
  };
  await settle(second);

  expect(await instance(second, InstanceId)).toMatchObject({
    State: { Name: "stopped" },
    StateReason: { Code: "Server.InternalError" },
  });
});
