import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  CreateHostedZoneCommand,
  ListHealthChecksCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TrafficViewSchema } from "../../functions/domain/api/traffic-views.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

/** Two clusters in two zones, and the fleet's name, which Route 53 of the local cloud answers. */
const HOST = "app.example.com";
const ZONES = { "east.example.com": "us-west-2a", "west.example.com": "us-west-2b" };
let scenario: Scenario;
let route53: Route53Client;
let hostedZoneId = "";
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", workflowSpeed: 20 });
  const { endpoints } = scenario.cloud;
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const client = { endpoint: endpoints.aws, region: endpoints.region, credentials };
  route53 = new Route53Client(client);
  const zone = await route53.send(new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "1" }));
  hostedZoneId = zone.HostedZone?.Id ?? "";
  const elb = new ElasticLoadBalancingV2Client(client);
  await Promise.all(Object.entries(ZONES).map(([name, zone]) => createWithIngress(elb, name, zone)));
});
afterAll(async () => {
  await scenario?.[Symbol.asyncDispose]();
});

/** A cluster, and the load balancer that its Kubernetes would make for a service; the API servers stand for the service. */
async function createWithIngress(elb: ElasticLoadBalancingV2Client, name: string, zone: string): Promise<void> {
  const { code, stderr } = await scenario.holdfast("create", "cluster", "--zones", zone, name, "--yes", "--wait");
  if (code !== 0) throw new Error(stderr);
  const Filters = [{ Name: "tag:holdfast:cluster", Values: [name] }];
  const { Subnets = [] } = await scenario.ec2.send(new DescribeSubnetsCommand({ Filters }));
  const [subnet] = Subnets;
  const [label = ""] = name.split(".");
  const Tags = [
    { Key: "kubernetes.io/service-name", Value: "ingress/nginx" },
    { Key: `kubernetes.io/cluster/${name}`, Value: "owned" },
  ];
  const { LoadBalancers = [] } = await elb.send(
    new CreateLoadBalancerCommand({ Name: label, Type: "network", Subnets: [subnet?.SubnetId ?? ""], Tags }),
  );
  const { TargetGroups = [] } = await elb.send(
    new CreateTargetGroupCommand({
      ...{ Name: label, Protocol: "TCP", Port: 6443, VpcId: subnet?.VpcId, TargetType: "ip" },
    }),
  );
  const TargetGroupArn = TargetGroups[0]?.TargetGroupArn;
  const members = (await scenario.cluster(name)).members.map(({ address }) => ({ Id: address }));
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: members }));
  await elb.send(
    new CreateListenerCommand({
      ...{ LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn, Protocol: "TCP", Port: 443 },
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
    }),
  );
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
