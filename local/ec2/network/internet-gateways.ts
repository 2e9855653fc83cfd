import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { dependencyViolation, required } from "../engine/errors.ts";
import { select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { InternetGateway } from "../engine/state-network.ts";
import { newResource } from "../engine/store.ts";
import { tagList, tagsOnCreate } from "../engine/tags.ts";
import { publicIpOf } from "./interfaces.ts";

export function internetGatewayOf(engine: Engine, vpcId: string): InternetGateway | undefined {
  return engine.store.internetGateways.list().find((gateway) => gateway.vpcId === vpcId);
}

export function internetGatewayHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateInternetGateway(input) {
      const tags = tagsOnCreate(input.TagSpecifications, kinds.internetGateway);
      if (store.internetGateways.list().length >= engine.quotas.limit("internetGateways")) {
        throw new AwsError("InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached.");
      }
      const gateway = store.internetGateways.add(newResource(engine.context, kinds.internetGateway.prefix, tags));
      return { InternetGateway: gatewayView(engine, gateway) };
    },

    AttachInternetGateway(input) {
      const gateway = store.internetGateways.get(required(input.InternetGatewayId, "InternetGatewayId"));
      const vpc = store.vpcs.get(required(input.VpcId, "VpcId"));
      if (gateway.vpcId !== undefined) {
        throw new AwsError(
          "Resource.AlreadyAssociated",
          `resource ${gateway.id} is already attached to network ${gateway.vpcId}`,
        );
      }
      if (internetGatewayOf(engine, vpc.id)) {
        throw new AwsError("InvalidParameterValue", `Network ${vpc.id} already has an internet gateway attached`);
      }
      gateway.vpcId = vpc.id;
      return {};
    },

    DetachInternetGateway(input) {
      const gateway = store.internetGateways.get(required(input.InternetGatewayId, "InternetGatewayId"));
      const vpc = store.vpcs.get(required(input.VpcId, "VpcId"));
      if (gateway.vpcId !== vpc.id) {
        throw new AwsError("Gateway.NotAttached", `resource ${gateway.id} is not attached to network ${vpc.id}`);
      }
      const hasPublicAddress = store.networkInterfaces
        .list()
        .some((each) => each.vpcId === vpc.id && publicIpOf(engine, each) !== undefined);
      if (hasPublicAddress) {
        throw new AwsError(
          "DependencyViolation",
          `Network ${vpc.id} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
        );
      }
      delete gateway.vpcId;
      return {};
    },

    DescribeInternetGateways(input) {
      const { items, ...next } = select(store.internetGateways, input.InternetGatewayIds, input, {
        "internet-gateway-id": (gateway) => gateway.id,
        "attachment.vpc-id": (gateway) => gateway.vpcId,
        "attachment.state": (gateway) => (gateway.vpcId === undefined ? undefined : "available"),
        "owner-id": () => engine.context.accountId,
      });
      return { InternetGateways: items.map((gateway) => gatewayView(engine, gateway)), ...next };
    },

    DeleteInternetGateway(input) {
      const gateway = store.internetGateways.get(required(input.InternetGatewayId, "InternetGatewayId"));
      if (gateway.vpcId !== undefined) throw dependencyViolation("internetGateway", gateway.id);
      store.internetGateways.remove(gateway.id);
      return {};
    },
  };
}

function gatewayView(engine: Engine, gateway: InternetGateway): ec2.InternetGateway {
  return {
    InternetGatewayId: gateway.id,
    // EC2 calls an attached internet gateway "available", a value that the SDK's enumeration lacks.
    Attachments: gateway.vpcId === undefined ? [] : [{ VpcId: gateway.vpcId, State: "attached" }],
    OwnerId: engine.context.accountId,
    Tags: tagList(gateway.tags),
  };
}
