import { AwsError } from "../wire/contract.ts";
import { addImage, type ImageRequest } from "./compute/images.ts";
import { addPublicImages } from "./compute/public-images.ts";
import type { Engine } from "./engine/engine.ts";
import { kinds } from "./engine/kinds.ts";
import type { Vpc } from "./engine/state-network.ts";
import { newResource } from "./engine/store.ts";
import { addGroup } from "./network/security-groups.ts";
import { addVpc } from "./network/vpcs.ts";
import { zonesOf } from "./network/zones.ts";

/** Something that exists in the account although nobody made it through the API here. */
export type ForeignResource =
  | ({ readonly kind: "image" } & ImageRequest)
  | {
      readonly kind: "security-group";
      readonly groupId: string;
      readonly name?: string;
      readonly description?: string;
      /** The default VPC if not given; where there is none, a VPC of its own. */
      readonly vpcId?: string;
    };

/** Puts a foreign resource in. @throws AwsError for an id that is malformed or taken, or an unknown VPC */
export function seed(engine: Engine, resource: ForeignResource): void {
  if (resource.kind === "image") {
    addImage(engine, { isPublic: true, ...resource });
    return;
  }
  const { securityGroups, vpcs } = engine.store;
  const { groupId } = resource;
  if (securityGroups.find(groupId)) throw new AwsError("InvalidGroup.Duplicate", `The group '${groupId}' exists`);
  if (!/^sg-[0-9a-f]{8}(?:[0-9a-f]{9})?$/.test(groupId)) {
    throw new AwsError(kinds.securityGroup.malformed, `Invalid id: "${groupId}" (expecting "sg-...")`);
  }
  const vpc =
    resource.vpcId === undefined
      ? (vpcs.list().find((each) => each.isDefault) ?? foreignVpc(engine))
      : vpcs.get(resource.vpcId);
  addGroup(engine, {
    id: groupId,
    vpcId: vpc.id,
    name: resource.name ?? groupId.replace(/^sg-/, "group-"),
    description: resource.description ?? "A group from elsewhere",
    tags: {},
  });
}

/** Where the user's own things are. */
function foreignVpc(engine: Engine): Vpc {
  const isOurs = ({ tags }: Vpc) => tags["Name"] === FOREIGN_VPC;
  const found = engine.store.vpcs.list().find(isOurs);
  return found ?? addVpc(engine, { cidr: "192.168.0.0/20", isDefault: false, tags: { Name: FOREIGN_VPC } });
}

const FOREIGN_VPC = "somebody-elses";
const defaultVpcCidr = "172.31.0.0/16";

/**
 * What a fresh account finds in a region: the public images, and a default VPC with a public subnet in each zone, unless
 * its organization has deleted that.
 */
export function addFreshAccount(engine: Engine, { defaultVpc }: { defaultVpc: boolean }): void {
  const { context, store } = engine;
  addPublicImages(engine);
  if (!defaultVpc) return;
  const vpc = addVpc(engine, { cidr: defaultVpcCidr, isDefault: true, tags: {} });
  const gateway = store.internetGateways.add({
    ...newResource(context, kinds.internetGateway.prefix, {}),
    vpcId: vpc.id,
  });
  const main = store.routeTables.list().find((table) => table.vpcId === vpc.id);
  main?.routes.push({ destination: "0.0.0.0/0", target: gateway.id });
  for (const [index, zone] of zonesOf(context.region).entries()) {
    store.subnets.add({
      ...newResource(context, kinds.subnet.prefix, {}),
      vpcId: vpc.id,
      cidr: `172.31.${index * 16}.0/20`,
      zone: zone.name,
      publicIpOnLaunch: true,
      defaultForZone: true,
    });
  }
}
