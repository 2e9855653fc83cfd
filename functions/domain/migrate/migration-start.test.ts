import { expect, test } from "vitest";
import { clusterRecord, NAME } from "../../../test/support/steps/records.ts";
import type { ClusterRecord } from "../cluster/records.ts";
import { planFurtherSubnets } from "../plan/further-subnets.ts";
import { migrationDemands, whyNoMigration } from "./migration-start.ts";
import { changesOf } from "./planned-migration.ts";

const [A, B, C, D] = ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"] as const;

function why(change: Partial<ClusterRecord>, unhealthy: readonly string[] = []) {
  const start = { cluster: clusterRecord(change), unhealthy: unhealthy.map((member) => ({ member })) };
  return whyNoMigration(start).map(({ message }) => message);
}

test("a healthy cluster that nothing holds may be migrated", () => {
  expect(why({})).toEqual([]);
});

test("everything that is in the way is said at once", () => {
  expect(why({ pending: { fields: ["nodeSize"] } }, ["b", "c"])).toEqual([
    `NAME: ${NAME} has a change that is not complete (nodeSize); \`holdfast update cluster ${NAME} --yes\` continues it`,
    `NAME: ${NAME} has masters that are not healthy: b, c; they are repaired first (holdfast validate cluster ${NAME} --wait)`,
  ]);
});

test("4.5.6: a change that is not complete, as a roll that is pending, comes first", () => {
  expect(why({ pending: { fields: ["masterSize"] } })).toEqual([
    `NAME: ${NAME} has a change that is not complete (masterSize); \`holdfast update cluster ${NAME} --yes\` continues it`,
  ]);
});

test.each([
  ["CREATING", {}, "is CREATING: its creation has to end first"],
  ["FAILED", {}, "is FAILED: its creation has to end first"],
  ["FAILED", { deleting: true }, "is being deleted"],
] as const)("%s %j is refused", (status, change, message) => {
  expect(why({ status, ...change })).toEqual([`NAME: ${NAME} ${message}`]);
});

function demands(masterZones: readonly string[], flags: Readonly<Record<string, string>> = {}) {
  const cluster = clusterRecord({}, flags);
  const spec = { ...cluster.spec, masterZones: [...masterZones] };
  const missing = masterZones.filter((zone) => !cluster.plan.subnets.some((subnet) => subnet.zone === zone));
  const room = planFurtherSubnets(spec, { plan: cluster.plan, blocks: [spec.networkCidr], others: [] }, missing);
  const wish = { spec, subnets: room.ok ? room.subnets : [], changes: changesOf(cluster, spec) };
  return migrationDemands(cluster, wish, new Map([["t3.medium", 2]])).map(
    ({ what, count, zone }) => `${count} ${what}${zone === undefined ? "" : ` in ${zone}`}`,
  );
}

test("two new masters take addresses, disks and vCPUs; the cluster's own are counted with them, groups alone are not", () => {
  // Three masters and two nodes have 10 vCPUs, and 548 GiB of gp3.
  expect(demands([A, B, C, A, B])).toEqual(["5 Elastic IP", "2 Auto Scaling group", "676 GiB of gp3", "14 vCPU"]);
});

test("a swap is as wide as one master more, and a private zone takes a NAT gateway with its address", () => {
  expect(demands([A, B, D], { "--topology": "private" })).toEqual([
    "4 Elastic IP",
    `1 NAT gateway in ${D}`,
    "1 Auto Scaling group",
    "592 GiB of gp3",
    "12 vCPU",
  ]);
});

test("fewer masters take nothing", () => {
  expect(demands([A])).toEqual([]);
});
