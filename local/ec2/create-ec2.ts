import type * as ec2 from "@aws-sdk/client-ec2";
import type { CloudContext, Stateful } from "../context/context.ts";
import type { HostDriver } from "../hosts/driver.ts";
import { AccountQuotas } from "../service-quotas/account-quotas.ts";
import type { Handlers } from "../wire/contract.ts";
import { absentHandlers } from "./absent.ts";
import { accountHandlers } from "./account.ts";
import { imageHandlers } from "./compute/images.ts";
import { instanceAttributeHandlers } from "./compute/instance-attributes.ts";
import { instanceFactHandlers } from "./compute/instance-facts.ts";
import { guestEnded, powerLost } from "./compute/instance-lifecycle.ts";
import { instanceHandlers } from "./compute/instance-operations.ts";
import { instanceStatusHandlers } from "./compute/instance-status.ts";
import { instanceTypeHandlers } from "./compute/instance-types.ts";
import { launchTemplateHandlers } from "./compute/launch-templates.ts";
import type { Ec2Service } from "./contract.ts";
import { Background } from "./engine/background.ts";
import { contains, type Network, parseNetwork } from "./engine/cidr.ts";
import { withDryRun } from "./engine/dry-run.ts";
import type { Engine, InstanceRole } from "./engine/engine.ts";
import { Lanes } from "./engine/lanes.ts";
import { Store } from "./engine/store.ts";
import { Tokens } from "./engine/tokens.ts";
import { addressHandlers } from "./network/addresses.ts";
import { balancerClients } from "./network/balancer-clients.ts";
import { dhcpOptionsHandlers } from "./network/dhcp-options.ts";
import { Firewalls } from "./network/firewalls.ts";
import { interfaceHandlers } from "./network/interface-operations.ts";
import { addInterface, removeInterface } from "./network/interfaces.ts";
import { internetGatewayHandlers } from "./network/internet-gateways.ts";
import { natGatewayHandlers } from "./network/nat-gateways.ts";
import { networkAclHandlers } from "./network/network-acls.ts";
import { routeTableHandlers } from "./network/route-tables.ts";
import { routeHandlers } from "./network/routes.ts";
import { securityGroupAssociationHandlers } from "./network/security-group-associations.ts";
import { securityGroupRuleHandlers } from "./network/security-group-rules.ts";
import { securityGroupHandlers } from "./network/security-groups.ts";
import { subnetHandlers } from "./network/subnets.ts";
import { vpcBlockHandlers } from "./network/vpc-blocks.ts";
import { vpcHandlers } from "./network/vpcs.ts";
import { zoneHandlers, zoneNamed } from "./network/zones.ts";
import { restoreEngine, snapshotEngine } from "./restore.ts";
import { addFreshAccount, type ForeignResource, seed } from "./seed.ts";
import { defaultKeyHandlers } from "./storage/default-key.ts";
import { snapshotHandlers } from "./storage/snapshots.ts";
import { failVolume, loseVolume, setVolumeStuck } from "./storage/volume-faults.ts";
import { volumeHandlers } from "./storage/volume-operations.ts";
import { volumeStatusHandlers } from "./storage/volume-status.ts";
import { tagHandlers } from "./tag-operations.ts";
import { type Ec2Timings, localTimings } from "./timings.ts";

/** What people and tests may do to EC2 that no user of AWS can; behind the local cloud's control endpoint. */
export interface Ec2Controls {
  /** Puts in a resource of another account, or one whose id must be a given one. */
  seed(resource: ForeignResource): void;
  /** The host of an instance ended by itself: the guest powered off. Ignored while EC2 itself is ending it. */
  hostDied(instanceId: string): void;
  /** Makes an instance's status check fail, or pass again. */
  setImpaired(instanceId: string, impaired: boolean): void;
  /** Whether launches in a zone, of one type or of all, find capacity. */
  setCapacity(target: { zone: string; instanceType?: string }, available: boolean): void;
  /** What DescribeAvailabilityZones says; an `unavailable` zone launches nothing. Hosts are not touched. */
  setZoneState(zone: string, state: "available" | "impaired" | "unavailable"): void;
  /** The power under an instance is gone: it goes `stopping` and `stopped` without its guest being asked. */
  powerLost(instanceId: string): void;
  /** A volume fails permanently (`error`), or is gone from every answer. Data is not touched. */
  failVolume(volumeId: string): void;
  loseVolume(volumeId: string): void;
  /** Whether an attachment of the volume stays `attaching`, or `detaching` unless by force. */
  setVolumeStuck(volumeId: string, state: "attaching" | "detaching", stuck: boolean): void;
}

export interface Ec2Dependencies {
  readonly hosts: HostDriver;
  /** The role behind an instance profile; undefined if IAM does not know it. */
  readonly instanceRoles: (instanceProfileArnOrName: string) => InstanceRole | undefined;
  /** A fresh account's own if not given. */
  readonly quotas?: AccountQuotas;
  readonly timings?: Partial<Ec2Timings> | undefined;
  /** Whether a fresh account has a default VPC; many organizations delete it. */
  readonly defaultVpc?: boolean;
}

/**
 * EC2 with VPC and EBS, of one account and region. `restored` is what `snapshot()` gave in an earlier run. `store` is
 * for reading: who checks calls must know the tags of what they name.
 */
export function createEc2(
  context: CloudContext,
  dependencies: Ec2Dependencies,
  restored?: unknown,
): Ec2Service & Ec2Controls & Stateful & { readonly store: Store; close(): Promise<void> } {
  const engine: Engine = {
    context,
    hosts: dependencies.hosts,
    instanceRoles: dependencies.instanceRoles,
    quotas: dependencies.quotas ?? new AccountQuotas(),
    timings: { ...localTimings, ...dependencies.timings },
    store: new Store(),
    tokens: new Tokens(),
    background: new Background(context),
    lanes: new Lanes(),
    impairments: {
      exhausted: new Set(),
      zones: new Map(),
      stuck: { attaching: new Set(), detaching: new Set() },
    },
    firewalls: new Firewalls(),
    ebsDefaultKey: { arn: undefined },
    addressCursors: new Map(),
    rebooting: new Set(),
    stateListeners: new Set(),
  };
  if (restored === undefined) addFreshAccount(engine, { defaultVpc: dependencies.defaultVpc ?? true });
  else restoreEngine(engine, restored);
  return {
    handlers: withDryRun(allHandlers(engine)),
    ...serviceOf(engine),
    ...controlsOf(engine),
    store: engine.store,
    snapshot: () => snapshotEngine(engine),
    close: () => engine.background.close(),
  };
}

function allHandlers(engine: Engine): Handlers<typeof ec2> {
  return {
    ...accountHandlers(engine),
    ...tagHandlers(engine),
    ...zoneHandlers(engine),
    ...vpcHandlers(engine),
    ...vpcBlockHandlers(engine),
    ...dhcpOptionsHandlers(engine),
    ...subnetHandlers(engine),
    ...internetGatewayHandlers(engine),
    ...routeTableHandlers(engine),
    ...routeHandlers(engine),
    ...networkAclHandlers(engine),
    ...addressHandlers(engine),
    ...natGatewayHandlers(engine),
    ...securityGroupHandlers(engine),
    ...securityGroupRuleHandlers(engine),
    ...securityGroupAssociationHandlers(engine),
    ...interfaceHandlers(engine),
    ...volumeHandlers(engine),
    ...volumeStatusHandlers(engine),
    ...snapshotHandlers(engine),
    ...defaultKeyHandlers(engine),
    ...imageHandlers(engine),
    ...instanceTypeHandlers(engine),
    ...launchTemplateHandlers(engine),
    ...instanceHandlers(engine),
    ...instanceStatusHandlers(engine),
    ...instanceAttributeHandlers(engine),
    ...instanceFactHandlers(engine),
    ...absentHandlers(engine),
  };
}

function serviceOf(engine: Engine): Omit<Ec2Service, "handlers"> {
  const { store } = engine;
  return {
    onInstanceState: (listener) => {
      engine.stateListeners.add(listener);
    },
    createManagedInterface({ subnetId, description, groups: groupIds }) {
      const subnet = store.subnets.get(subnetId);
      const made = addInterface(engine, { subnet, description, groupIds, managedBy: "amazon-elb" });
      return { networkInterfaceId: made.id, privateIpAddress: made.address };
    },
    deleteManagedInterface: (networkInterfaceId) => removeInterface(engine, networkInterfaceId),
    balancerClients: (front) => balancerClients(engine, front),
    vpcOf: (subnetId) => store.subnets.get(subnetId).vpcId,
    zoneOf: (vpcId, address) => {
      const network = parseNetwork(`${address}/32`);
      const isAround = (outer: Network | undefined) =>
        outer !== undefined && network !== undefined && contains(outer, network);
      return store.subnets.list().find((each) => each.vpcId === vpcId && isAround(parseNetwork(each.cidr)))?.zone;
    },
  };
}

function controlsOf(engine: Engine): Ec2Controls {
  const { exhausted, zones } = engine.impairments;
  return {
    seed: (resource) => seed(engine, resource),
    hostDied: (instanceId) => {
      const instance = engine.store.instances.find(instanceId);
      if (instance) guestEnded(engine, instance);
    },
    powerLost: (instanceId) => powerLost(engine, engine.store.instances.get(instanceId)),
    failVolume: (volumeId) => failVolume(engine, volumeId),
    loseVolume: (volumeId) => loseVolume(engine, volumeId),
    setVolumeStuck: (volumeId, state, stuck) => setVolumeStuck(engine, volumeId, state, stuck),
    setImpaired: (instanceId, impaired) => {
      engine.store.instances.get(instanceId).impaired = impaired;
    },
    setCapacity: ({ zone, instanceType }, available) => {
      const key = [zoneNamed(engine, zone).name, ...(instanceType === undefined ? [] : [instanceType])].join("/");
      if (available) exhausted.delete(key);
      else exhausted.add(key);
    },
    setZoneState: (zone, state) => {
      if (state === "available") zones.delete(zoneNamed(engine, zone).name);
      else zones.set(zoneNamed(engine, zone).name, state);
    },
  };
}
