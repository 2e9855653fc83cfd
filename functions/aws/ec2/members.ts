import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateTagsCommand,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInterface,
  paginateDescribeNetworkInterfaces,
  paginateDescribeVolumes,
} from "@aws-sdk/client-ec2";
import { TAG } from "../../domain/cluster/naming.ts";
import type { InterfaceFacts, VolumeFacts } from "../../domain/drift/member-drift.ts";
import { call, collect } from "../common/aws-errors.ts";
import { fromTags, toTags } from "./client.ts";
import { attachedTo } from "./storage.ts";

/** EC2 takes so many values a filter. */
const VALUES_A_FILTER = 200;

function toFacts(found: NetworkInterface): InterfaceFacts {
  return {
    id: found.NetworkInterfaceId ?? "",
    groups: (found.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    instanceId: found.Attachment?.InstanceId ?? null,
    addressId: found.Association?.AllocationId ?? null,
    tags: fromTags(found.TagSet),
  };
}

async function listInterfaces(ec2: EC2Client, name: string, values: readonly string[]): Promise<InterfaceFacts[]> {
  const Filters = [{ Name: name, Values: [...values] }];
  const pages = paginateDescribeNetworkInterfaces({ client: ec2, pageSize: 1_000 }, { Filters });
  return (await collect(pages, ({ NetworkInterfaces }) => NetworkInterfaces)).map(toFacts);
}

function parts(ids: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / VALUES_A_FILTER) }, (_, part) =>
    ids.slice(part * VALUES_A_FILTER, (part + 1) * VALUES_A_FILTER),
  );
}

/** Interfaces that say they are a member's, of all clusters. */
export function listMemberInterfaces(ec2: EC2Client): Promise<InterfaceFacts[]> {
  return listInterfaces(ec2, "tag-key", [TAG.member]);
}

/** Those of these interfaces that are there, whatever their tags. */
export async function findInterfaces(ec2: EC2Client, ids: readonly string[]): Promise<InterfaceFacts[]> {
  return (await Promise.all(parts(ids).map((some) => listInterfaces(ec2, "network-interface-id", some)))).flat();
}

/** Those of these volumes that are there and usable, whatever their tags. */
export async function findVolumes(ec2: EC2Client, ids: readonly string[]): Promise<VolumeFacts[]> {
  const list = async (some: readonly string[]): Promise<VolumeFacts[]> => {
    const Filters = [
      { Name: "volume-id", Values: [...some] },
      { Name: "status", Values: ["creating", "available", "in-use"] },
    ];
    const found = await collect(paginateDescribeVolumes({ client: ec2 }, { Filters }), ({ Volumes }) => Volumes);
    return found.map((volume) => {
      const {
        VolumeId: id = "",
        AvailabilityZone: zone = "",
        Size: sizeGiB = 0,
        Encrypted,
        State: state = "",
        Tags,
      } = volume;
      const instanceId = attachedTo(volume);
      return { id, state, zone, sizeGiB, encrypted: Encrypted === true, instanceId, tags: fromTags(Tags) };
    });
  };
  return (await Promise.all(parts(ids).map(list))).flat();
}

/** Groups take effect at once, on an interface in use as well. */
export async function putInterfaceGroups(
  ec2: EC2Client,
  NetworkInterfaceId: string,
  Groups: readonly string[],
): Promise<void> {
  await call(ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [...Groups] })));
}

/** IAM lets this be done only to what has no owner's tag (infra/permissions/ec2.ts, `restoreTags`). */
export async function putTags(ec2: EC2Client, id: string, tags: Readonly<Record<string, string>>): Promise<void> {
  await call(ec2.send(new CreateTagsCommand({ Resources: [id], Tags: toTags(tags) })));
}
