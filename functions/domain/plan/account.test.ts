import { expect, test } from "vitest";
import { specFromFlags } from "../spec/parse-spec.ts";
import { type AccountFacts, evaluateAccount, evaluateAccountChange, explainDefaultKey } from "./account.ts";

const parsed = specFromFlags(
  Object.entries({
    "--name": "prod.example.com",
    "--zones": "us-west-2a,us-west-2b,us-west-2c",
    "--master-zones": "us-west-2a,us-west-2b,us-west-2c",
    "--master-size": "t2.medium",
    "--node-size": "t2.medium",
    "--dns-zone": "example.com",
    "--image": "293135079892/debian",
    "--master-security-groups": "sg-12345678",
  }).map(([flag, value]) => ({ flag, value })),
);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
const { spec } = parsed;

const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
const complete: AccountFacts = {
  zones: ZONES,
  offerings: new Map([["t2.medium", new Set(ZONES)]]),
  architectures: new Map([["t2.medium", ["i386", "x86_64"]]]),
  securityGroups: new Map([["sg-12345678", { cluster: null, isDefault: false, tagKeys: ["Team"] }]]),
  images: [
    {
      imageId: "ami-1",
      architecture: "x86_64",
      state: "available",
      rootDeviceType: "ebs",
      rootDevice: "/dev/sda1",
      rootGiB: 30,
    },
  ],
  hostedZones: ["Z123"],
};

test("an account that has everything has no problem", () => {
  expect(evaluateAccount(spec, complete)).toEqual([]);
});

test("all that is missing is named at once, each with its flag", () => {
  const empty: AccountFacts = { ...complete, securityGroups: new Map(), images: [], hostedZones: [] };

  expect(evaluateAccount(spec, empty).map(({ flag, value }) => `${flag} ${value}`)).toEqual([
    "--master-security-groups sg-12345678",
    "--image 293135079892/debian",
    "--dns-zone example.com",
  ]);
});

test("a size that a zone does not offer is refused with the zone", () => {
  const offerings = new Map([["t2.medium", new Set(["us-west-2a", "us-west-2b"])]]);

  expect(evaluateAccount(spec, { ...complete, offerings }).map(({ message }) => message)).toEqual([
    '--master-size: "t2.medium" is not offered in us-west-2c',
    '--node-size: "t2.medium" is not offered in us-west-2c',
  ]);
});

test.each([
  [{ isDefault: true }, "is the default group of its VPC, which no other can use; make a group"],
  [
    { tagKeys: ["kubernetes.io/cluster/prod.example.com"] },
    "has the tag kubernetes.io/cluster/prod.example.com, by which Kubernetes finds its own group; remove the tag",
  ],
  [{ cluster: "other.example.com" }, "belongs to the cluster other.example.com; bring a group of your own"],
])("MINOR 9: a security group of %j is refused", (more, why) => {
  const group = { cluster: null, isDefault: false, tagKeys: [], ...more };

  expect(
    evaluateAccount(spec, { ...complete, securityGroups: new Map([["sg-12345678", group]]) }).map(
      ({ message }) => message,
    ),
  ).toEqual([`--master-security-groups: "sg-12345678" ${why}`]);
});

test("M10: an image whose root is no EBS volume is refused", () => {
  const images = complete.images?.map((image) => ({ ...image, rootDeviceType: "instance-store" }));

  expect(evaluateAccount(spec, { ...complete, images }).map(({ message }) => message)).toEqual([
    '--image: "293135079892/debian" is ami-1: its root is not an EBS volume, so that it can be neither sized nor encrypted; choose an image with an EBS root',
  ]);
});

test("root volumes smaller than the image's own are refused, each with its flag", () => {
  const small = { ...spec, masterRootVolumeGiB: 29, nodeRootVolumeGiB: 8 };

  expect(evaluateAccount(small, complete).map(({ message }) => message)).toEqual([
    '--master-volume-size: "29" is too small: the root of ami-1 has 30 GiB',
    '--node-volume-size: "8" is too small: the root of ami-1 has 30 GiB',
  ]);
  expect(evaluateAccount({ ...small, masterRootVolumeGiB: 30, nodeCount: 0 }, complete)).toEqual([]);
  expect(evaluateAccountChange(spec, small, ["nodeRootVolumeGiB"], complete).map(({ flag }) => flag)).toEqual([
    "--node-volume-size",
  ]);
});

test("an image of the wrong architecture is refused for each size that cannot run it", () => {
  const images = complete.images?.map((image) => ({ ...image, architecture: "arm64" }));

  expect(evaluateAccount(spec, { ...complete, images })[0]).toEqual({
    flag: "--image",
    value: "293135079892/debian",
    message: '--image: "293135079892/debian" is built for arm64, but --master-size t2.medium is i386/x86_64',
  });
});

test("a zone that does not exist is reported once, by the flag that named it", () => {
  const zones = ["us-west-2a", "us-west-2b"];
  const flagsOf = (asked: typeof spec) => evaluateAccount(asked, { ...complete, zones }).map(({ flag }) => flag);

  expect(flagsOf(spec)).toEqual(["--zones"]);
  expect(flagsOf({ ...spec, zones })).toEqual(["--master-zones"]);
});

test("two hosted zones of one name are no choice that we make", () => {
  expect(evaluateAccount(spec, { ...complete, hostedZones: ["Z1", "Z2"] })[0]?.message).toBe(
    '--dns-zone: "example.com" is the name of several hosted zones: Z1, Z2; give the id of one',
  );
});

test("a zone that the account does not have is named with those that it has", () => {
  const zones = ["us-west-2a", "us-west-2b"];

  expect(evaluateAccount(spec, { ...complete, zones })[0]).toEqual({
    flag: "--zones",
    value: "us-west-2c",
    message: '--zones: "us-west-2c" is not a zone of this account; there are us-west-2a, us-west-2b',
  });
});

test("another type for the masters must be offered where they are, and run what they run", () => {
  const fallen = { ...spec, masterSizeFallbacks: ["t3.large", "m7g.large"] };
  const offerings = new Map([
    ...complete.offerings,
    ["t3.large", new Set(["us-west-2a"])],
    ["m7g.large", new Set(ZONES)],
  ]);
  const architectures = new Map([...complete.architectures, ["t3.large", ["x86_64"]], ["m7g.large", ["arm64"]]]);

  const problems = evaluateAccount(fallen, { ...complete, offerings, architectures, images: undefined });

  expect(problems.map(({ message }) => message)).toEqual([
    '--master-size-fallbacks: "t3.large" is not offered in us-west-2b, us-west-2c',
    '--master-size-fallbacks: "m7g.large" is arm64, but --master-size t2.medium is i386/x86_64',
  ]);
});

test("L10: a group that a cluster of ours has made is not brought to another", () => {
  const securityGroups = new Map([["sg-12345678", { cluster: "prod.example.com", isDefault: false, tagKeys: [] }]]);
  const asked = { ...spec, nodeSecurityGroups: spec.masterSecurityGroups };

  expect(evaluateAccount(asked, { ...complete, securityGroups }).map(({ message }) => message)).toEqual([
    '--master-security-groups: "sg-12345678" belongs to the cluster prod.example.com; bring a group of your own',
    '--node-security-groups: "sg-12345678" belongs to the cluster prod.example.com; bring a group of your own',
  ]);
});

test.each([
  ["alias/aws/ebs", undefined],
  ["arn:aws:kms:us-west-2:123456789012:alias/aws/ebs", undefined],
  [
    "arn:aws:kms:us-west-2:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
    expect.stringContaining(
      "key/01234567-89ab-cdef-0123-456789abcdef. Its policy must let the roles of Holdfast's functions",
    ),
  ],
])("MINOR 10: of the default key %s a user reads %j", (key, reported) => {
  expect(explainDefaultKey(key)).toEqual(reported);
});
