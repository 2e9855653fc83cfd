import { CreateSubnetCommand, DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { ApiClient } from "../../client/api-client.ts";
import { apiTarget } from "../../client/api-target.ts";
import { OperationViewSchema } from "../../functions/domain/api/views.ts";
import { MigrationPlanSchema } from "../../functions/domain/migrate/planned-migration.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

const ONE = "one.example.com";
const FULL = "full.example.com";
const NARROW = "narrow.example.com";
const [A, B, C, D] = ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"] as const;
const ADDRESSES = "L-0263D0A3";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  const create = (name: string, zones: string, ...more: string[]) =>
    scenario.holdfast("create", "cluster", name, "--zones", zones, "--node-count", "0", ...more, "--yes", "--wait");
  const created = await Promise.all([
    create(ONE, `${A},${B},${C}`),
    create(FULL, A),
    create(NARROW, A, "--network-cidr", "192.168.0.0/16"),
  ]);
  for (const { code, stderr } of created) if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function migrate(name: string, zones: readonly string[], ...more: string[]) {
  return scenario.holdfast("migrate", "cluster", name, "--master-zones", zones.join(","), ...more);
}

const Refusal = z.object({ problems: z.array(z.object({ message: z.string() })) });

async function refusalOf(...asked: Parameters<typeof migrate>): Promise<string[]> {
  const { code, stdout } = await migrate(...asked, "-o", "json");
  expect(code).toBe(2);
  return Refusal.parse(JSON.parse(stdout)).problems.map(({ message }) => message);
}

describe("the plan of a migration", () => {
  test("says what changes, what is survived meanwhile, cost and time, and changes nothing", async () => {
    const { code, stdout, stderr } = await migrate(ONE, [A, B, C]);

    expect(code, stderr).toBe(0);
    expect(stdout).toContain(
      "1. + b in us-west-2b, + c in us-west-2c: voters 1 → 2 → 3, survives the loss of 0 → 0 → 1",
    );
    expect(stdout).toContain(
      "After      survives the loss of any 1 master; of a zone: us-west-2a, us-west-2b, us-west-2c",
    );
    expect(stdout).toMatch(/^USD\/month {2}[\d.]+ → [\d.]+ \(\+[\d.]+\)/m);
    expect(stdout).toContain("Time       about 12 minutes");
    expect(await scenario.cluster(ONE)).toMatchObject({ status: "ACTIVE", operation: null, migration: null });
  });

  test("cuts a new zone's subnet around what somebody else made in the network", async () => {
    const Filters = [{ Name: "tag:holdfast:cluster", Values: [ONE] }];
    const { Subnets: [own] = [] } = await scenario.ec2.send(new DescribeSubnetsCommand({ Filters }));
    const foreign = { VpcId: own?.VpcId, CidrBlock: "172.20.192.0/24", AvailabilityZone: A };
    await scenario.ec2.send(new CreateSubnetCommand(foreign));

    const { stdout } = await migrate(ONE, [A, B, D], "-o", "json");

    expect(MigrationPlanSchema.parse(JSON.parse(stdout)).subnets).toEqual([
      { zone: D, type: "public", cidr: "172.20.224.0/19", name: D },
    ]);
  });

  test("of a cluster in one zone, which fills its VPC, adds a block to it", async () => {
    const { code, stdout, stderr } = await migrate(FULL, [A, B, C]);

    expect(code, stderr).toBe(0);
    expect(stdout).toContain(
      [
        "Network    172.21.0.0/16 is added to the VPC, which is full",
        `Subnets    172.21.0.0/19  public  ${B}`,
        `           172.21.32.0/19  public  ${C}`,
      ].join("\n"),
    );
  });

  test("4.5.10: of five masters in two zones warns which zone's loss stops the API", async () => {
    const { stdout } = await migrate(ONE, [A, B], "--master-count", "5");

    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "losing us-west-2a loses the API: it holds 3 of 5 masters, and the other 2 are no majority (3 needed)",
    );
  });
});

describe("a migration is refused, with all that is in the way", () => {
  test("4.5.7: for a network without room in a range that is full, with the numbers, and a zone that is none", async () => {
    expect(await refusalOf(NARROW, [A, B, "us-west-2z"])).toEqual([
      expect.stringContaining(
        "the network 192.168.0.0/16 has no room for a public subnet in us-west-2b: a block of 256 addresses is needed, 0 are free",
      ),
      expect.stringContaining('"us-west-2z" is not a zone of this account'),
    ]);
  });

  test("for an even number", async () => {
    expect(await refusalOf(ONE, [A, B])).toEqual([
      expect.stringContaining("an even number of masters (2) is refused: etcd needs 2 of 2"),
    ]);
  });

  test("for addresses that the account does not have, the cluster's own among those it has", async () => {
    const setQuota = (value: number) =>
      scenario.api.post("/_seed", { resources: [{ kind: "quota", code: ADDRESSES, value }] }, z.unknown());
    await setQuota(3);

    const problems = await refusalOf(ONE, [A, B, C]);

    // Two of the three are the other clusters'.
    expect(problems).toEqual([expect.stringContaining("needs 3 Elastic IPs, 1 of 3 are free in us-west-2")]);
    await setQuota(100);
  });

  test("by an update, which names the command with the zones filled in", async () => {
    const { code, stderr } = await scenario.holdfast("update", "cluster", ONE, "--master-count", "3");

    expect(code).toBe(2);
    expect(stderr).toContain(`holdfast migrate cluster ${ONE} --master-zones ${A},${B},${C}`);
  });
});

test("with --yes it begins once, shows in the cluster, and holds it", async () => {
  const asked = { masterZones: [A, B, C], noRoll: true };
  const target = apiTarget({ ...process.env, HOLDFAST_API: scenario.cloud.endpoints.api });
  const api = new ApiClient(target, { admit: () => {}, shows: () => true, idempotencyKey: () => "1" });
  const send = () => api.post(`/clusters/${ONE}/migrate`, asked, OperationViewSchema);

  const [first, second] = await Promise.all([send(), send()]);
  const busy = await migrate(ONE, [A, B, C], "--yes");
  const { stdout } = await scenario.holdfast("get", "clusters", ONE);

  expect(first).toMatchObject({ kind: "migrate", cluster: ONE });
  expect(second.id).toBe(first.id);
  expect(busy.stderr).toContain(`is held by operation ${first.id}`);
  expect(stdout).toContain(`Migration   ${A} → ${A},${B},${C}: `);
  expect(stdout).toContain("UPDATING");
});
