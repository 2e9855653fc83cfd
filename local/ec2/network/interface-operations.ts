import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidValue, notEmulated, required } from "../engine/errors.ts";
import { select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { NetworkInterface } from "../engine/state-network.ts";
import { tagsOnCreate } from "../engine/tags.ts";
import { attachSecondary, detachSecondary } from "./interface-attachments.ts";
import { interfaceFilters, interfaceView } from "./interface-view.ts";
import { addInterface, changeGroups, refuseInterfaceInUse, removeInterface } from "./interfaces.ts";

/** @throws AwsError `InvalidAttachmentID.NotFound` */
function attachedAs(engine: Engine, attachmentId: string): NetworkInterface {
  const found = engine.store.networkInterfaces.list().find((each) => each.attachment?.id === attachmentId);
  if (!found) throw new AwsError("InvalidAttachmentID.NotFound", `The attachment ID '${attachmentId}' does not exist`);
  return found;
}

function create(engine: Engine, input: ec2.CreateNetworkInterfaceCommandInput): NetworkInterface {
  if (input.Ipv6AddressCount || input.Ipv6Addresses?.length) throw notEmulated("IPv6");
  if (input.SecondaryPrivateIpAddressCount || input.InterfaceType) {
    throw notEmulated("secondary addresses and special interface types");
  }
  const fixed = input.PrivateIpAddresses ?? [];
  if (fixed.length > 1) throw notEmulated("secondary addresses");
  return addInterface(engine, {
    subnet: engine.store.subnets.get(required(input.SubnetId, "SubnetId")),
    address: input.PrivateIpAddress ?? fixed[0]?.PrivateIpAddress,
    groupIds: input.Groups,
    description: input.Description,
    tags: tagsOnCreate(input.TagSpecifications, kinds.networkInterface),
  });
}

function modify(engine: Engine, input: ec2.ModifyNetworkInterfaceAttributeCommandInput): void {
  const { store } = engine;
  const target = store.networkInterfaces.get(required(input.NetworkInterfaceId, "NetworkInterfaceId"));
  if (input.Attachment) {
    const attachment = target.attachment;
    if (!attachment || attachment.id !== required(input.Attachment.AttachmentId, "AttachmentId")) {
      throw new AwsError(
        "InvalidAttachmentID.NotFound",
        `The attachment ID '${input.Attachment.AttachmentId}' does not exist`,
      );
    }
    attachment.deleteOnTermination = input.Attachment.DeleteOnTermination ?? attachment.deleteOnTermination;
  }
  if (input.Groups) changeGroups(engine, target, input.Groups);
  target.description = input.Description?.Value ?? target.description;
  target.sourceDestCheck = input.SourceDestCheck?.Value ?? target.sourceDestCheck;
}

export function interfaceHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateNetworkInterface(input) {
      const exists = (id: string) => store.networkInterfaces.find(id) !== undefined;
      const [id = ""] = engine.tokens.once("CreateNetworkInterface", input, exists, () => [create(engine, input).id]);
      return {
        NetworkInterface: interfaceView(engine, store.networkInterfaces.get(id)),
        ...(input.ClientToken !== undefined && { ClientToken: input.ClientToken }),
      };
    },

    DescribeNetworkInterfaces(input) {
      const filters = interfaceFilters(engine);
      const { items, ...next } = select(store.networkInterfaces, input.NetworkInterfaceIds, input, filters);
      return { NetworkInterfaces: items.map((each) => interfaceView(engine, each)), ...next };
    },

    DeleteNetworkInterface(input) {
      const target = store.networkInterfaces.get(required(input.NetworkInterfaceId, "NetworkInterfaceId"));
      refuseInterfaceInUse(target);
      removeInterface(engine, target.id);
      return {};
    },

    AttachNetworkInterface(input) {
      const target = store.networkInterfaces.get(required(input.NetworkInterfaceId, "NetworkInterfaceId"));
      const instance = store.instances.get(required(input.InstanceId, "InstanceId"));
      return {
        AttachmentId: attachSecondary(engine, target, instance, required(input.DeviceIndex, "DeviceIndex")),
        NetworkCardIndex: 0,
      };
    },

    DetachNetworkInterface(input) {
      const target = attachedAs(engine, required(input.AttachmentId, "AttachmentId"));
      detachSecondary(engine, target);
      return {};
    },

    ModifyNetworkInterfaceAttribute(input) {
      const known = [input.Attachment, input.Groups, input.Description, input.SourceDestCheck];
      if (known.every((member) => member === undefined)) throw invalidValue("No supported attribute was given.");
      modify(engine, input);
      return {};
    },
  };
}
