import { expect, test } from "vitest";
import { flags, THREE_ZONES } from "../../../test/support/flags.ts";
import { specFromFlags } from "../spec/parse-spec.ts";
import { planCluster } from "./plan.ts";
import { evaluateQuota, type QuotaDemand, quotaDemands } from "./quota-demand.ts";
import { fewFunctions, launchQuotaReached, QUOTAS, quotaReached, vcpuQuotaOf } from "./quotas.ts";

const VCPUS = new Map([
  ["t3.medium", 2],
  ["m5.2xlarge", 8],
  ["x2gd.large", 2],
]);

function demandsOf(given: Readonly<Record<string, string>>): QuotaDemand[] {
  const parsed = specFromFlags(flags({ zones: THREE_ZONES, "master-zones": THREE_ZONES, ...given }));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return quotaDemands(parsed.spec, planCluster(parsed.spec).plan, VCPUS);
}

function summary(demands: readonly QuotaDemand[]) {
  return demands.map(
    ({ count, what, zone, flag }) => `${flag} ${count} ${what}${zone === undefined ? "" : ` in ${zone}`}`,
  );
}

test("a private cluster of three masters and three nodes needs this of the account", () => {
  expect(summary(demandsOf({ "node-count": "3", topology: "private" }))).toEqual([
    "--name 1 VPC",
    "--name 1 network load balancer",
    "--topology 3 Elastic IP",
    "--topology 1 NAT gateway in us-west-2a",
    "--topology 1 NAT gateway in us-west-2b",
    "--topology 1 NAT gateway in us-west-2c",
    "--name 6 Auto Scaling group",
    "--node-count 636 GiB of gp3",
    "--master-size 12 vCPU",
  ]);
});

test("root volumes count as they are asked for, and the refusal says how to need less", () => {
  const [storage] = demandsOf({ "node-count": "10", "node-volume-size": "500", "master-volume-size": "20" }).filter(
    ({ quota }) => quota === QUOTAS.storage,
  );

  // Three masters with 20 GiB and etcd's 20, ten nodes with 500.
  expect(storage).toMatchObject({ count: 5120, flag: "--node-count", value: "10" });
  expect(storage?.otherwise).toBe("with a smaller --node-volume-size than 500 less is needed");
});

test("B1: public topology needs an address for each master and no gateways; the larger share names the flag of the vCPUs", () => {
  const demands = summary(demandsOf({ "node-count": "2", "node-size": "m5.2xlarge", topology: "public" }));

  expect(demands).toContain("--node-size 22 vCPU");
  expect(demands.filter((demand) => /Elastic|NAT/.test(demand))).toEqual(["--topology 3 Elastic IP"]);
});

test("sizes of two families count against two quotas", () => {
  const demands = demandsOf({ "node-count": "2", "node-size": "x2gd.large" }).filter(({ what }) => what === "vCPU");

  expect(demands.map(({ count, quota }) => `${count} of ${quota.code}`)).toEqual([
    "6 of L-1216C47A",
    "4 of L-7295265B",
  ]);
});

test("what does not fit is refused with the numbers, the code, the link and another way", () => {
  const addresses = demandsOf({ topology: "private" }).find(({ quota }) => quota === QUOTAS.elasticIps);
  if (!addresses) throw new Error("no need of addresses");

  expect(evaluateQuota(addresses, { limit: 5, used: 2 }, "us-west-2")).toEqual([]);
  expect(evaluateQuota(addresses, { limit: 5, used: 3 }, "us-west-2")).toEqual([
    {
      flag: "--topology",
      value: "private",
      message:
        '--topology: "private" needs 3 Elastic IPs, 2 of 5 are free in us-west-2; ask for more of "EC2-VPC Elastic IPs" (L-0263D0A3) at https://us-west-2.console.aws.amazon.com/servicequotas/home/services/ec2/quotas/L-0263D0A3',
    },
  ]);
});

test.each([
  ["private", "us-west-2a", 1, "with --topology public 1 is needed, one for each master"],
  ["public", THREE_ZONES, 5, "with --topology private 3 are needed, one for each zone"],
  ["public", "us-west-2a", 1, undefined],
])("B1: the Elastic IPs of a %s cluster with masters in %s: %i masters", (topology, zones, masters, otherwise) => {
  const demand = demandsOf({
    topology,
    "master-zones": zones,
    "master-count": String(masters),
    "node-count": "3",
  }).find(({ quota }) => quota === QUOTAS.elasticIps);

  expect([demand?.count, demand?.otherwise]).toEqual([topology === "private" ? 3 : masters, otherwise]);
});

test("a quota that is overdrawn has nothing free, not less than nothing", () => {
  const [vpc] = demandsOf({});
  if (!vpc) throw new Error("no need of a VPC");

  expect(evaluateQuota(vpc, { limit: 5, used: 7 }, "us-west-2")[0]?.message).toContain(
    "needs 1 VPC, 0 of 5 are free in us-west-2",
  );
});

test.each([
  ["t3.medium", "L-1216C47A"],
  ["hpc7g.4xlarge", "L-F7808C92"],
  ["i3.large", "L-1216C47A"],
  ["inf2.xlarge", "L-1945791B"],
  ["g5.xlarge", "L-DB2E81BA"],
  ["vt1.3xlarge", "L-DB2E81BA"],
  ["p4d.24xlarge", "L-417A185B"],
  ["trn1.2xlarge", "L-2C3B7624"],
  ["dl1.24xlarge", "L-6E869C2A"],
  ["d3.xlarge", "L-1216C47A"],
  ["f2.6xlarge", "L-74FC7D96"],
  ["u-6tb1.56xlarge", "L-43DA4232"],
  ["x2gd.large", "L-7295265B"],
])("vCPUs of %s count against %s", (instanceType, code) => {
  expect(vcpuQuotaOf(instanceType).code).toBe(code);
});

test("an error of AWS about a limit names the quota and where to ask for more; others are none", () => {
  expect(quotaReached("AddressLimitExceeded")).toBe(
    'The quota "EC2-VPC Elastic IPs" (ec2 L-0263D0A3) is used up; ask for more: https://console.aws.amazon.com/servicequotas/home/services/ec2/quotas/L-0263D0A3',
  );
  expect(quotaReached("RequestLimitExceeded")).toBeUndefined();
});

test("a launch that failed for too few vCPUs names the quota of its type; one that failed otherwise does not", () => {
  const failure =
    "You have requested more vCPU capacity than your current vCPU limit of 8 allows for the instance bucket that the specified instance type belongs to. Launching EC2 instance failed.";

  expect(launchQuotaReached(failure, "x2gd.large")).toContain('"Running On-Demand X instances" (ec2 L-7295265B)');
  expect(launchQuotaReached("We currently do not have sufficient t3.medium capacity.", "t3.medium")).toBeUndefined();
});

test("1: a plan for a new account warns that it runs ten functions at once, and where to ask for more", () => {
  expect(fewFunctions(10, "us-west-2")).toBe(
    'the account runs 10 functions at once ("Concurrent executions", lambda L-B99A9384): operations take longer, and the API may be ' +
      "busy. Ask for 1,000, which costs nothing: " +
      "https://us-west-2.console.aws.amazon.com/servicequotas/home/services/lambda/quotas/L-B99A9384",
  );
  expect(fewFunctions(100, "us-west-2")).toBeUndefined();
});
