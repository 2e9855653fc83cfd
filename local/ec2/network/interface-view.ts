import type * as ec2 from "@aws-sdk/client-ec2";
import type { Engine } from "../engine/engine.ts";
import type { FilterAttributes } from "../engine/filters.ts";
import type { NetworkInterface } from "../engine/state-network.ts";
import { tagList } from "../engine/tags.ts";
import { internalDomain } from "./dhcp-options.ts";
import { publicIpOf } from "./interfaces.ts";
import { zoneNamed } from "./zones.ts";

/** `ip-10-0-0-7.us-west-2.compute.internal`: the name that an instance gets from its address. */
export function privateDnsName(region: string, address: string): string {
  return `ip-${address.replaceAll(".", "-")}.${internalDomain(region)}`;
}

export function publicDnsName(region: string, address: string): string {
  const domain = region === "us-east-1" ? "compute-1.amazonaws.com" : `${region}.compute.amazonaws.com`;
  return `ec2-${address.replaceAll(".", "-")}.${domain}`;
}

export function groupIdentifiers(engine: Engine, groupIds: readonly string[]): ec2.GroupIdentifier[] {
  return groupIds.map((GroupId) => ({ GroupId, GroupName: engine.store.securityGroups.get(GroupId).name }));
}

function statusOf(networkInterface: NetworkInterface): ec2.NetworkInterfaceStatus {
  if (networkInterface.managedBy !== undefined) return "in-use";
  const { attachment } = networkInterface;
  if (!attachment) return "available";
  return attachment.state === "attached" ? "in-use" : attachment.state;
}

/** The public address of an interface, as several answers show it. */
export function associationView(engine: Engine, networkInterface: NetworkInterface) {
  const publicIp = publicIpOf(engine, networkInterface);
  if (publicIp === undefined) return undefined;
  const elastic = engine.store.addresses.list().find((address) => address.publicIp === publicIp);
  return {
    PublicIp: publicIp,
    PublicDnsName: publicDnsName(engine.context.region, publicIp),
    IpOwnerId: elastic ? engine.context.accountId : "amazon",
    ...(elastic && { AllocationId: elastic.id, AssociationId: elastic.association?.id }),
  };
}

export function interfaceFilters(engine: Engine): FilterAttributes<NetworkInterface> {
  return {
    "network-interface-id": (each) => each.id,
    "subnet-id": (each) => each.subnetId,
    "vpc-id": (each) => each.vpcId,
    "availability-zone": (each) => each.zone,
    description: (each) => each.description,
    "private-ip-address": (each) => each.address,
    "addresses.private-ip-address": (each) => each.address,
    "mac-address": (each) => each.mac,
    "group-id": (each) => each.groupIds,
    "group-name": (each) => groupIdentifiers(engine, each.groupIds).map((group) => group.GroupName),
    status: statusOf,
    "interface-type": interfaceType,
    "requester-managed": (each) => each.managedBy !== undefined,
    "requester-id": (each) => each.managedBy,
    "owner-id": () => engine.context.accountId,
    "source-dest-check": (each) => each.sourceDestCheck,
    "attachment.attachment-id": (each) => each.attachment?.id,
    "attachment.instance-id": (each) => each.attachment?.instanceId,
    "attachment.device-index": (each) => each.attachment?.deviceIndex,
    "attachment.status": (each) => each.attachment?.state,
    "attachment.delete-on-termination": (each) => each.attachment?.deleteOnTermination,
    "association.public-ip": (each) => publicIpOf(engine, each),
    "association.allocation-id": (each) => associationView(engine, each)?.AllocationId,
  };
}

function interfaceType(each: NetworkInterface): ec2.NetworkInterfaceType {
  if (each.managedBy === "amazon-elb") return "network_load_balancer";
  return each.managedBy === undefined ? "interface" : "natGateway";
}

export function interfaceView(engine: Engine, each: NetworkInterface): ec2.NetworkInterface {
  const { region, accountId } = engine.context;
  const Association = associationView(engine, each);
  const name = privateDnsName(region, each.address);
  return {
    NetworkInterfaceId: each.id,
    SubnetId: each.subnetId,
    VpcId: each.vpcId,
    AvailabilityZone: each.zone,
    AvailabilityZoneId: zoneNamed(engine, each.zone).id,
    Description: each.description,
    OwnerId: accountId,
    RequesterManaged: each.managedBy !== undefined,
    ...(each.managedBy !== undefined && { RequesterId: each.managedBy }),
    Status: statusOf(each),
    InterfaceType: interfaceType(each),
    MacAddress: each.mac,
    PrivateIpAddress: each.address,
    PrivateDnsName: name,
    PrivateIpAddresses: [
      { Primary: true, PrivateIpAddress: each.address, PrivateDnsName: name, ...(Association && { Association }) },
    ],
    Ipv6Addresses: [],
    SourceDestCheck: each.sourceDestCheck,
    Groups: groupIdentifiers(engine, each.groupIds),
    ...(Association && { Association }),
    ...attachmentView(engine, each),
    TagSet: tagList(each.tags),
  };
}

function attachmentView(engine: Engine, each: NetworkInterface): { Attachment?: ec2.NetworkInterfaceAttachment } {
  const { attachment } = each;
  if (each.managedBy !== undefined) {
    return {
      Attachment: {
        AttachmentId: each.id.replace(/^eni-/, "ela-attach-"),
        InstanceOwnerId: each.managedBy,
        DeviceIndex: 1,
        DeleteOnTermination: false,
        Status: "attached",
      },
    };
  }
  if (!attachment) return {};
  return {
    Attachment: {
      AttachmentId: attachment.id,
      InstanceId: attachment.instanceId,
      InstanceOwnerId: engine.context.accountId,
      DeviceIndex: attachment.deviceIndex,
      NetworkCardIndex: 0,
      Status: attachment.state,
      AttachTime: new Date(attachment.attachedAt),
      DeleteOnTermination: attachment.deleteOnTermination,
    },
  };
}
