import { randomInt } from "node:crypto";
import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { formatAddress, parseNetwork } from "../engine/cidr.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidCombination, required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { Address } from "../engine/state-network.ts";
import { newResource } from "../engine/store.ts";
import { tagList, tagsOnCreate } from "../engine/tags.ts";

/** Addresses for benchmarks (RFC 2544): never routed, so a mistaken connection leaves no machine. */
const publicPool = parseNetwork("198.18.0.0/15") ?? { first: 0, last: 0, prefix: 32 };

/** A public address that nothing has. */
export function unusedPublicIp(engine: Engine): string {
  const { addresses, networkInterfaces } = engine.store;
  const used = new Set([
    ...addresses.list().map((address) => address.publicIp),
    ...networkInterfaces.list().map((each) => each.publicIp),
  ]);
  for (;;) {
    const candidate = formatAddress(randomInt(publicPool.first + 1, publicPool.last));
    if (!used.has(candidate)) return candidate;
  }
}

/** Binds an Elastic IP to an interface; a second binding to the same one changes nothing. */
export function associateAddress(engine: Engine, address: Address, networkInterfaceId: string): string {
  if (address.association?.networkInterfaceId !== networkInterfaceId) {
    for (const other of engine.store.addresses.list()) {
      if (other.association?.networkInterfaceId === networkInterfaceId) delete other.association;
    }
    address.association = { id: engine.context.id("eipassoc"), networkInterfaceId };
  }
  return address.association.id;
}

/** NAT gateways own the association of their address: a user may not take it away. @throws AwsError `AuthFailure` */
function refuseManaged(engine: Engine, address: Address): void {
  const owner = engine.store.networkInterfaces.find(address.association?.networkInterfaceId);
  if (owner?.managedBy !== undefined) {
    throw new AwsError("AuthFailure", "You do not have permission to access the specified resource.", { status: 403 });
  }
}

function interfaceIdOf(engine: Engine, input: ec2.AssociateAddressCommandInput): string {
  if (input.NetworkInterfaceId !== undefined) return engine.store.networkInterfaces.get(input.NetworkInterfaceId).id;
  const instance = engine.store.instances.get(required(input.InstanceId, "InstanceId"));
  if (instance.state !== "running" && instance.state !== "stopped" && instance.state !== "pending") {
    throw new AwsError(
      "IncorrectInstanceState",
      `The instance '${instance.id}' is not in a valid state for this operation.`,
    );
  }
  return required(instance.networkInterfaceIds[0], "NetworkInterfaceId");
}

export function addressHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    AllocateAddress(input) {
      if (store.addresses.list().length >= engine.quotas.limit("elasticIps")) {
        throw new AwsError("AddressLimitExceeded", "The maximum number of addresses has been reached.");
      }
      const tags = tagsOnCreate(input.TagSpecifications, kinds.address);
      const address = store.addresses.add({
        ...newResource(engine.context, kinds.address.prefix, tags),
        publicIp: unusedPublicIp(engine),
      });
      return {
        AllocationId: address.id,
        PublicIp: address.publicIp,
        Domain: "vpc",
        PublicIpv4Pool: "amazon",
        NetworkBorderGroup: engine.context.region,
      };
    },

    DescribeAddresses(input) {
      const byIp = (input.PublicIps ?? []).map((ip) => addressOf(engine, ip).id);
      const { items } = select(
        store.addresses,
        [...(input.AllocationIds ?? []), ...byIp],
        { Filters: input.Filters },
        filters(engine),
      );
      return { Addresses: items.map((address) => addressView(engine, address)) };
    },

    ReleaseAddress(input) {
      const address = store.addresses.get(required(input.AllocationId, "AllocationId"));
      refuseManaged(engine, address);
      if (address.association) throw new AwsError("InvalidIPAddress.InUse", `Address ${address.publicIp} is in use.`);
      store.addresses.remove(address.id);
      return {};
    },

    AssociateAddress(input) {
      const address = store.addresses.get(required(input.AllocationId, "AllocationId"));
      if (input.InstanceId !== undefined && input.NetworkInterfaceId !== undefined) {
        throw invalidCombination("Only one of instanceId and networkInterfaceId may be given.");
      }
      refuseManaged(engine, address);
      const target = interfaceIdOf(engine, input);
      const isTaken = address.association !== undefined && address.association.networkInterfaceId !== target;
      if (isTaken && input.AllowReassociation === false) {
        throw new AwsError(
          "Resource.AlreadyAssociated",
          `resource ${address.id} is already associated with associate-id ${address.association?.id}`,
        );
      }
      return { AssociationId: associateAddress(engine, address, target) };
    },

    DisassociateAddress(input) {
      const id = required(input.AssociationId, "AssociationId");
      const address = store.addresses.list().find((each) => each.association?.id === id);
      if (!address) throw new AwsError("InvalidAssociationID.NotFound", `The association ID '${id}' does not exist`);
      refuseManaged(engine, address);
      delete address.association;
      return {};
    },
  };
}

function addressOf(engine: Engine, publicIp: string): Address {
  const address = engine.store.addresses.list().find((each) => each.publicIp === publicIp);
  if (!address) throw new AwsError("InvalidAddress.NotFound", `Address '${publicIp}' not found.`);
  return address;
}

function filters(engine: Engine): FilterAttributes<Address> {
  const view = (address: Address) => addressView(engine, address);
  return {
    "allocation-id": (address) => address.id,
    "association-id": (address) => address.association?.id,
    "public-ip": (address) => address.publicIp,
    domain: () => "vpc",
    "instance-id": (address) => view(address).InstanceId,
    "network-interface-id": (address) => address.association?.networkInterfaceId,
    "private-ip-address": (address) => view(address).PrivateIpAddress,
    "network-border-group": () => engine.context.region,
  };
}

function addressView(engine: Engine, address: Address): ec2.Address {
  const networkInterface = engine.store.networkInterfaces.find(address.association?.networkInterfaceId);
  const instanceId = networkInterface?.attachment?.instanceId;
  return {
    AllocationId: address.id,
    PublicIp: address.publicIp,
    Domain: "vpc",
    PublicIpv4Pool: "amazon",
    NetworkBorderGroup: engine.context.region,
    ...(networkInterface && {
      AssociationId: address.association?.id,
      NetworkInterfaceId: networkInterface.id,
      NetworkInterfaceOwnerId: engine.context.accountId,
      PrivateIpAddress: networkInterface.address,
    }),
    ...(instanceId !== undefined && { InstanceId: instanceId }),
    Tags: tagList(address.tags),
  };
}
