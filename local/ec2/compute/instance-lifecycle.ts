import { type Engine, forgetLater, publishVolumeEvent } from "../engine/engine.ts";
import type { Instance, Volume } from "../engine/state-compute.ts";
import { releaseInterface } from "../network/interface-attachments.ts";
import { removeInterface } from "../network/interfaces.ts";
import { putOnHost, releaseVolume } from "../storage/attachments.ts";
import { eraseVolume } from "../storage/volumes.ts";
import { hostSpec } from "./instance-host.ts";
import { setInstanceState } from "./instance-state.ts";

type Shutdown = "graceful" | "power-off";

export const userInitiated = {
  Code: "Client.UserInitiatedShutdown",
  Message: "Client.UserInitiatedShutdown: User initiated shutdown",
};
const guestInitiated = {
  Code: "Client.InstanceInitiatedShutdown",
  Message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
};
const startFailed = { Code: "Server.InternalError", Message: "Server.InternalError: Internal error on start" };
const serverFault = { Code: "Server.InternalError", Message: "Server.InternalError: Internal error" };
const launchFailed = { Code: "Server.InternalError", Message: "Server.InternalError: Internal error on launch" };

function volumesOf(engine: Engine, instance: Instance): Volume[] {
  return instance.volumeIds.map((id) => engine.store.volumes.get(id));
}

/** `pending` → `running` when the host's init runs; → `terminated` if the host cannot be booted. */
export function boot(engine: Engine, instance: Instance): void {
  engine.background.run(`launch ${instance.id}`, async () => {
    try {
      await Promise.all([
        engine.lanes.run(instance.id, () => powerOn(engine, instance, launchHost)),
        engine.background.sleep(engine.timings.instancePending),
      ]);
    } catch (error) {
      if (instance.state === "pending") terminate(engine, instance, "power-off", launchFailed);
      throw error;
    }
    await becomeRunning(engine, instance);
  });
}

/** EC2 places an instance, and makes its root volume, before its host has power. It may be ended meanwhile. */
async function powerOn(engine: Engine, instance: Instance, begin: typeof launchHost): Promise<void> {
  if (engine.timings.powerOn > 0) await engine.background.sleep(engine.timings.powerOn);
  if (instance.state === "pending") await begin(engine, instance);
}

async function launchHost(engine: Engine, instance: Instance): Promise<void> {
  for (const volume of volumesOf(engine, instance)) {
    const source = engine.store.snapshots.find(volume.snapshotId);
    if (volume.inDriver)
      await engine.hosts.createVolume(volume.id, source?.inDriver ? { fromVolumeId: source.id } : {});
    publishVolumeEvent(engine, "createVolume", "available", { volumeId: volume.id });
  }
  await engine.hosts.launch(hostSpec(engine, instance));
  markHosted(engine, instance);
}

async function becomeRunning(engine: Engine, instance: Instance): Promise<void> {
  if (instance.state !== "pending") return;
  instance.runningAt = engine.context.clock.now();
  setInstanceState(engine, instance, "running");
  await putVolumesOnHost(engine, instance);
}

async function putVolumesOnHost(engine: Engine, instance: Instance): Promise<void> {
  for (const volume of volumesOf(engine, instance)) {
    if (volume.attachment?.device === instance.rootDeviceName) continue;
    await putOnHost(engine, volume, instance);
    if (volume.attachment?.state === "attaching") volume.attachment.state = "attached";
  }
}

/**
 * After a power failure: the instance stays `running`, and its host boots with the root file system and the volumes that it
 * had. It is `stopped` if that fails.
 */
export function bootAgain(engine: Engine, instance: Instance): void {
  instance.runningAt = engine.context.clock.now();
  engine.background.run(`boot ${instance.id} again`, async () => {
    try {
      await engine.lanes.run(instance.id, () => startHost(engine, instance));
    } catch (error) {
      leaveRunning(engine, instance, startFailed);
      setInstanceState(engine, instance, "stopped");
      throw error;
    }
    await putVolumesOnHost(engine, instance);
  });
}

/** `stopped` → `pending` → `running`, with the same root file system and address. */
export function start(engine: Engine, instance: Instance): void {
  instance.transition = "";
  delete instance.stateReason;
  instance.launchedAt = engine.context.clock.now();
  setInstanceState(engine, instance, "pending");
  engine.background.run(`start ${instance.id}`, async () => {
    try {
      await Promise.all([
        engine.lanes.run(instance.id, () => powerOn(engine, instance, startHost)),
        engine.background.sleep(engine.timings.instancePending),
      ]);
    } catch (error) {
      instance.stateReason = { ...startFailed };
      if (instance.state === "pending") setInstanceState(engine, instance, "stopped");
      throw error;
    }
    await becomeRunning(engine, instance);
  });
}

/** To this driver a host of an earlier run of the local cloud is new, but its root file system is where it was. */
async function startHost(engine: Engine, instance: Instance): Promise<void> {
  if (instance.hosted) await engine.hosts.restart(instance.id);
  else await engine.hosts.launch(hostSpec(engine, instance));
  markHosted(engine, instance);
}

/** Security groups may have changed while it booted. */
function markHosted(engine: Engine, instance: Instance): void {
  instance.hosted = true;
  engine.firewalls.refresh(engine, instance.vpcId);
}

/** `running` → `stopping` → `stopped`. Volumes stay attached; a public address that was only lent is gone. */
export function stop(engine: Engine, instance: Instance, how: Shutdown, reason = userInitiated): void {
  leaveRunning(engine, instance, reason);
  setInstanceState(engine, instance, "stopping");
  engine.background.run(`stop ${instance.id}`, async () => {
    await Promise.all([
      engine.lanes.run(instance.id, () => shutDown(engine, instance, how)),
      engine.background.sleep(engine.timings.shuttingDown),
    ]);
    if (instance.state !== "stopping") return;
    for (const id of instance.networkInterfaceIds) delete engine.store.networkInterfaces.get(id).publicIp;
    setInstanceState(engine, instance, "stopped");
  });
}

/** Any state → `shutting-down` → `terminated`. Its volumes and interfaces are free, or gone, only at the end. */
export function terminate(engine: Engine, instance: Instance, how: Shutdown, reason = userInitiated): void {
  if (instance.state === "shutting-down" || instance.state === "terminated") return;
  const isUp = instance.state !== "stopped";
  leaveRunning(engine, instance, reason);
  setInstanceState(engine, instance, "shutting-down");
  engine.background.run(`terminate ${instance.id}`, async () => {
    await Promise.all([
      engine.lanes.run(instance.id, () => endHost(engine, instance, isUp ? how : undefined)),
      engine.background.sleep(engine.timings.shuttingDown),
    ]);
    freeAll(engine, instance);
    instance.goneAt = engine.context.clock.now();
    setInstanceState(engine, instance, "terminated");
    forgetLater(engine, instance, engine.store.instances);
  });
}

/** Rejects while the host may still be alive: then the instance stays `shutting-down`, and its volumes bound. */
async function endHost(engine: Engine, instance: Instance, how: Shutdown | undefined): Promise<void> {
  if (instance.hosted && how !== undefined) await shutDown(engine, instance, how);
  for (const volume of volumesOf(engine, instance)) {
    if (!volume.attachment?.onHost) continue;
    await engine.hosts.detachVolume(instance.id, volume.id, { force: true });
    volume.attachment.onHost = false;
  }
  await engine.hosts.destroy(instance.id);
  instance.hosted = false;
}

async function shutDown(engine: Engine, instance: Instance, how: Shutdown): Promise<void> {
  try {
    await engine.hosts.shutdown(instance.id, how);
  } catch (error) {
    if (how === "power-off") throw error;
    await engine.hosts.shutdown(instance.id, "power-off");
  }
}

function freeAll(engine: Engine, instance: Instance): void {
  for (const volume of volumesOf(engine, instance)) {
    if (volume.attachment?.deleteOnTermination) eraseVolume(engine, volume);
    else releaseVolume(engine, volume);
  }
  instance.volumeIds = [];
  for (const id of instance.networkInterfaceIds) {
    const networkInterface = engine.store.networkInterfaces.get(id);
    if (networkInterface.attachment?.deleteOnTermination) removeInterface(engine, id);
    else releaseInterface(engine, networkInterface);
  }
  instance.networkInterfaceIds = [];
}

/** The host goes down and comes up again; the instance stays `running` throughout. */
export function reboot(engine: Engine, instance: Instance): void {
  engine.rebooting.add(instance.id);
  engine.background.run(`reboot ${instance.id}`, async () => {
    try {
      await engine.lanes.run(instance.id, async () => {
        if (instance.state !== "running") return;
        await engine.hosts.shutdown(instance.id, "graceful");
        await engine.hosts.restart(instance.id);
      });
    } finally {
      engine.rebooting.delete(instance.id);
    }
  });
}

/** A host that ended by itself, as a guest that powers off: the instance stops, or terminates if it was launched so. */
export function guestEnded(engine: Engine, instance: Instance): void {
  if (engine.rebooting.has(instance.id)) return;
  if (instance.state === "pending") {
    engine.background.run(`early end of ${instance.id}`, async () => {
      await engine.background.sleep(engine.timings.instancePending);
      guestEnded(engine, instance);
    });
  }
  if (instance.state !== "running") return;
  if (instance.shutdownBehavior === "terminate") terminate(engine, instance, "power-off", guestInitiated);
  else stop(engine, instance, "power-off", guestInitiated);
}

/** Its zone or its hardware lost power: the instance stops, and nothing asks its guest. */
export function powerLost(engine: Engine, instance: Instance): void {
  if (instance.state === "running" || instance.state === "pending") stop(engine, instance, "power-off", serverFault);
}

function leaveRunning(engine: Engine, instance: Instance, reason: NonNullable<Instance["stateReason"]>): void {
  const time = new Date(engine.context.clock.now()).toISOString().replace("T", " ").slice(0, 19);
  instance.transition = reason === userInitiated ? `User initiated (${time} GMT)` : "";
  instance.stateReason = { ...reason };
  instance.impaired = false;
  delete instance.runningAt;
}
