import { expect, test } from "vitest";
import { specFromDocument, specFromFlags } from "../../functions/domain/parse-spec.ts";
import type { ClusterSpec, Problem } from "../../functions/domain/spec.ts";
import { flags, THREE_ZONES } from "./flags.ts";

function specOf(given: Readonly<Record<string, string>>): ClusterSpec {
  const parsed = specFromFlags(flags(given));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return parsed.spec;
}

function zoneList(letters: string): string {
  return [...letters].map((letter) => `us-west-2${letter}`).join();
}

function problemsOf(given: Readonly<Record<string, string>>): readonly Problem[] {
  const parsed = specFromFlags(flags(given));
  return parsed.ok ? [] : parsed.problems;
}

test("a bare request gets the defaults of kops", () => {
  expect(specOf({ zones: "us-west-2a,us-west-2b" })).toEqual({
    version: 1,
    name: "ha.example.com",
    region: "us-west-2",
    zones: ["us-west-2a", "us-west-2b"],
    masterZones: ["us-west-2a"],
    nodeCount: 2,
    nodeSize: "t3.medium",
    masterSize: "t3.medium",
    topology: "public",
    networking: { requested: "cilium", used: "cilium" },
    networkCidr: "172.20.0.0/16",
    nodeSecurityGroups: [],
    masterSecurityGroups: [],
    cloudLabels: {},
    kubernetesVersion: "1.36",
    etcdVolumeGiB: 20,
  });
});

test("the advanced command of kops' HA guide is understood but for the instance id among its security groups", () => {
  const guide = {
    "node-count": "3",
    zones: THREE_ZONES,
    "master-zones": THREE_ZONES,
    "dns-zone": "example.com",
    "node-size": "t2.medium",
    "master-size": "t2.medium",
    "node-security-groups": "sg-12345678",
    "master-security-groups": "sg-12345678,i-abcd1234",
    topology: "private",
    networking: "weave",
    "cloud-labels": "Team=Dev,Owner=John Doe",
    image: "293135079892/k8s-1.4-debian-jessie-amd64-hvm-ebs-2016-11-16",
  };

  expect(problemsOf(guide)).toEqual([
    {
      flag: "--master-security-groups",
      value: "i-abcd1234",
      message:
        '--master-security-groups: "i-abcd1234" is not the id of a security group (i- begins the id of an instance); ' +
        "expected sg- and 8 or 17 hexadecimal digits, such as sg-12345678 or sg-0123456789abcdef0",
    },
  ]);
  expect(specOf({ ...guide, "master-security-groups": "sg-12345678" })).toMatchObject({
    networking: { requested: "weave", used: "cilium" },
    cloudLabels: { Team: "Dev", Owner: "John Doe" },
    image: "293135079892/k8s-1.4-debian-jessie-amd64-hvm-ebs-2016-11-16",
    dnsZone: "example.com",
  });
});

test.each([
  ["no list, no count", {}, ["us-west-2a"]],
  ["a list", { "master-zones": THREE_ZONES }, ["us-west-2a", "us-west-2b", "us-west-2c"]],
  ["a count", { "master-count": "3" }, ["us-west-2a", "us-west-2b", "us-west-2c"]],
  ["a count for one zone", { "master-count": "3", "master-zones": "us-west-2a" }, Array(3).fill("us-west-2a")],
  [
    "a count above the number of zones",
    { "control-plane-count": "5", "control-plane-zones": "us-west-2b,us-west-2a,us-west-2c" },
    ["us-west-2b", "us-west-2a", "us-west-2c", "us-west-2b", "us-west-2a"],
  ],
  ["a zone without nodes", { "master-zones": "us-west-2d" }, ["us-west-2d"]],
])("masters follow from %s", (_, given, expected) => {
  expect(specOf({ zones: THREE_ZONES, ...given }).masterZones).toEqual(expected);
});

test.each<[string, Record<string, string>, string, string, RegExp]>([
  ["no zones", {}, "--zones", "", /at least one zone is required/],
  ["two masters", { zones: THREE_ZONES, "master-count": "2" }, "--master-count", "2", /even number of masters \(2\)/],
  ["four masters", { zones: THREE_ZONES, "control-plane-count": "4" }, "--control-plane-count", "4", /3 of 4/],
  [
    "two master zones",
    { zones: "us-west-2a", "master-zones": "us-west-2a,us-west-2b" },
    "--master-zones",
    "us-west-2a,us-west-2b",
    /count of 3/,
  ],
  [
    "fewer masters than zones",
    { zones: "us-west-2a", "master-zones": THREE_ZONES, "master-count": "1" },
    "--master-count",
    "1",
    /raise the count or name fewer zones/,
  ],
  ["nine masters", { zones: THREE_ZONES, "master-count": "9" }, "--master-count", "9", /expected 1 to 7/],
  ["zero masters", { zones: THREE_ZONES, "master-count": "0" }, "--master-count", "0", /expected 1 to 7/],
  ["a duplicate zone", { zones: "us-west-2a,us-west-2a" }, "--zones", "us-west-2a", /given twice/],
  [
    "a duplicate master zone",
    { zones: "us-west-2a", "master-zones": "us-west-2a,us-west-2b,us-west-2a" },
    "--master-zones",
    "us-west-2a",
    /given twice/,
  ],
  ["a region as a zone", { zones: "us-west-2" }, "--zones", "us-west-2", /is a region/],
  ["a local zone", { zones: "us-west-2-lax-1a" }, "--zones", "us-west-2-lax-1a", /not an availability zone/],
  ["an empty zone", { zones: "us-west-2a,,us-west-2b" }, "--zones", "us-west-2a,,us-west-2b", /empty item/],
  ["two regions", { zones: "us-west-2a,eu-west-1a" }, "--zones", "eu-west-1a", /in one region/],
  [
    "masters in another region",
    { zones: "us-west-2a", "master-zones": "eu-west-1a" },
    "--master-zones",
    "eu-west-1a",
    /in one region/,
  ],
  [
    "nine zones",
    { zones: zoneList("abcdefghi") },
    "--zones",
    `${zoneList("abcdefghi").slice(0, 80)}… (98 characters)`,
    /more than the 8/,
  ],
  ["a negative node count", { zones: "us-west-2a", "node-count": "-1" }, "--node-count", "-1", /expected 0 to 1000/],
  [
    "a node count in words",
    { zones: "us-west-2a", "node-count": "three" },
    "--node-count",
    "three",
    /not a whole number/,
  ],
  ["half a node", { zones: "us-west-2a", "node-count": "1.5" }, "--node-count", "1.5", /not a whole number/],
  ["an unknown topology", { zones: "us-west-2a", topology: "hybrid" }, "--topology", "hybrid", /public or private/],
  [
    "an unknown network",
    { zones: "us-west-2a", networking: "Cilium" },
    "--networking",
    "Cilium",
    /cilium, calico, flannel/,
  ],
  [
    "kubenet in private subnets",
    { zones: "us-west-2a", networking: "kubenet", topology: "private" },
    "--networking",
    "kubenet",
    /a route for each node/,
  ],
  ["a size of no form", { zones: "us-west-2a", "node-size": "huge" }, "--node-size", "huge", /instance type/],
  [
    "a repeated security group",
    { zones: "us-west-2a", "node-security-groups": "sg-12345678,sg-12345678" },
    "--node-security-groups",
    "sg-12345678",
    /given twice/,
  ],
  [
    "a security group in capitals",
    { zones: "us-west-2a", "node-security-groups": "sg-ABCDEF01" },
    "--node-security-groups",
    "sg-ABCDEF01",
    /8 or 17/,
  ],
  [
    "a dead Kubernetes",
    { zones: "us-west-2a", "kubernetes-version": "1.30.2" },
    "--kubernetes-version",
    "1.30.2",
    /1\.35, 1\.36, 1\.37/,
  ],
  [
    "a public network",
    { zones: "us-west-2a", "network-cidr": "8.8.0.0/16" },
    "--network-cidr",
    "8.8.0.0/16",
    /private range/,
  ],
  [
    "the range of pods",
    { zones: "us-west-2a", "network-cidr": "100.64.0.0/16" },
    "--network-cidr",
    "100.64.0.0/16",
    /pods and services/,
  ],
  [
    "a network with host bits",
    { zones: "us-west-2a", "network-cidr": "172.20.1.0/16" },
    "--network-cidr",
    "172.20.1.0/16",
    /expected 172\.20\.0\.0\/16/,
  ],
  [
    "too small a network",
    { zones: "us-west-2a", "network-cidr": "10.0.0.0/24" },
    "--network-cidr",
    "10.0.0.0/24",
    /\/16 to \/20/,
  ],
  [
    "too many nodes for the network",
    {
      zones: "us-west-2a",
      "master-zones": zoneList("abcdefg"),
      topology: "private",
      "node-count": "1000",
      "network-cidr": "10.0.0.0/20",
    },
    "--network-cidr",
    "10.0.0.0/20",
    /each zone gets 512 addresses/,
  ],
  [
    "a DNS zone elsewhere",
    { zones: "us-west-2a", "dns-zone": "example.org" },
    "--dns-zone",
    "example.org",
    /api\.ha\.example\.com/,
  ],
  ["another cloud", { zones: "us-west-2a", cloud: "gce" }, "--cloud", "gce", /expected aws/],
  ["an image without form", { zones: "us-west-2a", image: "ami-xyz" }, "--image", "ami-xyz", /OWNER\/NAME/],
  [
    "an image of nobody",
    { zones: "us-west-2a", image: "someone/image" },
    "--image",
    "someone/image",
    /12-digit account/,
  ],
  [
    "a name in capitals",
    { NAME: "Prod.example.com", zones: "us-west-2a" },
    "NAME",
    "Prod.example.com",
    /lower-case DNS name/,
  ],
  ["a name of 64 characters", { NAME: "a".repeat(64), zones: "us-west-2a" }, "NAME", "a".repeat(64), /at most 63/],
])("%s is refused", (_, given, flag, value, message) => {
  expect(problemsOf(given)).toEqual([{ flag, value, message: expect.stringMatching(message) }]);
});

test("all problems are reported at once", () => {
  const problems = problemsOf({ NAME: "UP", zones: "us-west-2", "master-count": "2", "node-count": "x", image: "?" });

  expect(problems.map(({ flag }) => flag)).toEqual(["NAME", "--zones", "--master-count", "--node-count", "--image"]);
});

test("the two spellings of a flag exclude each other, and so do the two places of the name", () => {
  const given = { zones: "us-west-2a", name: "x", "master-count": "1", "control-plane-count": "1" };

  expect(problemsOf(given).map(({ flag }) => flag)).toEqual(["--name", "--control-plane-count"]);
});

test.each([
  "$(reboot)",
  "`id`",
  'a"b',
  "a\nb",
  "../../etc",
  "{% $x %}",
  "<!channel>",
  "\u001b[31mred",
  "x".repeat(100_000),
])("hostile text is refused everywhere and never echoed raw (%#)", (hostile) => {
  const problems = problemsOf({
    NAME: hostile,
    zones: hostile,
    "node-size": hostile,
    networking: hostile,
    "dns-zone": hostile,
    "cloud-labels": `Team=${hostile}`,
    image: hostile,
    "node-security-groups": hostile,
    "kubernetes-version": hostile,
  });

  expect(new Set(problems.map(({ flag }) => flag))).toEqual(
    new Set([
      "NAME",
      "--zones",
      "--node-size",
      "--networking",
      "--dns-zone",
      "--cloud-labels",
      "--image",
      "--node-security-groups",
      "--kubernetes-version",
    ]),
  );
  expect(JSON.stringify(problems).length).toBeLessThan(10_000);
  expect(problems.map(({ message, value }) => message + value).join("")).not.toMatch(/[\u0000-\u001f]/);
});

test("a list of sizes stands for its first, and the flags of kops that mean nothing here are named", () => {
  const parsed = specFromFlags(flags({ zones: "us-west-2a", "node-size": "m7i.large,m6i.large", state: "s3://x" }));

  expect(parsed).toMatchObject({
    ok: true,
    spec: { nodeSize: "m7i.large" },
    warnings: ["--node-size: m7i.large is used, m6i.large not", "--state is ignored: Holdfast keeps its own state"],
  });
});

test("a stored spec is read back as itself", () => {
  const spec = specOf({
    zones: THREE_ZONES,
    "master-count": "5",
    networking: "weave",
    "cloud-labels": "A=1",
    image: "ubuntu/x/y-1",
  });

  expect(specFromDocument(JSON.parse(JSON.stringify(spec)))).toEqual({ ok: true, spec, warnings: [] });
});

test("a document is refused by paths", () => {
  const parsed = specFromDocument({
    name: "x",
    zones: ["us-west-2a", 5],
    masterCount: 2,
    colour: "red",
    region: "eu-west-1",
  });

  expect(parsed.ok ? [] : parsed.problems.map(({ flag, value }) => [flag, value])).toEqual([
    ["colour", "red"],
    ["zones", "5"],
    ["masterCount", "2"],
  ]);
  expect(specFromDocument("hello")).toMatchObject({ ok: false });
});
