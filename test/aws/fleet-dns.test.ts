import {
  CreateHostedZoneCommand,
  ListHealthChecksCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TrafficViewSchema } from "../../functions/domain/api/traffic-views.ts";
import { clientOf, createIngress } from "../../scripts/demo/ingress.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

/** Two clusters in two zones, and the fleet's name, which Route 53 of the local cloud answers. */
const HOST = "app.example.com";
const ZONES = { "east.example.com": "us-west-2a", "west.example.com": "us-west-2b" };
let scenario: Scenario;
let route53: Route53Client;
let hostedZoneId = "";
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", workflowSpeed: 20 });
  route53 = new Route53Client(clientOf(scenario.cloud.endpoints));
  const zone = await route53.send(new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "1" }));
  hostedZoneId = zone.HostedZone?.Id ?? "";
  await Promise.all(Object.entries(ZONES).map(([name, zone]) => createWithIngress(name, zone)));
});
afterAll(async () => {
  await scenario?.[Symbol.asyncDispose]();
});

/** A cluster, and the load balancer that its Kubernetes would make for a service. */
async function createWithIngress(name: string, zone: string): Promise<void> {
  const { code, stderr } = await scenario.holdfast("create", "cluster", "--zones", zone, name, "--yes", "--wait");
  if (code !== 0) throw new Error(stderr);
  await createIngress(scenario.cloud.endpoints, await scenario.cluster(name));
}

/** The load balancer that a resolver is led to now: `east` or `west`. */
function leadsTo(): string | undefined {
  return scenario.cloud.services.route53.resolve(HOST).target?.split("-")[0];
}

async function records(): Promise<string[]> {
  const answer = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: hostedZoneId }));
  return (answer.ResourceRecordSets ?? []).flatMap(({ Name, Failover }) =>
    Name === `${HOST}.` ? [Failover ?? ""] : [],
  );
}

/** Each cluster of the fleet, and whether its check is healthy. */
async function health(): Promise<string[]> {
  const { clusters } = await scenario.api.get("/fleets/pair/dns", TrafficViewSchema);
  return clusters.map(({ name, healthy }) => `${name} ${healthy}`);
}

async function checkCount(): Promise<number> {
  return (await route53.send(new ListHealthChecksCommand({}))).HealthChecks?.length ?? 0;
}

test("a fleet's name leads to its primary, to the other while that is away, and back", async () => {
  const clusters = Object.keys(ZONES).join(",");
  const created = await scenario.holdfast("fleet", "create", "pair", "--clusters", clusters, "--yes");
  const dns = ["fleet", "dns", "pair", "--host", HOST, "--check", "https:/healthz"];

  const plan = await scenario.holdfast(...dns);
  expect([created.code, plan.code, await records()]).toEqual([0, 0, []]);
  expect(plan.stderr).toContain("The data of your applications is your problem");
  expect(await scenario.holdfast(...dns, "--yes")).toMatchObject({ code: 0 });

  expect((await records()).toSorted()).toEqual(["PRIMARY", "SECONDARY"]);
  await eventually(
    async () => leadsTo(),
    (name) => name === "east",
    20_000,
  );
  await scenario.holdfast("local", "fault", "zone", "network", "us-west-2a");
  await eventually(
    async () => leadsTo(),
    (name) => name === "west",
    60_000,
  );
  // A check of Route 53 sees later than the load balancer's own that a target is away.
  const away = ["east.example.com false", "west.example.com true"];
  expect(await eventually(health, (seen) => seen.join() === away.join(), 60_000)).toEqual(away);
  await scenario.holdfast("local", "fault", "clear");
  await eventually(
    async () => leadsTo(),
    (name) => name === "east",
    120_000,
  );
});

test("a cluster that is deleted leaves the name with its check, and the fleet takes the rest with it", async () => {
  const deleted = await scenario.holdfast("delete", "cluster", "east.example.com", "--yes", "--wait");

  expect([deleted.code, await records(), await checkCount(), leadsTo()]).toEqual([0, ["PRIMARY"], 1, "west"]);
  expect((await scenario.holdfast("fleet", "delete", "pair", "--yes")).code).toBe(0);
  expect([await records(), await checkCount()]).toEqual([[], 0]);
});
