import { expect, test } from "vitest";
import { recoverRecord } from "../../functions/domain/deletion.ts";
import { interfaceTags, type VolumeFacts, volumeTags } from "../../functions/domain/member-drift.ts";
import type { MemberRecord } from "../../functions/domain/records.ts";

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
  const eni = { id: "eni-1", groups: [], instanceId: "i-1", tags: {} };

  expect(interfaceTags(cluster, member, eni)).toMatchObject({
    "holdfast:uid": "u1",
    "holdfast:resource": "interface/a",
  });
  expect(interfaceTags(cluster, member, { ...eni, instanceId: null })).toBeDefined();
  expect(interfaceTags(cluster, member, { ...eni, instanceId: "i-9" })).toBeUndefined();
  expect(interfaceTags(cluster, member, { ...eni, tags: { "holdfast:uid": "u2" } })).toBeUndefined();
});
