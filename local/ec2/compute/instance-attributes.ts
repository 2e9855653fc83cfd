import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidValue, notEmulated, required } from "../engine/errors.ts";
import type { Instance } from "../engine/state-compute.ts";
import { groupIdentifiers } from "../network/interface-view.ts";
import { changeGroups } from "../network/interfaces.ts";

function describe(engine: Engine, instance: Instance, attribute: string): ec2.InstanceAttribute {
  const primary = engine.store.networkInterfaces.find(instance.networkInterfaceIds[0]);
  switch (attribute) {
    case "instanceType":
      return { InstanceType: { Value: instance.type } };
    case "userData":
      return { UserData: { Value: instance.userData } };
    case "rootDeviceName":
      return { RootDeviceName: { Value: instance.rootDeviceName } };
    case "disableApiTermination":
      return { DisableApiTermination: { Value: instance.apiTerminationDisabled } };
    case "instanceInitiatedShutdownBehavior":
      return { InstanceInitiatedShutdownBehavior: { Value: instance.shutdownBehavior } };
    case "ebsOptimized":
      return { EbsOptimized: { Value: instance.ebsOptimized } };
    case "sourceDestCheck":
      return { SourceDestCheck: { Value: primary?.sourceDestCheck ?? true } };
    case "groupSet":
      return { Groups: groupIdentifiers(engine, primary?.groupIds ?? []) };
    case "blockDeviceMapping":
      return { BlockDeviceMappings: blockDevices(engine, instance) };
    default:
      throw notEmulated(`the instance attribute ${attribute}`);
  }
}

function blockDevices(engine: Engine, instance: Instance): ec2.InstanceBlockDeviceMapping[] {
  return instance.volumeIds.map((id) => {
    const { attachment } = engine.store.volumes.get(id);
    return {
      DeviceName: attachment?.device,
      Ebs: { VolumeId: id, DeleteOnTermination: attachment?.deleteOnTermination ?? false },
    };
  });
}

/** @throws AwsError `InvalidInstanceAttributeValue` for a device that the instance does not have. */
function setDeleteOnTermination(
  engine: Engine,
  instance: Instance,
  mappings: readonly ec2.InstanceBlockDeviceMappingSpecification[],
): void {
  for (const { DeviceName, Ebs } of mappings) {
    const volumes = instance.volumeIds.map((id) => engine.store.volumes.get(id));
    const attachment = volumes.find((volume) => volume.attachment?.device === DeviceName)?.attachment;
    if (!attachment) {
      throw new AwsError("InvalidInstanceAttributeValue", `No device is currently mapped at ${DeviceName}`);
    }
    attachment.deleteOnTermination = Ebs?.DeleteOnTermination ?? attachment.deleteOnTermination;
  }
}

function modify(engine: Engine, instance: Instance, input: ec2.ModifyInstanceAttributeCommandInput): void {
  const behavior = input.InstanceInitiatedShutdownBehavior?.Value;
  if (behavior !== undefined && behavior !== "stop" && behavior !== "terminate") {
    throw invalidValue(`Invalid value '${behavior}' for instanceInitiatedShutdownBehavior.`);
  }
  if (input.InstanceType || input.UserData || input.Kernel || input.Ramdisk) {
    throw notEmulated("a change of instance type or user data");
  }
  if (input.BlockDeviceMappings) setDeleteOnTermination(engine, instance, input.BlockDeviceMappings);
  const primary = engine.store.networkInterfaces.find(instance.networkInterfaceIds[0]);
  if (primary && input.Groups) changeGroups(engine, primary, input.Groups);
  if (primary) primary.sourceDestCheck = input.SourceDestCheck?.Value ?? primary.sourceDestCheck;
  instance.shutdownBehavior = behavior ?? instance.shutdownBehavior;
  instance.apiTerminationDisabled = input.DisableApiTermination?.Value ?? instance.apiTerminationDisabled;
  instance.ebsOptimized = input.EbsOptimized?.Value ?? instance.ebsOptimized;
}

export function instanceAttributeHandlers(engine: Engine): Handlers<typeof ec2> {
  const { instances } = engine.store;
  return {
    DescribeInstanceAttribute(input) {
      const instance = instances.get(required(input.InstanceId, "InstanceId"));
      return { InstanceId: instance.id, ...describe(engine, instance, required(input.Attribute, "Attribute")) };
    },

    ModifyInstanceAttribute(input) {
      const instance = instances.get(required(input.InstanceId, "InstanceId"));
      if (input.Attribute !== undefined) throw notEmulated("the older Attribute and Value form");
      modify(engine, instance, input);
      return {};
    },
  };
}
