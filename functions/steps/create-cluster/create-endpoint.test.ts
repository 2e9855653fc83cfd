import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import type { EndpointRequest } from "../../aws/load-balancing/load-balancing.ts";
import type { AliasRequest } from "../../aws/route53/route53.ts";
import { LeaseLost, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { createEndpoint } from "./create-endpoint.ts";

const INPUT = { cluster: NAME, operation: "create-1" };
const MADE = { loadBalancerArn: "arn:lb", targetGroupArn: "arn:targets", dnsName: "hf-1.elb.test", hostedZoneId: "Z9" };

function newStage({ zone = "", flags = {}, operation = "create-1" } = {}) {
  const change = { status: "CREATING" as const, operation, ...(zone === "" ? {} : { hostedZoneId: zone }) };
  const { endpoint: _, ...cluster } = clusterRecord(change, flags);
  const made = { endpoints: [] as EndpointRequest[], aliases: new Map<string, AliasRequest>() };
  const aws = {
    ensureEndpoint: async (_: unknown, wanted: EndpointRequest) => {
      made.endpoints = [wanted];
      return MADE;
    },
    ensureAlias: async (_: unknown, wanted: AliasRequest) => {
      made.aliases.set(wanted.name, wanted);
    },
  };
  return { store: new MemoryStore(cluster), aws, made };
}

test("the masters' fixed addresses are its targets, and kubelets use the balancer's own name", async () => {
  const stage = newStage();

  await run(createEndpoint, stage, INPUT);

  const { plan, endpoint } = await stage.store.getCluster(NAME);
  expect(stage.made.endpoints[0]?.addresses).toEqual(plan.members.map(({ address }) => address));
  expect(endpoint).toEqual({ loadBalancerArn: "arn:lb", targetGroupArn: "arn:targets", host: "hf-1.elb.test" });
  expect(stage.made.aliases.size).toBe(0);
});

test("with a hosted zone the cluster has a name of its own", async () => {
  const stage = newStage({ zone: "Z1" });

  await run(createEndpoint, stage, INPUT);

  expect(stage.made.aliases.get(`api.${NAME}`)?.hostedZoneId).toBe("Z1");
  expect((await stage.store.getCluster(NAME)).endpoint?.name).toBe(`api.${NAME}`);
});

test("an internal one lies in the private subnets", async () => {
  const stage = newStage({ flags: { "--topology": "private", "--api-loadbalancer-type": "internal" } });

  await run(createEndpoint, stage, INPUT);

  expect(stage.made.endpoints[0]?.scheme).toBe("internal");
  const { plan, network } = await stage.store.getCluster(NAME);
  const inner = plan.subnets.filter(({ type }) => type === "private").map(({ name }) => network?.subnets[name]);
  expect(stage.made.endpoints[0]?.subnetIds).toEqual(inner);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(createEndpoint, () => newStage({ zone: "Z1" }), INPUT);
});

test("a name that leads elsewhere ends it with OwnershipConflict, and no endpoint is on record", async () => {
  const stage = newStage({ zone: "Z1" });
  const aws = { ...stage.aws, ensureAlias: async () => Promise.reject(new OwnershipConflict("it is another's")) };

  await expect(run(createEndpoint, { ...stage, aws }, INPUT)).rejects.toThrow(OwnershipConflict);
  expect((await stage.store.getCluster(NAME)).endpoint).toBeUndefined();
});

test("an operation that no longer holds the cluster records nothing", async () => {
  await expect(run(createEndpoint, newStage({ operation: "delete-1" }), INPUT)).rejects.toThrow(LeaseLost);
});
