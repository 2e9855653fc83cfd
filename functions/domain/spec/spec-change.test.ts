import { expect, test } from "vitest";
import { flags, THREE_ZONES } from "../../../test/support/flags.ts";
import { type SpecPatch, specFromFlags, specFromPatch } from "./parse-spec.ts";
import type { ClusterSpec } from "./spec.ts";
import { evaluateChange } from "./spec-change.ts";

const parsed = specFromFlags(flags({ zones: THREE_ZONES, "master-zones": THREE_ZONES, "node-count": "4" }));
if (!parsed.ok) throw new Error("the spec of the tests is not valid");
const stored = parsed.spec;

function changed(patch: SpecPatch, from: ClusterSpec = stored): ClusterSpec {
  const result = specFromPatch(from, patch);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  return result.spec;
}

function flag(name: string, value: string): SpecPatch {
  return { flags: [{ flag: name, value }] };
}

test.each<[string, SpecPatch, Partial<ClusterSpec>]>([
  ["a flag", flag("--node-size", "t3.large"), { nodeSize: "t3.large" }],
  ["the count of scale nodes", flag("--count", "7"), { nodeCount: 7 }],
  ["a field", { document: { nodeCount: 0 } }, { nodeCount: 0 }],
  ["null, which is the default", { document: { nodeCount: null, masterSecurityGroups: null } }, { nodeCount: 3 }],
  ["a count of masters, over the zones that have some", flag("--master-count", "3"), {}],
  ["nothing", { document: {} }, {}],
])("%s changes that field alone", (_, patch, difference) => {
  expect(changed(patch)).toEqual({ ...stored, ...difference });
});

test("what is given is evaluated as in a new spec, and named as it was given", () => {
  expect(specFromPatch(stored, { flags: [{ flag: "--count", value: "many" }] })).toMatchObject({
    ok: false,
    problems: [{ flag: "--count", value: "many" }],
  });
  expect(specFromPatch(stored, { document: { colour: "red" } })).toMatchObject({
    ok: false,
    problems: [{ flag: "colour" }],
  });
});

test("a cluster of an older schema, with a version that is no longer installed, can still be scaled", () => {
  const shape = { ...stored, kubernetesVersion: "1.20", retired: true, etcdVolumeGiB: undefined };
  const before: ClusterSpec = JSON.parse(JSON.stringify(shape));

  const after = changed(flag("--count", "5"), before);

  expect(after).toEqual({ ...stored, kubernetesVersion: "1.20", retired: true, nodeCount: 5 });
});

test.each<[string, Partial<ClusterSpec>, string]>([
  ["nodeCount", { nodeCount: 6 }, "us-west-2b 1 → 2, us-west-2c 1 → 2"],
  ["nodeCount", { nodeCount: 3 }, "us-west-2a 2 → 1; those that go are ended without being drained"],
  [
    "nodeSize",
    { nodeSize: "m5.large" },
    "on nodes launched from now on; those that run stay t3.medium until they are replaced",
  ],
  ["masterSize", { masterSize: "m5.large" }, "at each master's next replacement; until then it stays t3.medium"],
  [
    "nodeRootVolumeGiB",
    { nodeRootVolumeGiB: 200 },
    "on nodes launched from now on; those that run keep 128 GiB until they are replaced",
  ],
  ["masterRootVolumeGiB", { masterRootVolumeGiB: 30 }, "at each master's next replacement; until then it keeps 64 GiB"],
  [
    "masterZoneFallback",
    { masterZoneFallback: "move" },
    "from now on a master whose zone launches nothing for long moves to another zone",
  ],
  [
    "masterZoneFallbackMinutes",
    { masterZoneFallbackMinutes: 5 },
    "from now on, counted from the first launch that failed",
  ],
  ["masterSecurityGroups", { masterSecurityGroups: ["sg-12345678"] }, "at once on the masters' network interfaces"],
  [
    "nodeSecurityGroups",
    { nodeSecurityGroups: ["sg-12345678"] },
    "at once on the nodes that run, and on those to come",
  ],
])("%s can change, and it says to what effect", (field, difference, effect) => {
  const to = { ...stored, ...difference };

  expect(evaluateChange(stored, to)).toMatchObject({ ok: true, changes: [{ field, effect }] });
});

test.each<[string, Partial<ClusterSpec>]>([
  ["NAME", { name: "other" }],
  ["region", { region: "eu-west-1" }],
  ["--zones", { zones: ["us-west-2a"] }],
  ["--master-zones", { masterZones: ["us-west-2a"] }],
  ["--topology", { topology: "private" }],
  ["--networking", { networking: { requested: "calico", used: "calico" } }],
  ["--network-cidr", { networkCidr: "10.0.0.0/16" }],
  ["--api-loadbalancer-type", { apiLoadBalancerType: "internal" }],
  ["--admin-access", { adminAccess: ["10.0.0.0/8"] }],
  ["--dns-zone", { dnsZone: "example.com" }],
  ["--cloud-labels", { cloudLabels: { Team: "Dev" } }],
  ["--image", { image: "ami-12345678" }],
  ["--kubernetes-version", { kubernetesVersion: "1.37" }],
  ["--etcd-volume-size", { etcdVolumeGiB: 40 }],
])("a change of %s is refused, with the reason", (name, difference) => {
  const evaluated = evaluateChange(stored, { ...stored, ...difference });

  expect(evaluated).toMatchObject({ ok: false, problems: [{ flag: name }] });
  expect(!evaluated.ok && evaluated.problems[0]?.message).toMatch(/^\S+: ".+" cannot (?:be set|become ".+"): \w.{15}/);
});

test("all that is refused is said at once, and in such company nothing is changed", () => {
  const evaluated = evaluateChange(stored, { ...stored, nodeCount: 9, topology: "private", etcdVolumeGiB: 40 });

  expect(evaluated).toMatchObject({ ok: false, problems: [{ flag: "--topology" }, { flag: "--etcd-volume-size" }] });
});

test("18: a larger number of masters is refused by the flag that was given", () => {
  const single = { ...stored, masterZones: [A] };

  expect(evaluateChange(single, changed(flag("--master-count", "3"), single))).toMatchObject({
    ok: false,
    problems: [{ flag: "--master-count", message: expect.stringMatching(/^--master-count: "1" cannot become "3": /) }],
  });
});

test("another word for the network that is used, and labels in another order, change nothing", () => {
  const labels = { ...stored, cloudLabels: { a: "1", b: "2" } };
  const weave = {
    ...labels,
    networking: { requested: "weave", used: "cilium" as const },
    cloudLabels: { b: "2", a: "1" },
  };

  expect(evaluateChange(labels, weave)).toEqual({ ok: true, changes: [] });
});

const [A, B, C] = ["us-west-2a", "us-west-2b", "us-west-2c"] as const;
test.each<[string, readonly string[], SpecPatch, readonly string[]]>([
  ["a number, over the zones of the cluster", [A], flag("--master-count", "3"), [A, B, C]],
  ["a larger number", [A, B, C], flag("--master-count", "5"), [A, B, C, A, B]],
  ["a smaller number", [A, B, C], flag("--master-count", "1"), [A]],
  ["fewer zones", [A, B, C], { document: { masterZones: [B] } }, [B]],
  ["zones", [A], flag("--master-zones", `${A},${B},us-west-2d`), [A, B, "us-west-2d"]],
])(
  "issue 18: a change of masters names the command that does it, with the zones filled in: %s",
  (_, masters, patch, zones) => {
    const from = { ...stored, masterZones: [...masters] };

    const result = evaluateChange(from, changed(patch, from));

    expect(result).toMatchObject({
      ok: false,
      problems: [
        {
          message: expect.stringMatching(
            new RegExp(`: use holdfast migrate cluster ${stored.name} --master-zones ${zones.join(",")}$`),
          ),
        },
      ],
    });
  },
);
