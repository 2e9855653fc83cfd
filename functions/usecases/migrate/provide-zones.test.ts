import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import type { RouteTablePlan } from "../../aws/ec2/routing.ts";
import type { FlowRule } from "../../domain/network/flows.ts";
import type { SubnetPlan } from "../../domain/plan/plan-types.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { provideZones, type provideZonesCalls } from "./provide-zones.ts";

const D = "us-west-2d";
const INPUT = { cluster: NAME, operation: "migrate-1", zones: [D] };

/** As a step of the flow calls it. */
async function provide(deps: Deps<typeof provideZonesCalls>, { cluster, zones }: typeof INPUT) {
  await provideZones(deps, await deps.store.getCluster(cluster), zones);
}

function newStage(topology = "public", flags: Readonly<Record<string, string>> = {}) {
  const made = {
    subnets: new Map<string, SubnetPlan>(),
    tables: new Map<string, readonly string[]>(),
    gateways: new Map<string, string>(),
    enabled: new Set<string>(),
    blocks: new Set<string>(),
    flows: new Set<string>(),
  };
  const aws = {
    listForeignBlocks: async () => [],
    listVpcBlocks: async () => ["172.20.0.0/16", ...made.blocks],
    ensureVpcBlocks: async (_: string, blocks: readonly string[]) => {
      for (const block of blocks) made.blocks.add(block);
    },
    admitFlows: async (flows: readonly FlowRule[]) => {
      for (const { to, from } of flows) made.flows.add(`${to} ${JSON.stringify(from)}`);
    },
    ensureSubnets: async (_: unknown, __: string, subnets: readonly SubnetPlan[]) => {
      for (const subnet of subnets) made.subnets.set(subnet.name, subnet);
      return Object.fromEntries(subnets.map(({ name }) => [name, `subnet-${name}`]));
    },
    ensureNatGateways: async (_: unknown, subnets: Readonly<Record<string, string>>) => {
      for (const zone of Object.keys(subnets)) made.gateways.set(zone, `nat-${zone}`);
      return Object.fromEntries(made.gateways);
    },
    ensureRouteTables: async (_: unknown, __: unknown, tables: readonly RouteTablePlan[]) => {
      for (const { name, subnetIds } of tables) made.tables.set(name, subnetIds);
    },
    natGatewayStates: async () => new Map([...made.gateways.values()].map((id) => [id, "available"])),
    enableZones: async (_: unknown, __: string, subnetIds: readonly string[]) => {
      for (const id of subnetIds) made.enabled.add(id);
    },
  };
  const cluster = clusterRecord({ status: "UPDATING", operation: "migrate-1" }, { "--topology": topology, ...flags });
  return { store: new MemoryStore(cluster), aws, made };
}

test("a new zone gets a subnet, its way out, and its place at the load balancer, and is then on record", async () => {
  const stage = newStage();

  await run(provide, stage, INPUT);

  const { plan, network } = await stage.store.getCluster(NAME);
  expect([...stage.made.subnets.values()]).toEqual([{ zone: D, type: "public", cidr: "172.20.192.0/18", name: D }]);
  expect(stage.made.tables.get("public")).toContain(`subnet-${D}`);
  expect(stage.made.enabled).toContain(`subnet-${D}`);
  expect(plan.subnets.map(({ zone }) => zone)).toEqual(["us-west-2a", "us-west-2b", "us-west-2c", D]);
  expect(network?.subnets[D]).toBe(`subnet-${D}`);
});

test("a private zone gets a NAT gateway; the load balancer is in its utility subnet", async () => {
  const stage = newStage("private");

  await run(provide, stage, INPUT);

  expect(stage.made.gateways.get(D)).toBe(`nat-${D}`);
  expect(stage.made.tables.get(`private-${D}`)).toEqual([`subnet-${D}`]);
  expect(stage.made.enabled).toContain(`subnet-utility-${D}`);
  expect(stage.made.enabled).not.toContain(`subnet-${D}`);
});

test("zones that are there are made sure of at the load balancer alone", async () => {
  const stage = newStage();

  await run(provide, stage, { ...INPUT, zones: ["us-west-2b"] });

  expect([...stage.made.subnets]).toEqual([]);
  expect([...stage.made.enabled]).toHaveLength(3);
});

describe("18: a network that is full", () => {
  const newFull = () =>
    newStage("public", {
      "--zones": "us-west-2a",
      "--master-count": "1",
      "--admin-access": "203.0.113.0/24",
      "--api-loadbalancer-type": "internal",
    });
  const zones = ["us-west-2a", "us-west-2b", "us-west-2c"];

  test("gets a further block, with subnets and the rules that its addresses need, and that is on record", async () => {
    const stage = newFull();

    await run(provide, stage, { ...INPUT, zones });

    const { plan, spec } = await stage.store.getCluster(NAME);
    expect([...stage.made.blocks]).toEqual(["172.21.0.0/16"]);
    expect(plan.subnets.map(({ cidr }) => cidr)).toEqual(["172.20.0.0/16", "172.21.0.0/19", "172.21.32.0/19"]);
    expect(plan.network).toMatchObject({ cidr: "172.20.0.0/16", furtherCidrs: ["172.21.0.0/16"] });
    expect(spec.networkCidr).toBe("172.20.0.0/16");
    expect([...stage.made.flows]).toEqual(['masters {"cidr":"172.21.0.0/16"}', 'api {"cidr":"172.21.0.0/16"}']);
  });

  test("has room for the next zone in that block", async () => {
    const stage = newFull();
    await run(provide, stage, { ...INPUT, zones });

    await run(provide, stage, INPUT);

    const { plan } = await stage.store.getCluster(NAME);
    expect([...stage.made.blocks]).toEqual(["172.21.0.0/16"]);
    expect(plan.subnets.at(-1)).toMatchObject({ zone: D, cidr: "172.21.64.0/19" });
    expect(plan.network.furtherCidrs).toEqual(["172.21.0.0/16"]);
  });

  test("may run twice, and die at each of its calls", () => expectRepeatable(provide, newFull, { ...INPUT, zones }));
});

test.each(["public", "private"])("it may run twice, and die at each of its calls (%s)", async (topology) => {
  await expectRepeatable(provide, () => newStage(topology), INPUT);
});
