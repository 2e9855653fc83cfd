import { AwsError } from "../../wire/contract.ts";
import { type Engine, publishVolumeEvent } from "../engine/engine.ts";
import { invalidValue } from "../engine/errors.ts";
import type { Instance, Volume } from "../engine/state-compute.ts";
import { ensureInDriver } from "./volumes.ts";

/** Most Nitro types have room for so many volumes and interfaces together (docs/references/aws.md#attach). */
const attachmentBudget = 28;

/** @throws AwsError the codes of docs/references/aws.md#attach, in the order in which EC2 looks. */
function refuseAttach(engine: Engine, volume: Volume, instance: Instance, device: string): void {
  if (instance.state !== "running" && instance.state !== "stopped") {
    throw new AwsError("IncorrectState", `Instance '${instance.id}' is not 'running'.`);
  }
  if (volume.attachment) throw new AwsError("VolumeInUse", `${volume.id} is already attached to an instance`);
  if (volume.state !== "available") throw new AwsError("IncorrectState", `${volume.id} is not 'available'.`);
  if (volume.zone !== instance.zone) {
    throw new AwsError(
      "InvalidVolume.ZoneMismatch",
      `The volume '${volume.id}' is not in the same availability zone as instance '${instance.id}'`,
    );
  }
  const devices = instance.volumeIds.map((id) => engine.store.volumes.find(id)?.attachment?.device);
  if (devices.includes(device)) {
    throw invalidValue(`Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`);
  }
  if (instance.volumeIds.length + instance.networkInterfaceIds.length >= attachmentBudget) {
    throw new AwsError("AttachmentLimitExceeded", "The maximum number of attachments for this instance was exceeded.");
  }
}

/** Binds a volume to an instance in the records. */
export function bindVolume(
  engine: Engine,
  volume: Volume,
  instance: Instance,
  attachment: { device: string; state: "attaching" | "attached"; deleteOnTermination: boolean },
): NonNullable<Volume["attachment"]> {
  const bound = { ...attachment, instanceId: instance.id, attachedAt: engine.context.clock.now(), onHost: false };
  volume.state = "in-use";
  volume.attachment = bound;
  instance.volumeIds.push(volume.id);
  return bound;
}

/** Frees a volume from its instance. */
export function releaseVolume(engine: Engine, volume: Volume): void {
  const instance = engine.store.instances.find(volume.attachment?.instanceId);
  if (instance) instance.volumeIds = instance.volumeIds.filter((id) => id !== volume.id);
  delete volume.attachment;
  if (volume.state !== "error") volume.state = "available";
}

/**
 * `attaching` now; `attached` when the running host has the device; `available` again, with an event, if that fails.
 */
export function attachVolume(engine: Engine, volume: Volume, instance: Instance, device: string): void {
  refuseAttach(engine, volume, instance, device);
  const attachment = bindVolume(engine, volume, instance, { device, state: "attaching", deleteOnTermination: false });
  engine.background.run(`attach ${volume.id} to ${instance.id}`, async () => {
    try {
      do await engine.background.sleep(engine.timings.volumeAttaching);
      while (engine.impairments.stuck.attaching.has(volume.id) && volume.attachment === attachment);
      await putOnHost(engine, volume, instance);
    } catch (error) {
      if (volume.attachment !== attachment) return;
      releaseVolume(engine, volume);
      const ids = { volumeId: volume.id, instanceId: instance.id, cause: String(error) };
      publishVolumeEvent(engine, "attachVolume", "failed", ids);
      throw error;
    }
    if (attachment.state === "attaching") attachment.state = "attached";
  });
}

/** Makes the device appear on the host, if the host runs; a stopped one gets it when it starts. */
export function putOnHost(engine: Engine, volume: Volume, instance: Instance): Promise<void> {
  return engine.lanes.run(instance.id, async () => {
    const { attachment } = volume;
    if (attachment?.instanceId !== instance.id || attachment.onHost || instance.state !== "running") return;
    await ensureInDriver(engine, volume);
    await engine.hosts.attachVolume(instance.id, volume.id, attachment.device);
    attachment.onHost = true;
  });
}

/**
 * `detaching` now; `busy` while the guest has it mounted, for as long as it does; `available` when the host let go.
 * A forced detach does not wait for the guest.
 * @throws AwsError `IncorrectState`, `InvalidAttachment.NotFound`, `OperationNotPermitted` for a running root volume
 */
export function detachVolume(
  engine: Engine,
  volume: Volume,
  request: { instanceId?: string | undefined; device?: string | undefined; force: boolean },
): NonNullable<Volume["attachment"]> {
  const attachment = attachmentToDetach(engine, volume, request);
  const isUnderway = attachment.state === "detaching" || attachment.state === "busy";
  if (isUnderway && !request.force) return attachment;
  attachment.state = "detaching";
  engine.background.run(`detach ${volume.id}`, () => waitForHost(engine, volume, attachment, request.force));
  return attachment;
}

function attachmentToDetach(
  engine: Engine,
  volume: Volume,
  request: { instanceId?: string | undefined; device?: string | undefined },
): NonNullable<Volume["attachment"]> {
  const { attachment } = volume;
  if (!attachment) throw new AwsError("IncorrectState", `Volume '${volume.id}' is in the '${volume.state}' state.`);
  const isOther =
    (request.instanceId !== undefined && request.instanceId !== attachment.instanceId) ||
    (request.device !== undefined && request.device !== attachment.device);
  if (isOther) {
    throw new AwsError(
      "InvalidAttachment.NotFound",
      `The volume '${volume.id}' is not attached to instance '${request.instanceId}' as device '${request.device}'.`,
    );
  }
  const instance = engine.store.instances.get(attachment.instanceId);
  if (instance.rootDeviceName === attachment.device && instance.state !== "stopped") {
    throw new AwsError(
      "OperationNotPermitted",
      `Unable to detach root volume '${volume.id}' from instance '${instance.id}'`,
    );
  }
  return attachment;
}

async function waitForHost(
  engine: Engine,
  volume: Volume,
  attachment: NonNullable<Volume["attachment"]>,
  force: boolean,
): Promise<void> {
  const start = engine.context.clock.now();
  for (;;) {
    await engine.background.sleep(engine.timings.volumeDetaching);
    if (volume.attachment !== attachment) return;
    const isStuck = engine.impairments.stuck.detaching.has(volume.id) && !force;
    if (!isStuck && (await takeFromHost(engine, volume, attachment, force))) {
      if (volume.attachment === attachment) releaseVolume(engine, volume);
      return;
    }
    if (engine.context.clock.now() - start >= engine.timings.volumeBusyAfter) attachment.state = "busy";
  }
}

function takeFromHost(
  engine: Engine,
  volume: Volume,
  attachment: NonNullable<Volume["attachment"]>,
  force: boolean,
): Promise<boolean> {
  return engine.lanes.run(attachment.instanceId, async () => {
    if (!attachment.onHost || volume.attachment !== attachment) return true;
    const isFree = await engine.hosts.detachVolume(attachment.instanceId, volume.id, { force });
    attachment.onHost = !isFree;
    return isFree;
  });
}
