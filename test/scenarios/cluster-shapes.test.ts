import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { CreateVpcCommand, DescribeTagsCommand, DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { CreateHostedZoneCommand, ListResourceRecordSetsCommand, Route53Client } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { kubectlOf } from "../support/kubectl.ts";
import { type Scenario, startScenario } from "../support/scenario.ts";

/** The second example of kops's HA guide. */
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const IMAGE = "293135079892/k8s-1.4-debian-jessie-amd64-hvm-ebs-2016-11-16";
function advanced(masterGroups: string) {
  return [
    ...[
      "create",
      "cluster",
      "--node-count",
      "3",
      "--zones",
      ZONES,
      "--master-zones",
      ZONES,
      "--dns-zone",
      "example.com",
    ],
    ...["--node-size", "t2.medium", "--master-size", "t2.medium", "--node-security-groups", "sg-12345678"],
    ...["--master-security-groups", masterGroups, "--topology", "private", "--networking", "weave"],
    ...["--cloud-labels", "Team=Dev,Owner=John Doe", "--image", IMAGE, "ha.example.com", "--yes"],
  ];
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** VPCs that Holdfast made. */
async function ownVpcs() {
  const Filters = [{ Name: "tag-key", Values: ["holdfast:uid"] }];
  const { Vpcs = [] } = await scenario.ec2.send(new DescribeVpcsCommand({ Filters }));
  return Vpcs;
}

test("an instance's id among the security groups is refused, and in the same answer what the account lacks", async () => {
  const { code, stderr } = await scenario.holdfast(...advanced("sg-12345678,i-abcd1234"));

  expect(code).toBe(2);
  expect(stderr).toContain('--master-security-groups: "i-abcd1234" is not the id of a security group');
  expect(stderr.match(/"[^"]+" (is not the|does not exist|names no image)/g)).toEqual([
    '"i-abcd1234" is not the',
    '"sg-12345678" does not exist',
    '"sg-12345678" does not exist',
    `"${IMAGE}" names no image`,
    '"example.com" is not the',
  ]);
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

test("M8: kubectl reaches the API by the cluster's own name, which its certificate holds", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-kubectl-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const kubectl = await kubectlOf(scenario, "ha.example.com", directory);

  expect(await readFile(join(directory, "kubeconfig"), "utf8")).toContain('"server": "https://api.ha.example.com"');
  expect(await kubectl("get", "namespaces", "-o", "name")).toContain("namespace/kube-system");
});

test("M7: openssl's strict check takes each certificate of a master and of a node", async () => {
  const { members, nodes } = await scenario.cluster("ha.example.com");
  const [master = "", node = ""] = [members[0]?.instanceId, nodes[0]?.instanceId].map((id) => id ?? "");

  const checked = await scenario.cloud.hosts.run(master, CHECK_CERTIFICATES, { timeoutMs: 30_000 });
  const onNode = await scenario.cloud.hosts.run(node, CHECK_CERTIFICATES, { timeoutMs: 30_000 });

  expect(checked.stdout.trim().split("\n")).toEqual([
    "pki/apiserver-etcd-client.crt: OK",
    "pki/apiserver-kubelet-client.crt: OK",
    "pki/apiserver.crt: OK",
    "pki/etcd/server.crt: OK",
    "admin.conf: OK",
    "kubelet.conf: OK",
  ]);
  expect(onNode.stdout.trim()).toBe("kubelet.conf: OK");
});

/** Each certificate against the authority that signed it, as Python checks it since 3.13. */
const CHECK_CERTIFICATES = `cd /etc/kubernetes
strictly() { openssl verify -x509_strict -CAfile "pki/$1" /dev/stdin 2>&1 | sed "s|^/dev/stdin|$2|"; }
for file in $(find pki -name '*.crt' ! -name '*ca.crt' | sort); do
  case $file in
  *etcd*) strictly etcd/ca.crt "$file" <"$file" ;;
  *) strictly ca.crt "$file" <"$file" ;;
  esac
done
for file in *.conf; do
  sed -n 's/.*client-certificate-data: *//p' "$file" | tr -d '"' | base64 -d | strictly ca.crt "$file"
done`;

/** Resources of the cluster that lack the user's labels. */
async function unlabelled({ ec2 }: Scenario, client: ConstructorParameters<typeof AutoScalingClient>[0] & object) {
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
}

test("three masters in one of two zones work, and the plan says that the loss of that zone loses the API", async () => {
  const shape = ["--master-count=3", "--master-zones=us-west-2a", "--zones=us-west-2a,us-west-2b", "two.example.com"];
  const dryRun = await scenario.holdfast("create", "cluster", ...shape, "--dry-run", "-o", "json");

  const { code, stdout } = await scenario.holdfast("create", "cluster", ...shape, "--yes", "--wait", "-o", "json");

  expect(JSON.parse(dryRun.stdout)).toMatchObject({ plan: { survives: { masters: 1, zones: ["us-west-2b"] } } });
  expect(dryRun.stdout).toContain("losing us-west-2a loses the API");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
});
