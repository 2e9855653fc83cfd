import { AwsError } from "../../wire/contract.ts";
import { instanceTypeNamed } from "../compute/instance-type-table.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidValue } from "../engine/errors.ts";
import type { Instance } from "../engine/state-compute.ts";
import type { NetworkInterface } from "../engine/state-network.ts";
import { refuseInterfaceInUse } from "./interfaces.ts";

/** Makes an interface part of an instance that is being launched. Device 0 is the primary one. */
export function attachAtLaunch(
  engine: Engine,
  networkInterface: NetworkInterface,
  attachment: { instanceId: string; deviceIndex: number; deleteOnTermination: boolean },
): void {
  networkInterface.attachment = {
    ...attachment,
    id: engine.context.id("eni-attach"),
    state: "attached",
    attachedAt: engine.context.clock.now(),
  };
}

/**
 * Attaches an interface to an instance that exists. Only EC2's records change: hosts have one interface.
 * @returns the attachment's id
 * @throws AwsError the codes of docs/references/aws.md#fixed-interface
 */
export function attachSecondary(
  engine: Engine,
  networkInterface: NetworkInterface,
  instance: Instance,
  deviceIndex: number,
): string {
  refuseInterfaceInUse(networkInterface);
  if (instance.state !== "running" && instance.state !== "stopped") {
    throw new AwsError("IncorrectState", `Instance '${instance.id}' is not in a valid state for this operation.`);
  }
  if (instance.zone !== networkInterface.zone || instance.vpcId !== networkInterface.vpcId) {
    throw invalidValue(
      "You may not attach a network interface to an instance if they are not in the same availability zone",
    );
  }
  const present = instance.networkInterfaceIds.map((id) => engine.store.networkInterfaces.get(id));
  if (present.some((each) => each.attachment?.deviceIndex === deviceIndex)) {
    throw invalidValue(`Instance '${instance.id}' already has an interface attached at device index '${deviceIndex}'.`);
  }
  if (present.length >= instanceTypeNamed(instance.type).interfaces) {
    throw new AwsError(
      "AttachmentLimitExceeded",
      `Interface count ${present.length + 1} exceeds the limit for ${instance.type}`,
    );
  }
  attachAtLaunch(engine, networkInterface, { instanceId: instance.id, deviceIndex, deleteOnTermination: false });
  instance.networkInterfaceIds.push(networkInterface.id);
  return settleAttaching(engine, networkInterface);
}

function settleAttaching(engine: Engine, networkInterface: NetworkInterface): string {
  const { attachment } = networkInterface;
  if (!attachment) throw new Error(`interface ${networkInterface.id} is not attached`);
  attachment.state = "attaching";
  engine.background.run(`attach ${networkInterface.id}`, async () => {
    await engine.background.sleep(engine.timings.interfaceAttaching);
    if (attachment.state === "attaching") attachment.state = "attached";
  });
  return attachment.id;
}

/** @throws AwsError `OperationNotPermitted` for the primary interface. */
export function detachSecondary(engine: Engine, networkInterface: NetworkInterface): void {
  const { attachment } = networkInterface;
  if (!attachment || attachment.deviceIndex === 0) {
    throw new AwsError("OperationNotPermitted", "The network interface at device index 0 cannot be detached.");
  }
  attachment.state = "detaching";
  engine.background.run(`detach ${networkInterface.id}`, async () => {
    await engine.background.sleep(engine.timings.interfaceAttaching);
    if (networkInterface.attachment === attachment) releaseInterface(engine, networkInterface);
  });
}

/** Frees an interface from its instance. */
export function releaseInterface(engine: Engine, networkInterface: NetworkInterface): void {
  const instance = engine.store.instances.find(networkInterface.attachment?.instanceId);
  if (instance) {
    instance.networkInterfaceIds = instance.networkInterfaceIds.filter((id) => id !== networkInterface.id);
  }
  delete networkInterface.attachment;
  delete networkInterface.publicIp;
}
