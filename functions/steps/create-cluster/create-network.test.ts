import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { CREATED_AT, clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { CREATING, expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import type { InterfaceRequest } from "../../aws/ec2/interfaces.ts";
import { LeaseLost, OwnershipConflict } from "../../domain/cluster/errors.ts";
import type { SubnetPlan } from "../../domain/plan/plan-types.ts";
import { createNetwork } from "./create-network.ts";

const INPUT = { cluster: NAME, operation: "create-1" };

function newStage({ flags = {}, operation = "create-1" } = {}) {
  const { network: _, ...bare } = clusterRecord({ status: "CREATING", operation, createdAt: CREATED_AT }, flags);
  const made = {
    interfaces: new Map<string, InterfaceRequest>(),
    associated: new Set<string>(),
    blank: [] as unknown[],
  };
  const aws = {
    ensureVpc: async () => "vpc-1",
    ensureInternetGateway: async () => "igw-1",
    ensureSubnets: async (_: unknown, __: unknown, plans: readonly SubnetPlan[]) =>
      Object.fromEntries(plans.map(({ name }) => [name, `subnet-${name}`])),
    ensureSecurityGroups: async () => ({ masters: "sg-masters", nodes: "sg-nodes" }),
    associateSecurityGroups: async (groups: readonly string[]) => {
      for (const group of groups) made.associated.add(group);
    },
    ensureInterface: async (_: unknown, wanted: InterfaceRequest) => {
      made.interfaces.set(wanted.member, wanted);
      return { interfaceId: `eni-${wanted.member}`, address: wanted.address ?? "" };
    },
  };
  return { store: new MemoryStore(bare), aws, made };
}

test("the network is on record, and each member's interface holds its fixed address", async () => {
  const stage = newStage();

  await run(createNetwork, stage, INPUT, { begun: CREATING });

  const { network, plan } = await stage.store.getCluster(NAME);
  expect(network).toMatchObject({ vpcId: "vpc-1", internetGatewayId: "igw-1", masterGroupId: "sg-masters" });
  expect([...stage.made.interfaces.values()].map(({ address }) => address)).toEqual(
    plan.members.map(({ address }) => address),
  );
  expect((await stage.store.listMembers(NAME)).map(({ interfaceId }) => interfaceId)).toEqual([
    "eni-a",
    "eni-b",
    "eni-c",
  ]);
});

test("groups that the user brings are let into the VPC, each once", async () => {
  const group = "sg-0123456789abcdef0";
  const stage = newStage({ flags: { "--master-security-groups": group, "--node-security-groups": group } });

  await run(createNetwork, stage, INPUT, { begun: CREATING });

  expect(stage.made.associated).toEqual(new Set([group]));
});

test("an interface that is on record is not made again", async () => {
  const stage = newStage();
  await stage.store.updateMember(NAME, "a", memberRecord("a"));

  await run(createNetwork, stage, INPUT);

  expect([...stage.made.interfaces.keys()]).toEqual(["b", "c"]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(createNetwork, newStage, INPUT, CREATING);
});

test("an operation that no longer holds the cluster records nothing, and makes no interface", async () => {
  const stage = newStage({ operation: "delete-1" });

  await expect(run(createNetwork, stage, INPUT)).rejects.toThrow(LeaseLost);
  expect(stage.made.interfaces.size).toBe(0);
});

test("a VPC that is another's ends it with OwnershipConflict", async () => {
  const stage = newStage();
  const aws = { ...stage.aws, ensureVpc: async () => Promise.reject(new OwnershipConflict("vpc-9 is another's")) };

  await expect(run(createNetwork, { ...stage, aws }, INPUT)).rejects.toThrow(OwnershipConflict);
});
