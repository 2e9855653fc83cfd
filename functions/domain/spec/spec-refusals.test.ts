import { expect, test } from "vitest";
import { flags, THREE_ZONES } from "../../../test/support/flags.ts";
import { specFromFlags } from "./parse-spec.ts";
import type { Problem } from "./spec.ts";

function zoneList(letters: string): string {
  return [...letters].map((letter) => `us-west-2${letter}`).join();
}

function problemsOf(given: Readonly<Record<string, string>>): readonly Problem[] {
  const parsed = specFromFlags(flags(given));
  return parsed.ok ? [] : parsed.problems;
}

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

test.each([
  ["us-west-2", "is a region, not an availability zone"],
  ["us-gov-west-1", "is a region, not an availability zone"],
  ["us-west-2-lax-1a", "is a Local Zone, not an availability zone"],
  ["us-east-1-wl1-bos-wlz-1", "is a Wavelength Zone, not an availability zone"],
  ["use1-az1", "is the id of a zone, not its name in this account"],
  ["usw2-lax1-az1", "is the id of a zone, not its name in this account"],
  ["use1-wl1-bos-wlz1", "is the id of a zone, not its name in this account"],
  ["west-2a", "is not an availability zone"],
])("R13: what stands in the place of a zone is named for what it is: %s", (zone, what) => {
  expect(problemsOf({ zones: zone })).toEqual([
    {
      flag: "--zones",
      value: zone,
      message: `--zones: "${zone}" ${what}; expected names such as us-west-2a`,
    },
  ]);
});
