import { expect, test } from "vitest";
import type { ClusterRecord, MemberRecord } from "../cluster/records.ts";
import { recoverRecord } from "../deletion/deletion.ts";
import {
  hasOtherGroups,
  interfaceTags,
  lacksAddress,
  masterGroupsOf,
  type VolumeFacts,
  volumeTags,
} from "./member-drift.ts";

const found = { name: "x.example.com", uid: "u1", region: "us-west-2", zones: ["us-west-2a"] };
const cluster = recoverRecord(found, new Date("2026-11-25T12:00:00Z"));
const member: MemberRecord = {
  member: "a",
  volumeId: "vol-1",
  interfaceId: "eni-1",
  instanceId: "i-1",
  generation: 2,
  health: "healthy",
  observedAt: null,
};
const volume: VolumeFacts = {
  id: "vol-1",
  state: "in-use",
  zone: "us-west-2a",
  sizeGiB: 1024,
  encrypted: true,
  instanceId: null,
  tags: { Team: "ops" },
};

test("R6: a member's volume gets back the tags that say whose it is", () => {
  expect(volumeTags(cluster, member, volume)).toEqual({
    Name: "volume-a-2.x.example.com",
    "kubernetes.io/cluster/x.example.com": "owned",
    "holdfast:cluster": "x.example.com",
    "holdfast:uid": "u1",
    "holdfast:resource": "volume/a/2",
    "holdfast:member": "a",
  });
});

test("R6: labels are not put back, since a permission to put any key could put another owner's", () => {
  const labelled = { ...cluster, spec: { ...cluster.spec, cloudLabels: { Team: "Dev" } } };

  expect(volumeTags(labelled, { ...member, generation: 1 }, volume)).toEqual({
    Name: "volume-a.x.example.com",
    "kubernetes.io/cluster/x.example.com": "owned",
    "holdfast:cluster": "x.example.com",
    "holdfast:uid": "u1",
    "holdfast:resource": "volume/a",
    "holdfast:member": "a",
  });
});

test("R6: a volume just as large as asked for is the member's, one of a member that nobody plans is not", () => {
  expect(volumeTags(cluster, member, { ...volume, sizeGiB: cluster.spec.etcdVolumeGiB })).toBeDefined();
  expect(volumeTags(cluster, { ...member, member: "z" }, volume)).toBeUndefined();
});

test.each<[string, Partial<VolumeFacts>]>([
  ["is not on record", { id: "vol-2" }],
  ["says that it is another cluster's", { tags: { "holdfast:uid": "u2" } }],
  ["is not encrypted", { encrypted: false }],
  ["is in another zone", { zone: "us-west-2b" }],
  ["is smaller than the record's", { sizeGiB: 1 }],
])("no tags are put on a volume that %s", (_, change) => {
  expect(volumeTags(cluster, member, { ...volume, ...change })).toBeUndefined();
});

test("R6: an interface gets its tags back while it is free or its own instance holds it", () => {
  const eni = { id: "eni-1", groups: [], instanceId: "i-1", addressId: null, tags: {} };

  expect(interfaceTags(cluster, { ...member, home: 2 }, eni)).toEqual({
    Name: "interface-a-2.x.example.com",
    "kubernetes.io/cluster/x.example.com": "owned",
    "holdfast:cluster": "x.example.com",
    "holdfast:uid": "u1",
    "holdfast:resource": "interface/a/2",
    "holdfast:member": "a",
    "node.k8s.amazonaws.com/no_manage": "true",
  });
  expect(interfaceTags(cluster, member, eni)).toMatchObject({ "holdfast:resource": "interface/a" });
  expect(interfaceTags(cluster, member, { ...eni, id: "eni-2" })).toBeUndefined();
  expect(interfaceTags(cluster, member, { ...eni, instanceId: null })).toBeDefined();
  expect(interfaceTags(cluster, member, { ...eni, instanceId: "i-9" })).toBeUndefined();
  expect(interfaceTags(cluster, member, { ...eni, tags: { "holdfast:uid": "u2" } })).toBeUndefined();
});

const network = { vpcId: "v", internetGatewayId: "i", subnets: {}, masterGroupId: "sg-2", nodeGroupId: "sg-9" };
const networked = { ...cluster, network, spec: { ...cluster.spec, masterSecurityGroups: ["sg-1", "sg-2"] } };

test("a master's interface has the masters' group and those that the spec names", () => {
  expect(masterGroupsOf(networked)).toEqual(["sg-2", "sg-1", "sg-2"]);
  expect(masterGroupsOf(cluster)).toBeUndefined();
});

test.each([
  ["the same groups in another order", networked, ["sg-2", "sg-1"], false],
  ["the same groups", networked, ["sg-1", "sg-2"], false],
  ["one group less", networked, ["sg-1"], true],
  ["one group more", networked, ["sg-1", "sg-2", "sg-3"], true],
  ["any groups before there is a network", cluster, ["sg-3"], false],
])("H4: an interface with %s", (_, of, groups, expected) => {
  expect(hasOtherGroups(of, { id: "eni-1", groups, instanceId: null, addressId: null, tags: {} })).toBe(expected);
});

test.each<[string, ClusterRecord["spec"]["topology"], string | null, boolean]>([
  ["has the one on record", "public", "eipalloc-1", false],
  ["has none", "public", null, true],
  ["has another one", "public", "eipalloc-2", true],
  ["has none, as in every private topology", "private", null, false],
])("B1: an interface that %s", (_, topology, addressId, lacks) => {
  const asked = { ...cluster, spec: { ...cluster.spec, topology } };

  expect(lacksAddress(asked, { ...member, addressId: "eipalloc-1" }, { addressId })).toBe(lacks);
});
