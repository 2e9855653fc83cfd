import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { type Engine, forgetLater } from "../engine/engine.ts";
import { invalidCombination, required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { Address, NatGateway } from "../engine/state-network.ts";
import { newResource } from "../engine/store.ts";
import { tagList, tagsOnCreate } from "../engine/tags.ts";
import { associateAddress } from "./addresses.ts";
import { addInterface, removeInterface } from "./interfaces.ts";
import { internetGatewayOf } from "./internet-gateways.ts";

/** The Elastic IP of a public gateway. @throws AwsError `Resource.AlreadyAssociated`, `InvalidAllocationID.NotFound` */
function freeAddress(engine: Engine, input: ec2.CreateNatGatewayCommandInput): Address | undefined {
  if (input.ConnectivityType === "private") {
    if (input.AllocationId) throw invalidCombination("A private NAT gateway has no Elastic IP address.");
    return undefined;
  }
  const address = engine.store.addresses.get(required(input.AllocationId, "AllocationId"));
  if (address.association) {
    throw new AwsError("Resource.AlreadyAssociated", `Elastic IP address [${address.id}] is already associated`);
  }
  return address;
}

/** A gateway counts while it is pending, available or deleting. @throws AwsError `NatGatewayLimitExceeded` */
function checkQuota(engine: Engine, zone: string): void {
  const { natGateways, subnets } = engine.store;
  const counted = natGateways
    .list()
    .filter(({ state, subnetId }) => /pending|available|deleting/.test(state) && subnets.find(subnetId)?.zone === zone);
  if (counted.length >= engine.quotas.limit("natGatewaysPerZone")) {
    throw new AwsError("NatGatewayLimitExceeded", "The maximum number of NAT Gateways has been reached.");
  }
}

function create(engine: Engine, input: ec2.CreateNatGatewayCommandInput): NatGateway {
  const { context, store } = engine;
  const subnet = store.subnets.get(required(input.SubnetId, "SubnetId"));
  const address = freeAddress(engine, input);
  checkQuota(engine, subnet.zone);
  const base = newResource(context, kinds.natGateway.prefix, tagsOnCreate(input.TagSpecifications, kinds.natGateway));
  const networkInterface = addInterface(engine, {
    subnet,
    address: input.PrivateIpAddress,
    description: `Interface for NAT Gateway ${base.id}`,
    managedBy: "amazon-aws",
  });
  if (address) associateAddress(engine, address, networkInterface.id);
  const gateway = store.natGateways.add({
    ...base,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    connectivity: address ? "public" : "private",
    state: "pending",
    networkInterfaceId: networkInterface.id,
    privateIp: networkInterface.address,
    ...(address && { allocationId: address.id, publicIp: address.publicIp }),
  });
  completeNatGateway(engine, gateway);
  return gateway;
}

/** Brings a `pending` gateway up; one without a way to the Internet fails, as in AWS. */
export function completeNatGateway(engine: Engine, gateway: NatGateway): void {
  engine.background.run(`NAT gateway ${gateway.id}`, async () => {
    await engine.background.sleep(engine.timings.natGatewayPending);
    if (gateway.state !== "pending") return;
    if (gateway.connectivity === "private" || internetGatewayOf(engine, gateway.vpcId)) {
      gateway.state = "available";
      return;
    }
    gateway.state = "failed";
    gateway.failure = {
      code: "Gateway.NotAttached",
      message: `Network ${gateway.vpcId} has no Internet gateway attached`,
    };
    gateway.goneAt = engine.context.clock.now();
    removeInterface(engine, gateway.networkInterfaceId);
    forgetLater(engine, gateway, engine.store.natGateways);
  });
}

/** Lets a `deleting` gateway go: its interface vanishes and its address is free when it is `deleted`. */
export function finishNatGateway(engine: Engine, gateway: NatGateway): void {
  engine.background.run(`NAT gateway ${gateway.id}`, async () => {
    await engine.background.sleep(engine.timings.natGatewayDeleting);
    removeInterface(engine, gateway.networkInterfaceId);
    gateway.state = "deleted";
    gateway.goneAt = engine.context.clock.now();
    forgetLater(engine, gateway, engine.store.natGateways);
  });
}

export function natGatewayHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateNatGateway(input) {
      const exists = (id: string) => ["pending", "available"].includes(store.natGateways.find(id)?.state ?? "");
      const [id = ""] = engine.tokens.once("CreateNatGateway", input, exists, () => [create(engine, input).id]);
      const NatGateway = gatewayView(store.natGateways.get(id));
      return { NatGateway, ...(input.ClientToken !== undefined && { ClientToken: input.ClientToken }) };
    },

    DescribeNatGateways(input) {
      const query = { ...input, Filters: input.Filter };
      const { items, ...next } = select(store.natGateways, input.NatGatewayIds, query, filters);
      return { NatGateways: items.map(gatewayView), ...next };
    },

    DeleteNatGateway(input) {
      const gateway = store.natGateways.get(required(input.NatGatewayId, "NatGatewayId"));
      if (gateway.state === "pending" || gateway.state === "available") {
        gateway.state = "deleting";
        finishNatGateway(engine, gateway);
      }
      return { NatGatewayId: gateway.id };
    },
  };
}

const filters: FilterAttributes<NatGateway> = {
  "nat-gateway-id": (gateway) => gateway.id,
  state: (gateway) => gateway.state,
  "subnet-id": (gateway) => gateway.subnetId,
  "vpc-id": (gateway) => gateway.vpcId,
};

function gatewayView(gateway: NatGateway): ec2.NatGateway {
  return {
    NatGatewayId: gateway.id,
    SubnetId: gateway.subnetId,
    VpcId: gateway.vpcId,
    State: gateway.state,
    ConnectivityType: gateway.connectivity,
    CreateTime: new Date(gateway.createdAt),
    ...(gateway.state === "deleted" && { DeleteTime: new Date(gateway.goneAt ?? 0) }),
    ...(gateway.failure && { FailureCode: gateway.failure.code, FailureMessage: gateway.failure.message }),
    NatGatewayAddresses: [
      {
        NetworkInterfaceId: gateway.networkInterfaceId,
        PrivateIp: gateway.privateIp,
        IsPrimary: true,
        ...(gateway.allocationId !== undefined && { AllocationId: gateway.allocationId, PublicIp: gateway.publicIp }),
        Status: gateway.state === "failed" ? "failed" : "succeeded",
      },
    ],
    Tags: tagList(gateway.tags),
  };
}
