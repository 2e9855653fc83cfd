import type { LaunchTemplateInstanceNetworkInterfaceSpecificationRequest as InterfaceSpecification } from "@aws-sdk/client-ec2";
import { AwsError } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidCombination, invalidValue } from "../engine/errors.ts";
import type { NetworkInterface, Subnet } from "../engine/state-network.ts";
import { unusedPublicIp } from "../network/addresses.ts";
import { attachAtLaunch } from "../network/interface-attachments.ts";
import { addInterface, checkedGroups, refuseInterfaceInUse } from "../network/interfaces.ts";
import { groupNamed } from "../network/security-groups.ts";
import { checkZone } from "./launch-checks.ts";
import type { LaunchParameters } from "./launch-parameters.ts";

/** One interface of a launch: an existing one, or what to make. */
export interface PlannedInterface {
  readonly deviceIndex: number;
  readonly subnet: Subnet;
  readonly existing: NetworkInterface | undefined;
  readonly groupIds: readonly string[];
  readonly address: string | undefined;
  readonly description: string;
  readonly deleteOnTermination: boolean;
  readonly publicIp: boolean;
}

/**
 * Where a launch goes, primary interface first.
 * @throws AwsError `InvalidNetworkInterface.InUse`, `InvalidParameterCombination`, `InvalidSubnetID.NotFound`, …
 */
export function plannedInterfaces(engine: Engine, parameters: LaunchParameters, count: number): PlannedInterface[] {
  const { interfaces } = parameters;
  if (interfaces.length === 0) return [plainInterface(engine, parameters)];
  if (parameters.subnetId !== undefined) {
    throw invalidCombination(
      "Network interfaces and an instance-level subnet ID may not be specified on the same request",
    );
  }
  if (parameters.groupIds.length > 0 || parameters.groupNames.length > 0) {
    throw invalidCombination(
      "Network interfaces and an instance-level security groups may not be specified on the same request",
    );
  }
  const planned = interfaces.map((each, index) => specifiedInterface(engine, parameters, each, index));
  planned.sort((one, other) => one.deviceIndex - other.deviceIndex);
  if (planned[0]?.deviceIndex !== 0) throw invalidValue("Primary network interface device index must be 0.");
  if (new Set(planned.map((each) => each.deviceIndex)).size < planned.length) {
    throw invalidValue("Each network interface requires a unique device index.");
  }
  if (new Set(planned.map((each) => each.subnet.zone)).size > 1) {
    throw invalidCombination("All network interfaces must be in the same Availability Zone.");
  }
  const isFixed = planned.some((each) => each.existing !== undefined || each.address !== undefined);
  if (isFixed && count > 1) {
    throw invalidCombination(
      "A network interface or private IP address may not be specified when launching several instances",
    );
  }
  return planned;
}

/** The subnet of a launch that names none: the default VPC's, in the wanted zone. @throws AwsError `MissingInput` */
function defaultSubnet(engine: Engine, zone: string | undefined): Subnet {
  const candidates = engine.store.subnets.list().filter((subnet) => subnet.defaultForZone);
  const subnet = candidates.find((each) => zone === undefined || each.zone === zone);
  if (!subnet)
    throw new AwsError(
      "MissingInput",
      `No subnets found for the default VPC in zone '${zone ?? "any"}'. Please specify a subnet.`,
    );
  return subnet;
}

function subnetOf(engine: Engine, parameters: LaunchParameters, subnetId: string | undefined): Subnet {
  const { zone } = parameters;
  const subnet = subnetId === undefined ? defaultSubnet(engine, zone) : engine.store.subnets.get(subnetId);
  checkZone(subnet, zone);
  return subnet;
}

function plainInterface(engine: Engine, parameters: LaunchParameters): PlannedInterface {
  const subnet = subnetOf(engine, parameters, parameters.subnetId);
  const named = parameters.groupNames.map((name) => groupNamed(engine, subnet.vpcId, { name }).id);
  return {
    deviceIndex: 0,
    subnet,
    existing: undefined,
    groupIds: checkedGroups(engine, subnet, [...parameters.groupIds, ...named]),
    address: parameters.privateIpAddress,
    description: "",
    deleteOnTermination: true,
    publicIp: subnet.publicIpOnLaunch,
  };
}

function specifiedInterface(
  engine: Engine,
  parameters: LaunchParameters,
  specification: InterfaceSpecification,
  index: number,
): PlannedInterface {
  const deviceIndex = specification.DeviceIndex ?? index;
  if (specification.NetworkInterfaceId !== undefined) {
    return existingInterface(engine, parameters, specification.NetworkInterfaceId, deviceIndex);
  }
  const subnet = subnetOf(engine, parameters, specification.SubnetId);
  return {
    deviceIndex,
    subnet,
    existing: undefined,
    groupIds: checkedGroups(engine, subnet, specification.Groups),
    address: specification.PrivateIpAddress ?? specification.PrivateIpAddresses?.[0]?.PrivateIpAddress,
    description: specification.Description ?? "",
    deleteOnTermination: specification.DeleteOnTermination ?? true,
    publicIp: specification.AssociatePublicIpAddress ?? (deviceIndex === 0 && subnet.publicIpOnLaunch),
  };
}

function existingInterface(
  engine: Engine,
  parameters: LaunchParameters,
  networkInterfaceId: string,
  deviceIndex: number,
): PlannedInterface {
  const existing = engine.store.networkInterfaces.get(networkInterfaceId);
  refuseInterfaceInUse(existing);
  const subnet = engine.store.subnets.get(existing.subnetId);
  checkZone(subnet, parameters.zone);
  return {
    deviceIndex,
    subnet,
    existing,
    groupIds: existing.groupIds,
    address: undefined,
    description: existing.description,
    // An interface that existed before its instance is never deleted with it.
    deleteOnTermination: false,
    publicIp: false,
  };
}

/** Makes the planned interfaces, or takes the existing ones, and attaches them. */
export function attachPlanned(
  engine: Engine,
  planned: readonly PlannedInterface[],
  instance: { id: string; tags: LaunchParameters["tags"]["networkInterface"] },
): NetworkInterface[] {
  return planned.map((plan) => {
    const networkInterface = plan.existing ?? addInterface(engine, { ...plan, tags: { ...instance.tags } });
    if (plan.publicIp) networkInterface.publicIp = unusedPublicIp(engine);
    attachAtLaunch(engine, networkInterface, {
      instanceId: instance.id,
      deviceIndex: plan.deviceIndex,
      deleteOnTermination: plan.deleteOnTermination,
    });
    return networkInterface;
  });
}
