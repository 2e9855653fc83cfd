import { expect, test } from "vitest";
import { flags, THREE_ZONES } from "../../../test/support/flags.ts";
import { specFromDocument, specFromFlags } from "./parse-spec.ts";
import type { ClusterSpec, Problem } from "./spec.ts";

function specOf(given: Readonly<Record<string, string>>): ClusterSpec {
  const parsed = specFromFlags(flags(given));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return parsed.spec;
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

test("types to fall back on are kept in order, and a spec without them has none", () => {
  const given = { zones: "us-west-2a", "master-size": "t3.medium" };

  expect(specOf({ ...given, "master-size-fallbacks": "t3.large,m6i.large" }).masterSizeFallbacks).toEqual([
    "t3.large",
    "m6i.large",
  ]);
  expect(specOf(given)).not.toHaveProperty("masterSizeFallbacks");
});

test.each([
  ["t3", '"t3" is not an instance type; expected a name such as t3.medium'],
  ["t3.large,t3.large", '"t3.large" is given twice'],
  ["t3.medium", '"t3.medium" is what the masters have anyway; name other types'],
])("as a type to fall back on, %s is refused", (value, message) => {
  const problems = problemsOf({ zones: "us-west-2a", "master-size": "t3.medium", "master-size-fallbacks": value });

  expect(problems.map((each) => each.message)).toEqual([`--master-size-fallbacks: ${message}`]);
});

test("who may reach the API is said by networks and by the kind of load balancer; all from everywhere is the default", () => {
  const given = { zones: "us-west-2a,us-west-2b" };

  expect(
    specOf({ ...given, topology: "private", "admin-access": "203.0.113.0/24,198.51.100.7/32" }).adminAccess,
  ).toEqual(["203.0.113.0/24", "198.51.100.7/32"]);
  expect(specOf({ ...given, "api-loadbalancer-type": "internal", "admin-access": "10.0.0.0/8" })).toMatchObject({
    apiLoadBalancerType: "internal",
    adminAccess: ["10.0.0.0/8"],
  });
  expect(specOf({ ...given, "api-loadbalancer-type": "public", "admin-access": "0.0.0.0/0" })).toEqual(specOf(given));
});

test.each([
  ["203.0.113.7", '"203.0.113.7" is not an IPv4 network; expected e.g. 203.0.113.0/24'],
  ["203.0.113.7/24", '"203.0.113.7/24" is not a network\'s first address; expected 203.0.113.0/24'],
  ["10.0.0.0/8,10.0.0.0/8", '"10.0.0.0/8" is given more than once'],
  [
    "10.0.0.0/8",
    "the machines of a public topology reach a public load balancer from addresses that change; " +
      "expected --topology private or --api-loadbalancer-type internal with it",
  ],
])("as networks that may reach the API, %s is refused", (value, message) => {
  const problems = problemsOf({ zones: "us-west-2a", "admin-access": value });

  expect(problems.map((each) => each.message)).toEqual([`--admin-access: ${message}`]);
});

test("kindnet is refused in a private topology, where there is no one table for its routes", () => {
  const problems = problemsOf({ zones: "us-west-2a", topology: "private", networking: "kindnet" });

  expect(problems[0]?.message).toMatch(/^--networking: kindnet needs a route for each node in one table, .*flannel/);
});

test("a master may move from a zone that is out; to wait is the default, and a spec does not say it", () => {
  const given = { zones: "us-west-2a,us-west-2b" };

  expect(specOf({ ...given, "master-zone-fallback": "move", "master-zone-fallback-minutes": "5" })).toMatchObject({
    masterZoneFallback: "move",
    masterZoneFallbackMinutes: 5,
  });
  expect(specOf({ ...given, "master-zone-fallback": "wait" })).toEqual(specOf(given));
  expect(problemsOf({ ...given, "master-zone-fallback": "run", "master-zone-fallback-minutes": "0" })).toEqual([
    {
      flag: "--master-zone-fallback",
      value: "run",
      message: '--master-zone-fallback: "run" is not known; expected wait or move',
    },
    {
      flag: "--master-zone-fallback-minutes",
      value: "0",
      message: '--master-zone-fallback-minutes: "0" is out of range; expected 1 to 1440',
    },
  ]);
});
