import fc from "fast-check";
import { expect, test } from "vitest";
import { flags, THREE_ZONES } from "../../../test/support/flags.ts";
import { specFromFlags } from "../spec/parse-spec.ts";
import { planCluster } from "./plan.ts";
import type { PlannedCluster } from "./plan-types.ts";
import { spreadNodes } from "./spread-nodes.ts";

function planned(given: Readonly<Record<string, string>>): PlannedCluster {
  const parsed = specFromFlags(flags(given));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return planCluster(parsed.spec, parsed.warnings);
}

test("the first command of kops' HA guide becomes three masters that survive any one zone", () => {
  const { plan, warnings } = planned({
    "node-count": "3",
    zones: THREE_ZONES,
    "master-zones": THREE_ZONES,
    "node-size": "t2.medium",
    "master-size": "t2.medium",
    topology: "private",
    networking: "kopeio-vxlan",
  });

  expect(plan).toEqual({
    members: [
      { name: "a", zone: "us-west-2a", subnet: "us-west-2a", address: "172.20.64.10" },
      { name: "b", zone: "us-west-2b", subnet: "us-west-2b", address: "172.20.128.10" },
      { name: "c", zone: "us-west-2c", subnet: "us-west-2c", address: "172.20.192.10" },
    ],
    nodes: [
      { zone: "us-west-2a", count: 1, subnet: "us-west-2a" },
      { zone: "us-west-2b", count: 1, subnet: "us-west-2b" },
      { zone: "us-west-2c", count: 1, subnet: "us-west-2c" },
    ],
    subnets: [
      { zone: "us-west-2a", type: "private", cidr: "172.20.64.0/18", name: "us-west-2a" },
      { zone: "us-west-2b", type: "private", cidr: "172.20.128.0/18", name: "us-west-2b" },
      { zone: "us-west-2c", type: "private", cidr: "172.20.192.0/18", name: "us-west-2c" },
      { zone: "us-west-2a", type: "utility", cidr: "172.20.0.0/21", name: "utility-us-west-2a" },
      { zone: "us-west-2b", type: "utility", cidr: "172.20.8.0/21", name: "utility-us-west-2b" },
      { zone: "us-west-2c", type: "utility", cidr: "172.20.16.0/21", name: "utility-us-west-2c" },
    ],
    quorum: { size: 3, needed: 2 },
    survives: { masters: 1, zones: ["us-west-2a", "us-west-2b", "us-west-2c"] },
    network: {
      requested: "kopeio-vxlan",
      used: "cilium",
      cidr: "172.20.0.0/16",
      pods: "100.96.0.0/11",
      services: "100.64.0.0/13",
    },
    resources: {
      vpcs: 1,
      internetGateways: 1,
      subnets: 6,
      routeTables: 4,
      natGateways: 3,
      elasticIps: 3,
      securityGroups: 2,
      loadBalancers: 1,
      targetGroups: 1,
      dnsRecords: 0,
      volumes: 3,
      networkInterfaces: 3,
      launchTemplates: 4,
      autoScalingGroups: 6,
      instances: 6,
    },
    cost: expect.objectContaining({ currency: "USD", region: "us-west-2" }),
  });
  expect(warnings).toEqual([
    "the network kopeio-vxlan is no longer maintained: cilium with VXLAN, the nearest living overlay, is used instead",
    "t2.medium is of an earlier generation, which newer zones do not offer (t3.medium is current)",
  ]);
});

test("with two zones and three masters in one, the plan says which loss is not survived", () => {
  const { plan, warnings } = planned({
    "master-count": "3",
    "master-zones": "us-west-2a",
    zones: "us-west-2a,us-west-2b",
  });

  expect(plan.members.map(({ name, address }) => `${name} ${address}`)).toEqual([
    "a 172.20.0.10",
    "b 172.20.0.11",
    "c 172.20.0.12",
  ]);
  expect(plan.survives).toEqual({ masters: 1, zones: ["us-west-2b"] });
  expect(warnings).toEqual([
    "losing us-west-2a loses the API: it holds all 3 masters",
    expect.stringContaining("with two zones"),
  ]);
});

test("five masters over three zones survive two masters or any one zone", () => {
  const { plan, warnings } = planned({ "master-count": "5", "master-zones": THREE_ZONES, zones: THREE_ZONES });

  expect(plan.members.map(({ name, zone }) => name + zone.at(-1))).toEqual(["aa", "bb", "cc", "da", "eb"]);
  expect(plan.quorum).toEqual({ size: 5, needed: 3 });
  expect(plan.survives).toEqual({ masters: 2, zones: ["us-west-2a", "us-west-2b", "us-west-2c"] });
  expect(warnings[0]).toBe("us-west-2a holds 2 of 5 masters: losing it leaves 3, of which none more may be lost");
});

test("two masters of three in a zone lose the API with it", () => {
  const { plan, warnings } = planned({ "master-count": "3", zones: "us-west-2b,us-west-2a" });

  expect(plan.survives.zones).toEqual(["us-west-2a"]);
  expect(warnings[0]).toBe(
    "losing us-west-2b loses the API: it holds 2 of 3 masters, and the other 1 is no majority (2 needed)",
  );
});

test("a single master says what that means", () => {
  const { plan, warnings } = planned({ zones: THREE_ZONES });

  expect(plan.survives).toEqual({ masters: 0, zones: ["us-west-2b", "us-west-2c"] });
  expect(warnings).toEqual([expect.stringMatching(/^losing us-west-2a loses the API: it holds the only master/)]);
});

test.each([
  ["one public zone", "us-west-2a", "public", ["172.20.0.0/16"]],
  ["three public zones", THREE_ZONES, "public", ["172.20.0.0/18", "172.20.64.0/18", "172.20.128.0/18"]],
  ["zones out of order", "us-west-2c,us-west-2a", "public", ["172.20.0.0/17", "172.20.128.0/17"]],
  ["one private zone", "us-west-2a", "private", ["172.20.128.0/17", "172.20.0.0/20"]],
])("subnets are carved as kops does for %s", (_, zones, topology, expected) => {
  expect(planned({ zones, topology }).plan.subnets.map(({ cidr }) => cidr)).toEqual(expected);
});

test("nodes are spread evenly, the remainder to the zones given first", () => {
  expect(planned({ zones: "us-west-2b,us-west-2a,us-west-2c", "node-count": "5" }).plan.nodes).toMatchObject([
    { zone: "us-west-2b", count: 2 },
    { zone: "us-west-2a", count: 2 },
    { zone: "us-west-2c", count: 1 },
  ]);
});

test("zones without a node are left out and named", () => {
  const { plan, warnings } = planned({ zones: THREE_ZONES, "master-count": "3", "node-count": "1" });

  expect(plan.nodes).toMatchObject([{ zone: "us-west-2a", count: 1 }]);
  expect(warnings).toEqual(["no node in us-west-2b, us-west-2c: 1 node cannot reach all 3 zones"]);
});

test("any spread adds up and differs by one at most", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.integer({ min: 1, max: 8 }), (count, zones) => {
      const counts = spreadNodes(
        count,
        Array.from({ length: zones }, (_, index) => `z${index}`),
      ).map((one) => one.count);

      expect(counts.reduce((sum, one) => sum + one, 0)).toBe(count);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }),
  );
});
