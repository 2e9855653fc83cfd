import { createHash } from "node:crypto";
import { AwsError } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { kinds } from "../engine/kinds.ts";
import type { NetworkInterface, Subnet } from "../engine/state-network.ts";
import { newResource } from "../engine/store.ts";
import type { Tags } from "../engine/tags.ts";
import { takeAddress } from "./address-pool.ts";
import { isUsableIn } from "./security-group-associations.ts";
import { defaultGroupOf } from "./security-groups.ts";

export interface InterfaceRequest {
  readonly subnet: Subnet;
  /** A fixed address; without it the next free one. */
  readonly address?: string | undefined;
  /** Checked security groups; without them the VPC's default group. */
  readonly groupIds?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly tags?: Tags;
  readonly managedBy?: string;
}

/** A new interface, not attached. @throws AwsError as {@link takeAddress} and {@link checkedGroups} do */
export function addInterface(engine: Engine, request: InterfaceRequest): NetworkInterface {
  const { subnet } = request;
  const groupIds = checkedGroups(engine, subnet, request.groupIds);
  const address = takeAddress(engine, subnet, request.address);
  engine.firewalls.refresh(engine, subnet.vpcId);
  const base = newResource(engine.context, kinds.networkInterface.prefix, request.tags ?? {});
  return engine.store.networkInterfaces.add({
    ...base,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    address,
    mac: macOf(base.id),
    groupIds: [...groupIds],
    description: request.description ?? "",
    sourceDestCheck: true,
    ...(request.managedBy !== undefined && { managedBy: request.managedBy }),
  });
}

/** @throws AwsError `InvalidGroup.NotFound`, `InvalidParameter` for a group of another VPC, `SecurityGroupsPerInterfaceLimitExceeded` */
export function checkedGroups(
  engine: Engine,
  subnet: Subnet,
  groupIds: readonly string[] | undefined,
): readonly string[] {
  if (!groupIds || groupIds.length === 0) return [defaultGroupOf(engine, subnet.vpcId).id];
  if (groupIds.length > engine.quotas.limit("groupsPerInterface")) {
    throw new AwsError(
      "SecurityGroupsPerInterfaceLimitExceeded",
      "The maximum number of security groups per interface has been reached.",
    );
  }
  for (const id of groupIds) {
    if (!isUsableIn(engine.store.securityGroups.get(id), subnet.vpcId)) {
      throw new AwsError(
        "InvalidParameter",
        `Security group ${id} and subnet ${subnet.id} belong to different networks.`,
      );
    }
  }
  return [...new Set(groupIds)];
}

/** A locally administered address that belongs to the interface for its life. */
function macOf(interfaceId: string): string {
  const hex = createHash("sha256").update(interfaceId).digest("hex").slice(0, 10);
  return ["02", ...(hex.match(/../g) ?? [])].join(":");
}

/** Takes an interface away, with its Elastic IP's association. */
export function removeInterface(engine: Engine, networkInterfaceId: string): void {
  for (const address of engine.store.addresses.list()) {
    if (address.association?.networkInterfaceId === networkInterfaceId) delete address.association;
  }
  const gone = engine.store.networkInterfaces.find(networkInterfaceId);
  if (gone) engine.firewalls.refresh(engine, gone.vpcId);
  engine.store.networkInterfaces.remove(networkInterfaceId);
  engine.tokens.forget(networkInterfaceId);
}

/** Puts an interface into other groups; hosts enforce them at once. @throws AwsError as {@link checkedGroups} does */
export function changeGroups(engine: Engine, target: NetworkInterface, groupIds: readonly string[]): void {
  target.groupIds = [...checkedGroups(engine, engine.store.subnets.get(target.subnetId), groupIds)];
  engine.firewalls.refresh(engine, target.vpcId);
}

/** @throws AwsError `InvalidNetworkInterface.InUse` while something is attached to or owns the interface. */
export function refuseInterfaceInUse(networkInterface: NetworkInterface): void {
  if (networkInterface.attachment || networkInterface.managedBy !== undefined) {
    throw new AwsError("InvalidNetworkInterface.InUse", `Interface: [${networkInterface.id}] in use`);
  }
}

/** The interface's Elastic IP, or the public address that its instance was lent. */
export function publicIpOf(engine: Engine, networkInterface: NetworkInterface): string | undefined {
  const elastic = engine.store.addresses
    .list()
    .find((address) => address.association?.networkInterfaceId === networkInterface.id);
  return elastic?.publicIp ?? networkInterface.publicIp;
}
