import { DescribeAddressesCommand, DescribeTagsCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as z from "zod";
import { OperationViewSchema } from "../../functions/domain/api/views.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const ADDRESSES = "L-0263D0A3";
const VCPUS = "L-1216C47A";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", workflowSpeed: 5 });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await setQuota(ADDRESSES, 100);
  await setQuota(VCPUS, 1000);
  await scenario.holdfast("local", "fault", "clear");
});

function setQuota(code: string, value: number) {
  return scenario.api.post("/_seed", { resources: [{ kind: "quota", code, value }] }, z.unknown());
}

function create(name: string) {
  return ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--topology", "private", name, "-o", "json"];
}

/** VPCs that are not the account's default one. */
async function ownVpcs(): Promise<number> {
  const { Vpcs = [] } = await scenario.ec2.send(new DescribeVpcsCommand());
  return Vpcs.filter(({ IsDefault }) => !IsDefault).length;
}

const Refusal = z.object({ problems: z.array(z.object({ flag: z.string(), message: z.string() })) });

test("a cluster that needs 3 Elastic IPs where 2 are left is refused with the numbers, and nothing is created", async () => {
  await setQuota(ADDRESSES, 2);
  await setQuota(VCPUS, 4);

  const { code, stdout } = await scenario.holdfast(...create("refused.example.com"), "--yes");

  expect(code).toBe(2);
  const messages = Refusal.parse(JSON.parse(stdout)).problems.map(({ message }) => message);
  expect(messages).toEqual([
    expect.stringContaining('"private" needs 3 Elastic IPs, 2 of 2 are free in us-west-2; ask for more'),
    expect.stringContaining("vCPUs, 4 of 4 are free in us-west-2"),
  ]);
  const wrong = await scenario.holdfast(...create("refused.example.com"), "--bastion", "--yes");
  const all = Refusal.parse(JSON.parse(wrong.stdout)).problems.map((problem) => problem.message);
  expect(all).toEqual([expect.stringMatching(/^--bastion: there are no bastions/), ...messages]);
  expect(messages[0]).toContain("/servicequotas/home/services/ec2/quotas/L-0263D0A3");
  expect(await ownVpcs()).toBe(0);
  expect(JSON.parse((await scenario.holdfast("get", "clusters", "-o", "json")).stdout).items).toEqual([]);
});

test("who may not read quotas gets a plan with a warning, and what it costs", async () => {
  await scenario.holdfast("local", "fault", "api", "access-denied", "servicequotas:GetServiceQuota");

  const { code, stdout } = await scenario.holdfast(...create("plan.example.com"));

  expect(code).toBe(0);
  const { plan, warnings } = JSON.parse(stdout);
  expect(warnings).toContainEqual(expect.stringContaining('the quota "EC2-VPC Elastic IPs" was not checked'));
  expect(plan.cost).toMatchObject({ currency: "USD", monthly: expect.any(Number) });
});

test("a quota that is reached in the middle ends the creation with its name, the link, and all that is there tagged", async () => {
  const name = "middle.example.com";
  const { stdout } = await scenario.holdfast(...create(name), "--yes");
  await setQuota(ADDRESSES, 1);
  const { id } = OperationViewSchema.parse(JSON.parse(stdout));

  const ended = await eventually(
    () => scenario.api.get(`/operations/${id}`, OperationViewSchema),
    ({ status }) => status !== "RUNNING",
    100_000,
  );

  expect(ended.error).toMatchObject({
    name: "QuotaReached",
    message: expect.stringContaining('"EC2-VPC Elastic IPs" (ec2 L-0263D0A3) is used up'),
    remedy: expect.stringContaining("Request an increase of the named quota"),
  });
  expect((await scenario.cluster(name)).reason).toContain("/servicequotas/home/services/ec2/quotas/L-0263D0A3");
  const { Addresses = [] } = await scenario.ec2.send(new DescribeAddressesCommand());
  const { Tags = [] } = await scenario.ec2.send(
    new DescribeTagsCommand({ Filters: [{ Name: "key", Values: ["holdfast:uid"] }] }),
  );
  const tagged = new Set(Tags.map(({ ResourceId }) => ResourceId));
  expect(Addresses.filter(({ AllocationId }) => !tagged.has(AllocationId))).toEqual([]);
  expect(Addresses.length).toBeLessThanOrEqual(1);
});
