import { expect, test } from "vitest";
import { renderPlan } from "../../../client/render/render.ts";
import { flags, THREE_ZONES } from "../../../test/support/flags.ts";
import { specFromFlags } from "../spec/parse-spec.ts";
import { planCluster } from "./plan.ts";
import { hourlyPrice, PRICES } from "./prices.ts";

function planned(given: Readonly<Record<string, string>>) {
  const parsed = specFromFlags(flags({ "master-zones": THREE_ZONES, zones: THREE_ZONES, ...given }));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return planCluster(parsed.spec);
}

test("the guide's private cluster: instances, disks, NAT gateways, load balancer, addresses", () => {
  const { plan } = planned({
    "master-size": "t2.medium",
    "node-size": "t2.medium",
    "node-count": "3",
    topology: "private",
  });

  expect(plan.cost).toEqual({
    currency: "USD",
    monthly: 391.28,
    items: [
      { what: "t2.medium instances", count: 6, each: 33.87, monthly: 203.23 },
      { what: "GiB of gp3", count: 636, each: 0.08, monthly: 50.88 },
      { what: "NAT gateways", count: 3, each: 32.85, monthly: 98.55 },
      { what: "network load balancers", count: 1, each: 16.43, monthly: 16.43 },
      { what: "public IPv4 addresses", count: 6, each: 3.65, monthly: 21.9 },
      { what: "GiB of backups in S3, of 30 MiB each", count: 9, each: 0.02, monthly: 0.21 },
      { what: "thousand writes of backups", count: 12, each: 0.01, monthly: 0.06 },
      { what: "hours of drills, on t3.micro", count: 2, each: 0.01, monthly: 0.02 },
    ],
    asOf: "2026-01-19",
    region: "us-west-2",
  });
});

test("root volumes cost what they are asked to hold", () => {
  const sizes = { "node-count": "2", "node-volume-size": "20", "control-plane-volume-size": "30" };
  const cluster = planned(sizes);

  // Of each master 30 GiB and etcd's 20, of each node 20.
  expect(cluster.plan.cost?.items).toContainEqual({ what: "GiB of gp3", count: 190, each: 0.08, monthly: 15.2 });
  expect(renderPlan(cluster, "table")).toContain("Roots      root volumes of 30 GiB on masters, 20 GiB on nodes\n");
  expect(renderPlan(planned({}), "table")).not.toContain("Roots");
});

test("masters and nodes of different sizes are two lines", () => {
  const { plan } = planned({ "master-size": "m6g.large", "node-size": "c5.2xlarge", "node-count": "2" });

  expect(plan.cost?.items.slice(0, 2)).toEqual([
    { what: "m6g.large instances", count: 3, each: 56.21, monthly: 168.63 },
    { what: "c5.2xlarge instances", count: 2, each: 248.2, monthly: 496.4 },
  ]);
});

test("a type that the table does not have is said to be missing, and the sum is of the rest", () => {
  const cluster = planned({ "master-size": "t3.medium", "node-size": "x2gd.large", "node-count": "1" });

  expect(cluster.plan.cost?.items[1]).toEqual({ what: "x2gd.large instances", count: 1, each: null, monthly: null });
  expect(renderPlan(cluster, "table")).toContain("without x2gd.large instances, which the table does not have");
});

test("a Region that the table does not have costs nobody knows what", () => {
  const cluster = planned({
    "master-zones": "sa-east-1a,sa-east-1b,sa-east-1c",
    zones: "sa-east-1a,sa-east-1b,sa-east-1c",
  });

  expect(cluster.plan.cost?.monthly).toBeNull();
  expect(renderPlan(cluster, "table")).toContain("no prices for sa-east-1 in the price table (of 2026-01-19)");
});

/** Hours as AWS's price list of the date has them: the proportion within a family is AWS's own. */
test.each([
  ["t2.micro", 0.0116],
  ["t2.small", 0.023],
  ["t3.small", 0.0208],
  ["t4g.2xlarge", 0.2688],
  ["m5.24xlarge", 4.608],
  ["m7i.4xlarge", 0.8064],
  ["m6g.medium", 0.0385],
  ["c4.xlarge", 0.199],
  ["c6i.xlarge", 0.17],
  ["r5.large", 0.126],
  ["m5.metal", undefined],
])("an hour of %s costs %s in Oregon", (instanceType, price) => {
  const prices = PRICES["us-west-2"];

  const found = prices && hourlyPrice(prices, instanceType);

  if (price === undefined) expect(found).toBeUndefined();
  else expect(found).toBeCloseTo(price, 6);
});
