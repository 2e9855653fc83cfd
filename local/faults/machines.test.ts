import { expect, test } from "vitest";
import type { HostFaults } from "../hosts/host-faults.ts";
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
import { CallFaults } from "./calls.ts";
import { createFaults } from "./faults.ts";

/** An account with faults, whose hosts only write down what was done to them. */
function faultyAccount() {
  const account = freshAccount();
  const done: string[] = [];
  const write = async (...words: unknown[]): Promise<void> => void done.push(words.join(" "));
  const hostFaults: HostFaults = {
    setLink: (id, up) => write("link", id, up ? "up" : "down"),
    setBlocked: (id, to, blocked) => write(blocked ? "block" : "unblock", id, "to", ...to),
    setFrozen: (id, frozen) => write(frozen ? "freeze" : "thaw", id),
    signalProgram: async (id, program, signal) => {
      await write(signal, program, id);
      return 1;
    },
    breakVolume: (volumeId, id) => write("break", volumeId, id),
    corruptVolume: (volumeId, id, { file, how }) => write(how, file, volumeId, id),
  };
  const faults = createFaults({
    context: account.context,
    ec2: account.service,
    hosts: { ...account.hosts, ...hostFaults },
    calls: new CallFaults(),
    events: { setFaults: () => {} },
    lambda: { setFaults: () => {}, invocationOf: () => undefined },
  });
  return { ...account, faults, done };
}

async function runningInstance(account: Account): Promise<string> {
  const { subnetId } = await smallNetwork(account);
  const { InstanceId = "" } = await launch(account, { SubnetId: subnetId });
  await settle(account);
  return InstanceId;
}

async function attachedVolume(account: Account, instanceId: string): Promise<string> {
  const { VolumeId = "" } = await account.aws("CreateVolume", { AvailabilityZone: "us-west-2a", Size: 1 });
  await settle(account);
  await account.aws("AttachVolume", { VolumeId, InstanceId: instanceId, Device: "/dev/sdf" });
  return VolumeId;
}

async function statusOf({ aws }: Account, instanceId: string) {
  const { InstanceStatuses = [] } = await aws("DescribeInstanceStatus", { InstanceIds: [instanceId] });
  return [InstanceStatuses[0]?.InstanceState?.Name, InstanceStatuses[0]?.InstanceStatus?.Status];
}

test("a crashed host's instance stays running, and its status check fails after a while", async () => {
  const account = faultyAccount();
  const instanceId = await runningInstance(account);

  await account.faults.begin({ kind: "host", action: "crash", instanceId });

  expect(account.hosts.hosts.get(instanceId)?.state).toBe("down");
  expect(await statusOf(account, instanceId)).toEqual(["running", "ok"]);
  await account.clock.advance(1_000);
  expect(await statusOf(account, instanceId)).toEqual(["running", "impaired"]);
});

test("a reboot brings a crashed host back, and its status check passes", async () => {
  const account = faultyAccount();
  const instanceId = await runningInstance(account);
  await account.faults.begin({ kind: "host", action: "crash", instanceId });
  await account.clock.advance(1_000);

  await account.faults.begin({ kind: "host", action: "reboot", instanceId });
  await settle(account);

  expect(account.hosts.hosts.get(instanceId)?.state).toBe("up");
  expect(await statusOf(account, instanceId)).toEqual(["running", "ok"]);
});

test("a guest that powers itself off stops its instance", async () => {
  const account = faultyAccount();
  const instanceId = await runningInstance(account);

  await account.faults.begin({ kind: "host", action: "power-off", instanceId });
  await settle(account);

  const { State, StateReason } = await instance(account, instanceId);
  expect([State?.Name, StateReason?.Code]).toEqual(["stopped", "Client.InstanceInitiatedShutdown"]);
});

test("heal ends the partition of the same instance, and a fault of one that does not run is refused", async () => {
  const account = faultyAccount();
  const instanceId = await runningInstance(account);

  await account.faults.begin({ kind: "host", action: "partition", instanceId });
  await account.faults.begin({ kind: "host", action: "heal", instanceId });

  expect(account.faults.list()).toMatchObject([{ state: "ended", reason: "request" }, { reason: "done" }]);
  expect(account.done.slice(0, 2)).toEqual([`link ${instanceId} down`, `link ${instanceId} up`]);
  await account.faults.begin({ kind: "host", action: "terminate", instanceId });
  const refused = await errorOf(account.faults.begin({ kind: "host", action: "freeze", instanceId }));
  expect(refused.code).toBe("IncorrectInstanceState");
});

test("a lost volume is in no answer any more; one in error stays in error when its instance is gone", async () => {
  const account = faultyAccount();
  const instanceId = await runningInstance(account);
  const lost = await attachedVolume(account, instanceId);
  await account.faults.begin({ kind: "volume", action: "lose", volumeId: lost });
  const broken = await attachedVolume(account, instanceId);
  await settle(account);

  await account.faults.begin({ kind: "volume", action: "error", volumeId: broken });
  await account.faults.begin({ kind: "host", action: "terminate", instanceId });
  await settle(account);

  expect((await errorOf(volume(account, lost))).code).toBe("InvalidVolume.NotFound");
  expect(await volume(account, broken)).toMatchObject({ State: "error", Attachments: [] });
  expect(account.done).toEqual([`break ${lost} ${instanceId}`, `break ${broken} ${instanceId}`]);
});

test("a stuck volume stays attaching until the fault ends, and detaching until it is forced", async () => {
  const account = faultyAccount();
  const instanceId = await runningInstance(account);
  const { VolumeId: volumeId = "" } = await account.aws("CreateVolume", { AvailabilityZone: "us-west-2a", Size: 1 });
  await settle(account);
  const stateOf = async () => (await volume(account, volumeId)).Attachments?.[0]?.State;

  await account.faults.begin({ kind: "volume", action: "stuck-attaching", volumeId, durationMs: 60_000 });
  await account.aws("AttachVolume", { VolumeId: volumeId, InstanceId: instanceId, Device: "/dev/sdf" });
  await settle(account);
  expect(await stateOf()).toBe("attaching");
  await account.clock.advance(60_000);
  expect(await stateOf()).toBe("attached");

  await account.faults.begin({ kind: "volume", action: "stuck-detaching", volumeId });
  await account.aws("DetachVolume", { VolumeId: volumeId });
  await settle(account);
  expect(await stateOf()).toBe("busy");
  await account.aws("DetachVolume", { VolumeId: volumeId, Force: true });
  await settle(account);
  expect(await stateOf()).toBeUndefined();
});

test("a zone without power stops its instances and launches none; afterwards what was stopped stays stopped", async () => {
  const account = faultyAccount();
  const { subnetId } = await smallNetwork(account);
  const { InstanceId: instanceId = "" } = await launch(account, { SubnetId: subnetId });
  await settle(account);

  const { id } = await account.faults.begin({ kind: "zone", zone: "us-west-2a" });
  await settle(account);
  expect((await errorOf(launch(account, { SubnetId: subnetId }))).code).toBe("InsufficientInstanceCapacity");
  const restart = account.aws("StartInstances", { InstanceIds: [instanceId] });
  expect((await errorOf(restart)).code).toBe("InsufficientInstanceCapacity");
  await account.faults.end(id);

  expect((await instance(account, instanceId)).State?.Name).toBe("stopped");
  expect((await launch(account, { SubnetId: subnetId })).State?.Name).toBe("pending");
});

test("a type without capacity in a zone leaves the other types alone", async () => {
  const account = faultyAccount();
  const { subnetId } = await smallNetwork(account);

  await account.faults.begin({ kind: "capacity", zone: "us-west-2a", instanceType: "t3.medium" });

  expect((await errorOf(launch(account, { SubnetId: subnetId }))).code).toBe("InsufficientInstanceCapacity");
  expect((await launch(account, { SubnetId: subnetId, InstanceType: "t3.large" })).State?.Name).toBe("pending");
});

test("a partition may have a direction: what the host sends to some addresses; nothing else has one", async () => {
  const account = faultyAccount();
  const instanceId = await runningInstance(account);
  const to = ["172.20.1.10"];

  await account.faults.begin({ kind: "host", action: "partition", instanceId, to });
  await account.faults.begin({ kind: "host", action: "heal", instanceId });
  const refused = await errorOf(account.faults.begin({ kind: "host", action: "freeze", instanceId, to }));

  expect(account.done).toEqual([
    `block ${instanceId} to 172.20.1.10`,
    `unblock ${instanceId} to 172.20.1.10`,
    `link ${instanceId} up`,
  ]);
  expect(refused.code).toBe("ValidationError");
});

test("hosts that are only simulated refuse what they cannot show", async () => {
  const account = freshAccount();
  const instanceId = await runningInstance(account);
  const faults = createFaults({
    context: account.context,
    ec2: account.service,
    hosts: account.hosts,
    calls: new CallFaults(),
    events: { setFaults: () => {} },
    lambda: { setFaults: () => {}, invocationOf: () => undefined },
  });

  const refused = await errorOf(faults.begin({ kind: "host", action: "freeze-etcd", instanceId }));

  expect(refused).toEqual({
    code: "UnsupportedFault",
    message: 'Hosts of kind "simulated" cannot provoke this fault.',
  });
});
