import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { AGAIN, expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import type { RouteTablePlan } from "../../aws/ec2/routing.ts";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { createEgress } from "./create-egress.ts";

const INPUT = { cluster: NAME, operation: "create-1" };

function newStage(topology = "private", looks = 2) {
  const made = { tables: new Map<string, RouteTablePlan>(), gateways: new Map<string, string>() };
  let looked = 0;
  const aws = {
    ensureNatGateways: async (_: unknown, subnets: Readonly<Record<string, string>>) => {
      for (const zone of Object.keys(subnets)) made.gateways.set(zone, `nat-${zone}`);
      return Object.fromEntries(made.gateways);
    },
    ensureRouteTables: async (_: unknown, __: unknown, tables: readonly RouteTablePlan[]) => {
      for (const table of tables) made.tables.set(table.name, table);
    },
    natGatewayStates: async () => {
      looked++;
      return new Map([...made.gateways.values()].map((id) => [id, looked < looks ? "pending" : "available"]));
    },
  };
  const store = new MemoryStore(
    clusterRecord({ status: "CREATING", operation: "create-1" }, { "--topology": topology }),
  );
  return { store, aws, made };
}

test("in a private topology each zone has a way out of its own", async () => {
  const stage = newStage();

  await run(createEgress, stage, INPUT);

  expect([...stage.made.gateways.keys()]).toEqual(["us-west-2a", "us-west-2b", "us-west-2c"]);
  expect([...stage.made.tables.keys()].toSorted()).toEqual([
    "private-us-west-2a",
    "private-us-west-2b",
    "private-us-west-2c",
    "public",
  ]);
  expect(stage.made.tables.get("private-us-west-2b")?.defaultRoute).toEqual({ natGatewayId: "nat-us-west-2b" });
});

test("in a public topology one table leads to the internet gateway", async () => {
  const stage = newStage("public");

  await run(createEgress, stage, INPUT);

  expect(stage.made.gateways.size).toBe(0);
  expect([...stage.made.tables.keys()]).toEqual(["public"]);
});

test("a gateway that takes minutes is the flow's to wait for; later looks are one call", async () => {
  const stage = newStage("private", 1_000);
  await expect(run(createEgress, stage, INPUT)).rejects.toThrow(NotReadyYet);
  stage.made.tables.clear();

  await expect(run(createEgress, stage, INPUT, { begun: AGAIN })).rejects.toThrow(NotReadyYet);
  expect(stage.made.tables.size).toBe(0);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(createEgress, newStage, INPUT);
});
