import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError } from "../../wire/contract.ts";
import { dryRunAnswer } from "../engine/dry-run.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidValue, required } from "../engine/errors.ts";
import { kinds } from "../engine/kinds.ts";
import type { Image, Instance } from "../engine/state-compute.ts";
import { newResource } from "../engine/store.ts";
import { freeAddresses } from "../network/address-pool.ts";
import { boot } from "./instance-lifecycle.ts";
import { announceInstanceState } from "./instance-state.ts";
import type { InstanceTypeFacts } from "./instance-type-table.ts";
import {
  checkCapacity,
  checkedMachine,
  checkedProfile,
  checkUserData,
  checkVcpus,
  metadataOptions,
} from "./launch-checks.ts";
import { attachPlanned, type PlannedInterface, plannedInterfaces } from "./launch-network.ts";
import { type LaunchParameters, launchParameters } from "./launch-parameters.ts";
import { bindPlanned, type PlannedVolume, plannedVolumes } from "./launch-volumes.ts";

/** A launch in which everything that can be checked has been checked. */
interface Launch {
  readonly parameters: LaunchParameters;
  readonly image: Image;
  readonly type: InstanceTypeFacts;
  readonly interfaces: readonly PlannedInterface[];
  readonly primary: PlannedInterface;
  readonly volumes: readonly PlannedVolume[];
  readonly profileArn: string | undefined;
  readonly metadata: Instance["metadata"];
  readonly count: number;
  readonly clientToken: string | undefined;
}

/**
 * RunInstances: all of `MinCount` to `MaxCount` instances, or none.
 * @returns the ids of the new instances, or of those that the same client token made before
 */
export function runInstances(engine: Engine, input: ec2.RunInstancesCommandInput): Instance[] {
  if (input.DryRun === true) {
    checkedLaunch(engine, input);
    throw dryRunAnswer();
  }
  const { instances } = engine.store;
  const exists = (id: string) => instances.find(id) !== undefined;
  const ids = engine.tokens.once("RunInstances", input, exists, () => {
    const launched = create(engine, checkedLaunch(engine, input));
    return launched.map((instance) => instance.id);
  });
  const found = ids.map((id) => instances.get(id));
  if (found.some((instance) => instance.state === "terminated" || instance.state === "shutting-down")) {
    throw new AwsError(
      "IdempotentInstanceTerminated",
      "The request specifies a client token for an instance that has already been terminated.",
    );
  }
  return found;
}

function checkedLaunch(engine: Engine, input: ec2.RunInstancesCommandInput): Launch {
  const minimum = required(input.MinCount, "MinCount");
  const maximum = required(input.MaxCount, "MaxCount");
  if (minimum < 1 || maximum < minimum) throw invalidValue(`Invalid value '${maximum}' for MaxCount or MinCount.`);
  const parameters = launchParameters(engine, input);
  checkUserData(parameters.userData);
  const { image, type } = checkedMachine(engine, parameters);
  const profileArn = checkedProfile(engine, parameters.profile);
  const interfaces = plannedInterfaces(engine, parameters, maximum);
  const primary = required(interfaces[0], "SubnetId");
  checkVcpus(engine, type, minimum);
  checkCapacity(engine, type.name, primary.subnet.zone);
  return {
    parameters,
    image,
    type,
    interfaces,
    primary,
    volumes: plannedVolumes(image, primary.subnet.zone, parameters.blockDevices),
    profileArn,
    metadata: metadataOptions(parameters.metadata),
    count: affordableCount(engine, interfaces, minimum, maximum),
    clientToken: input.ClientToken,
  };
}

/** @throws AwsError `InsufficientFreeAddressesInSubnet` if not even the smallest number fits. */
function affordableCount(
  engine: Engine,
  interfaces: readonly PlannedInterface[],
  minimum: number,
  maximum: number,
): number {
  const fresh = interfaces.filter((plan) => plan.existing === undefined);
  const bySubnet = [...Map.groupBy(fresh, (plan) => plan.subnet.id).values()];
  const fits = bySubnet.map((plans) => {
    const [plan] = plans;
    return plan ? Math.floor(freeAddresses(engine, plan.subnet) / plans.length) : maximum;
  });
  const count = Math.min(maximum, ...fits);
  if (count < minimum) {
    throw new AwsError(
      "InsufficientFreeAddressesInSubnet",
      "The specified subnet does not have enough free addresses to satisfy the request.",
    );
  }
  return count;
}

function create(engine: Engine, launch: Launch): Instance[] {
  const reservationId = engine.context.id("r");
  const launched: Instance[] = [];
  try {
    for (let index = 0; index < launch.count; index++) launched.push(createOne(engine, launch, reservationId, index));
  } catch (error) {
    for (const instance of launched) takeBack(engine, launch, instance.id);
    throw error;
  }
  for (const instance of launched) {
    announceInstanceState(engine, instance, undefined);
    boot(engine, instance);
  }
  return launched;
}

function createOne(engine: Engine, launch: Launch, reservationId: string, launchIndex: number): Instance {
  const { parameters, image, type, primary } = launch;
  const base = newResource(engine.context, kinds.instance.prefix, { ...parameters.tags.instance });
  try {
    const tags = parameters.tags.networkInterface;
    const interfaces = attachPlanned(engine, launch.interfaces, { id: base.id, tags });
    const instance = engine.store.instances.add({
      ...base,
      reservationId,
      launchIndex,
      ...(launch.clientToken !== undefined && { clientToken: launch.clientToken }),
      imageId: image.id,
      architecture: image.architecture,
      type: type.name,
      vpcId: primary.subnet.vpcId,
      subnetId: primary.subnet.id,
      zone: primary.subnet.zone,
      address: interfaces[0]?.address ?? "",
      mac: interfaces[0]?.mac ?? "",
      ...(parameters.keyName !== undefined && { keyName: parameters.keyName }),
      ...(launch.profileArn !== undefined && { profileArn: launch.profileArn }),
      userData: parameters.userData,
      rootDeviceName: image.rootDeviceName,
      ebsOptimized: parameters.ebsOptimized,
      monitoring: parameters.monitoring,
      apiTerminationDisabled: parameters.apiTerminationDisabled,
      shutdownBehavior: parameters.shutdownBehavior,
      metadata: launch.metadata,
      state: "pending",
      transition: "",
      launchedAt: base.createdAt,
      impaired: false,
      hosted: false,
      volumeIds: [],
      networkInterfaceIds: interfaces.map((each) => each.id),
    });
    bindPlanned(engine, launch.volumes, instance, parameters.tags.volume);
    return instance;
  } catch (error) {
    takeBack(engine, launch, base.id);
    throw error;
  }
}

/** Removes every trace of an instance that was never announced. */
function takeBack(engine: Engine, launch: Launch, instanceId: string): void {
  const { instances, networkInterfaces, volumes } = engine.store;
  for (const volume of volumes.list()) {
    if (volume.attachment?.instanceId === instanceId) volumes.remove(volume.id);
  }
  for (const each of networkInterfaces.list()) {
    if (each.attachment?.instanceId !== instanceId) continue;
    if (launch.interfaces.some((plan) => plan.existing === each)) delete each.attachment;
    else networkInterfaces.remove(each.id);
  }
  instances.remove(instanceId);
}
