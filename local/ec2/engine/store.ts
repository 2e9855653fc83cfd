import { z } from "zod";
import type { CloudContext } from "../../context/context.ts";
import { Collection } from "./collection.ts";
import { kinds } from "./kinds.ts";
import type { Resource } from "./state.ts";
import * as compute from "./state-compute.ts";
import * as network from "./state-network.ts";

/** Everything that exists in one account and region, as plain JSON, one collection a kind. */
export class Store {
  readonly vpcs = new Collection(kinds.vpc, network.vpcSchema);
  readonly subnets = new Collection(kinds.subnet, network.subnetSchema);
  readonly internetGateways = new Collection(kinds.internetGateway, network.internetGatewaySchema);
  readonly routeTables = new Collection(kinds.routeTable, network.routeTableSchema);
  readonly networkAcls = new Collection(kinds.networkAcl, network.networkAclSchema);
  readonly dhcpOptions = new Collection(kinds.dhcpOptions, network.dhcpOptionsSchema);
  readonly addresses = new Collection(kinds.address, network.addressSchema);
  readonly natGateways = new Collection(kinds.natGateway, network.natGatewaySchema);
  readonly securityGroups = new Collection(kinds.securityGroup, network.securityGroupSchema);
  readonly securityGroupRules = new Collection(kinds.securityGroupRule, network.securityGroupRuleSchema);
  readonly networkInterfaces = new Collection(kinds.networkInterface, network.networkInterfaceSchema);
  readonly volumes = new Collection(kinds.volume, compute.volumeSchema);
  readonly snapshots = new Collection(kinds.snapshot, compute.snapshotSchema);
  readonly images = new Collection(kinds.image, compute.imageSchema);
  readonly launchTemplates = new Collection(kinds.launchTemplate, compute.launchTemplateSchema);
  readonly instances = new Collection(kinds.instance, compute.instanceSchema);

  /** Every collection under the name that it has in a snapshot. */
  collections() {
    const { vpcs, subnets, internetGateways, routeTables, networkAcls, dhcpOptions, addresses, natGateways } = this;
    const { securityGroups, securityGroupRules, networkInterfaces, volumes, snapshots, images } = this;
    const { launchTemplates, instances } = this;
    return {
      ...{ vpcs, subnets, internetGateways, routeTables, networkAcls, dhcpOptions, addresses, natGateways },
      ...{ securityGroups, securityGroupRules, networkInterfaces, volumes, snapshots, images },
      ...{ launchTemplates, instances },
    };
  }

  snapshot(): Record<string, readonly Resource[]> {
    const entries = Object.entries(this.collections());
    return Object.fromEntries(entries.map(([name, collection]) => [name, collection.list()]));
  }

  /** @throws ZodError if `saved` is not what {@link snapshot} gave. */
  load(saved: unknown): void {
    const state = z.record(z.string(), z.unknown()).parse(saved);
    for (const [name, collection] of Object.entries(this.collections())) collection.load(state[name] ?? []);
  }
}

/** The members that every new resource starts with. */
export function newResource(context: CloudContext, prefix: string, tags: Record<string, string>): Resource {
  return { id: context.id(prefix), createdAt: context.clock.now(), tags };
}
