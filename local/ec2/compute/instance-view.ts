import type * as ec2 from "@aws-sdk/client-ec2";
import type { Engine } from "../engine/engine.ts";
import type { FilterAttributes } from "../engine/filters.ts";
import type { Instance, Volume } from "../engine/state-compute.ts";
import type { NetworkInterface } from "../engine/state-network.ts";
import { tagList } from "../engine/tags.ts";
import { associationView, groupIdentifiers, privateDnsName, publicDnsName } from "../network/interface-view.ts";
import { publicIpOf } from "../network/interfaces.ts";
import { zoneNamed } from "../network/zones.ts";
import { instanceTypeNamed } from "./instance-type-table.ts";

const stateCodes = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;

export function stateView(state: Instance["state"]): { Code: number; Name: Instance["state"] } {
  return { Code: stateCodes[state], Name: state };
}

function interfacesOf(engine: Engine, instance: Instance): NetworkInterface[] {
  return instance.networkInterfaceIds.map((id) => engine.store.networkInterfaces.get(id));
}

function volumesOf(engine: Engine, instance: Instance): Volume[] {
  return instance.volumeIds.map((id) => engine.store.volumes.get(id));
}

/** A terminated instance has no place in the network any more. */
function placed<T>(instance: Instance, value: T): T | undefined {
  return instance.state === "terminated" ? undefined : value;
}

/** The same for all instances here; EC2 says "xen" of Nitro types, too. */
const HYPERVISOR = "xen";
const VIRTUALIZATION = "hvm";
const ROOT_DEVICE_TYPE = "ebs";
const TENANCY = "default";

function monitoringState({ monitoring }: Instance): "enabled" | "disabled" {
  return monitoring ? "enabled" : "disabled";
}

export function instanceFilters(engine: Engine): FilterAttributes<Instance> {
  const primary = (instance: Instance) => interfacesOf(engine, instance)[0];
  const groups = (instance: Instance) => groupIdentifiers(engine, primary(instance)?.groupIds ?? []);
  const publicIp = (instance: Instance) => {
    const networkInterface = primary(instance);
    return networkInterface && publicIpOf(engine, networkInterface);
  };
  return {
    "instance-id": (instance) => instance.id,
    "instance-state-name": (instance) => instance.state,
    "instance-state-code": (instance) => stateCodes[instance.state],
    "instance-type": (instance) => instance.type,
    "image-id": (instance) => instance.imageId,
    "key-name": (instance) => instance.keyName,
    "client-token": (instance) => instance.clientToken,
    "reservation-id": (instance) => instance.reservationId,
    "owner-id": () => engine.context.accountId,
    "launch-time": (instance) => new Date(instance.launchedAt).toISOString(),
    "availability-zone": (instance) => instance.zone,
    "vpc-id": (instance) => placed(instance, instance.vpcId),
    "subnet-id": (instance) => placed(instance, instance.subnetId),
    "private-ip-address": (instance) => placed(instance, instance.address),
    "private-dns-name": (instance) => placed(instance, privateDnsName(engine.context.region, instance.address)),
    "ip-address": publicIp,
    "iam-instance-profile.arn": (instance) => instance.profileArn,
    architecture: (instance) => instance.architecture,
    "root-device-name": (instance) => instance.rootDeviceName,
    "root-device-type": () => ROOT_DEVICE_TYPE,
    "virtualization-type": () => VIRTUALIZATION,
    hypervisor: () => HYPERVISOR,
    tenancy: () => TENANCY,
    "monitoring-state": monitoringState,
    // Neither Spot nor scheduled.
    "instance-lifecycle": () => undefined,
    "dns-name": (instance) => {
      const address = publicIp(instance);
      return address === undefined ? undefined : publicDnsName(engine.context.region, address);
    },
    "instance.group-id": (instance) => groups(instance).map((group) => group.GroupId),
    "instance.group-name": (instance) => groups(instance).map((group) => group.GroupName),
    "network-interface.network-interface-id": (instance) => instance.networkInterfaceIds,
    "network-interface.addresses.private-ip-address": (instance) =>
      interfacesOf(engine, instance).map((each) => each.address),
    "network-interface.subnet-id": (instance) => interfacesOf(engine, instance).map((each) => each.subnetId),
    "network-interface.vpc-id": (instance) => interfacesOf(engine, instance).map((each) => each.vpcId),
    "block-device-mapping.volume-id": (instance) => instance.volumeIds,
    "block-device-mapping.device-name": (instance) =>
      volumesOf(engine, instance).map((volume) => volume.attachment?.device),
    "metadata-options.http-tokens": (instance) => instance.metadata.HttpTokens,
  };
}

/** Instances as `Reservations`: those of one RunInstances call belong together. */
export function reservationViews(engine: Engine, instances: readonly Instance[]): ec2.Reservation[] {
  const byReservation = Map.groupBy(instances, (instance) => instance.reservationId);
  return [...byReservation].map(([ReservationId, members]) => ({
    ReservationId,
    OwnerId: engine.context.accountId,
    Groups: [],
    Instances: members.map((instance) => instanceView(engine, instance)),
  }));
}

function instanceView(engine: Engine, instance: Instance): ec2.Instance {
  const type = instanceTypeNamed(instance.type);
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instance.type,
    State: stateView(instance.state),
    StateTransitionReason: instance.transition,
    ...(instance.stateReason && { StateReason: instance.stateReason }),
    AmiLaunchIndex: instance.launchIndex,
    ClientToken: instance.clientToken ?? "",
    LaunchTime: new Date(instance.launchedAt),
    ...(instance.keyName !== undefined && { KeyName: instance.keyName }),
    Architecture: instance.architecture,
    Hypervisor: HYPERVISOR,
    VirtualizationType: VIRTUALIZATION,
    PlatformDetails: "Linux/UNIX",
    EnaSupport: type.nitro,
    EbsOptimized: instance.ebsOptimized,
    Monitoring: { State: monitoringState(instance) },
    Placement: {
      AvailabilityZone: instance.zone,
      AvailabilityZoneId: zoneNamed(engine, instance.zone).id,
      GroupName: "",
      Tenancy: TENANCY,
    },
    CpuOptions: { CoreCount: Math.max(1, type.vcpus / 2), ThreadsPerCore: type.vcpus > 1 ? 2 : 1 },
    RootDeviceName: instance.rootDeviceName,
    RootDeviceType: ROOT_DEVICE_TYPE,
    MetadataOptions: { State: "applied", HttpProtocolIpv6: "disabled", ...instance.metadata },
    ...(instance.profileArn !== undefined && {
      IamInstanceProfile: { Arn: instance.profileArn, Id: `AIPA${instance.id.slice(-16).toUpperCase()}` },
    }),
    BlockDeviceMappings: volumesOf(engine, instance).map(mappingView),
    ...networkView(engine, instance),
    Tags: tagList(instance.tags),
  };
}

function mappingView(volume: Volume): ec2.InstanceBlockDeviceMapping {
  const { attachment } = volume;
  return {
    DeviceName: attachment?.device,
    Ebs: {
      VolumeId: volume.id,
      Status: attachment?.state === "busy" ? "detaching" : attachment?.state,
      AttachTime: new Date(attachment?.attachedAt ?? volume.createdAt),
      DeleteOnTermination: attachment?.deleteOnTermination ?? false,
    },
  };
}

function networkView(engine: Engine, instance: Instance): Partial<ec2.Instance> {
  const interfaces = interfacesOf(engine, instance);
  const [primary] = interfaces;
  if (!primary) return { NetworkInterfaces: [], SecurityGroups: [], PrivateDnsName: "", PublicDnsName: "" };
  const publicIp = publicIpOf(engine, primary);
  return {
    VpcId: instance.vpcId,
    SubnetId: instance.subnetId,
    PrivateIpAddress: instance.address,
    PrivateDnsName: privateDnsName(engine.context.region, instance.address),
    PublicDnsName: publicIp === undefined ? "" : publicDnsName(engine.context.region, publicIp),
    ...(publicIp !== undefined && { PublicIpAddress: publicIp }),
    SourceDestCheck: primary.sourceDestCheck,
    SecurityGroups: groupIdentifiers(engine, primary.groupIds),
    NetworkInterfaces: interfaces.map((each) => interfaceOfInstance(engine, each)),
  };
}

function interfaceOfInstance(engine: Engine, each: NetworkInterface): ec2.InstanceNetworkInterface {
  const Association = associationView(engine, each);
  const { attachment } = each;
  return {
    NetworkInterfaceId: each.id,
    SubnetId: each.subnetId,
    VpcId: each.vpcId,
    Description: each.description,
    OwnerId: engine.context.accountId,
    MacAddress: each.mac,
    PrivateIpAddress: each.address,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: each.address, ...(Association && { Association }) }],
    SourceDestCheck: each.sourceDestCheck,
    Status: "in-use",
    InterfaceType: "interface",
    Groups: groupIdentifiers(engine, each.groupIds),
    ...(Association && { Association }),
    Attachment: {
      AttachmentId: attachment?.id,
      DeviceIndex: attachment?.deviceIndex,
      NetworkCardIndex: 0,
      Status: attachment?.state,
      AttachTime: new Date(attachment?.attachedAt ?? each.createdAt),
      DeleteOnTermination: attachment?.deleteOnTermination,
    },
  };
}
