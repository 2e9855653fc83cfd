import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { CreateVpcCommand, DescribeTagsCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { CreateHostedZoneCommand, ListResourceRecordSetsCommand, Route53Client } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { type Scenario, startScenario } from "../support/scenario.ts";

/** The second example of kops's HA guide. */
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const IMAGE = "293135079892/k8s-1.4-debian-jessie-amd64-hvm-ebs-2016-11-16";
const advanced = (masterGroups: string) => [
  ...["create", "cluster", "--node-count", "3", "--zones", ZONES, "--master-zones", ZONES, "--dns-zone", "example.com"],
  ...["--node-size", "t2.medium", "--master-size", "t2.medium", "--node-security-groups", "sg-12345678"],
  ...["--master-security-groups", masterGroups, "--topology", "private", "--networking", "weave"],
  ...["--cloud-labels", "Team=Dev,Owner=John Doe", "--image", IMAGE, "ha.example.com", "--yes"],
];

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** VPCs beside the account's default one. */
const ownVpcs = async () => {
  const { Vpcs = [] } = await scenario.ec2.send(new DescribeVpcsCommand({}));
  return Vpcs.filter(({ IsDefault }) => !IsDefault);
};

test("an instance's id among the security groups is refused by name, flag and what was expected", async () => {
  const { code, stderr } = await scenario.holdfast(...advanced("sg-12345678,i-abcd1234"));

  expect(code).toBe(2);
  expect(stderr).toContain('--master-security-groups: "i-abcd1234" is not the id of a security group');
  expect(stderr).toContain("sg-12345678");
});

test("what the account lacks is named, all of it, before anything is created", async () => {
  const { code, stderr } = await scenario.holdfast(...advanced("sg-12345678"));

  expect(code).toBe(2);
  expect(stderr.match(/"[^"]+" (does not exist|names no image|is not the name)/g)).toEqual([
    '"sg-12345678" does not exist',
    '"sg-12345678" does not exist',
    `"${IMAGE}" names no image`,
    '"example.com" is not the name',
  ]);
  expect(await ownVpcs()).toEqual([]);
});

test("with all of it there, the cluster is active, named in DNS, and carries the labels everywhere", async () => {
  const { endpoints } = scenario.cloud;
  const client = {
    endpoint: endpoints.aws,
    region: endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  };
  const route53 = new Route53Client(client);
  const { HostedZone } = await route53.send(new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "1" }));
  const { Vpc } = await scenario.ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }));
  const [ownerId, name] = IMAGE.split("/");
  const resources = [
    { kind: "security-group", groupId: "sg-12345678", vpcId: Vpc?.VpcId },
    { kind: "image", name, ownerId, architecture: "x86_64" },
  ];
  await scenario.api.post("/_seed", { resources }, z.unknown());

  const { code, stdout } = await scenario.holdfast(...advanced("sg-12345678"), "--wait", "-o", "json");

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    status: "ACTIVE",
    quorum: { healthy: 3 },
    plan: { network: { used: "cilium" } },
  });
  const { ResourceRecordSets = [] } = await route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: HostedZone?.Id }),
  );
  expect(ResourceRecordSets.find((record) => record.Name === "api.ha.example.com.")?.AliasTarget?.DNSName).toMatch(
    /elb/,
  );
  expect(await unlabelled(scenario, client)).toEqual([]);
});

/** Resources of the cluster that lack the user's labels. */
const unlabelled = async ({ ec2 }: Scenario, client: ConstructorParameters<typeof AutoScalingClient>[0] & object) => {
  const { Tags = [] } = await ec2.send(new DescribeTagsCommand({}));
  const { AutoScalingGroups = [] } = await new AutoScalingClient(client).send(new DescribeAutoScalingGroupsCommand({}));
  const tagged = [
    ...Map.groupBy(Tags, ({ ResourceId }) => ResourceId),
    ...AutoScalingGroups.map((group) => [group.AutoScalingGroupName, group.Tags ?? []] as const),
  ];
  expect(tagged.length).toBeGreaterThan(40);
  return tagged
    .filter(([, tags]) => !tags.some((tag) => tag.Key === "Owner" && tag.Value === "John Doe"))
    .map(([id]) => id);
};

test("three masters in one of two zones work, and the plan says that the loss of that zone loses the API", async () => {
  const shape = ["--master-count=3", "--master-zones=us-west-2a", "--zones=us-west-2a,us-west-2b", "two.example.com"];
  const dryRun = await scenario.holdfast("create", "cluster", ...shape, "--dry-run", "-o", "json");

  const { code, stdout } = await scenario.holdfast("create", "cluster", ...shape, "--yes", "--wait", "-o", "json");

  expect(JSON.parse(dryRun.stdout)).toMatchObject({ plan: { survives: { masters: 1, zones: ["us-west-2b"] } } });
  expect(dryRun.stdout).toContain("losing us-west-2a loses the API");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
});
