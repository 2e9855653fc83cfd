import { expect, test } from "vitest";
import { HEARTBEAT_ATTRIBUTES, heartbeatKey, readHeartbeat } from "../../functions/domain/heartbeats.ts";

const of = { uid: "u1", member: "a", instanceId: "i-1" };
const item = {
  pk: "HEARTBEAT#u1#arn:aws:ec2:us-west-2:123456789012:instance/i-1",
  member: "a",
  instanceId: "i-1",
  healthy: true,
  since: 100,
  at: 160,
  expiresAt: 86_560,
};

test("the key of a heartbeat has the cluster's uid and the instance's ARN", () => {
  expect(heartbeatKey("u1", "arn:aws:ec2:us-west-2:123456789012:instance/i-1")).toBe(item.pk);
});

test("a heartbeat is read as the record's member's", () => {
  expect(readHeartbeat(item, of)).toEqual({
    uid: "u1",
    member: "a",
    instanceId: "i-1",
    healthy: true,
    since: 100,
    at: 160,
  });
  expect(readHeartbeat({ ...item, volumeId: "vol-1", clusterId: "17" }, of)).toMatchObject({
    volumeId: "vol-1",
    clusterId: "17",
  });
});

test.each([
  ["it says that it is another member's", { ...item, member: "b" }],
  ["it says that it is another instance's", { ...item, instanceId: "i-2" }],
  ["healthy is a word", { ...item, healthy: "yes" }],
  ["a time is missing", { ...item, at: undefined }],
  ["it is nothing", undefined],
])("an item is dropped if %s", (_, malformed) => {
  expect(readHeartbeat(malformed, of)).toBeUndefined();
});

test("a host may write exactly these attributes", () => {
  expect(HEARTBEAT_ATTRIBUTES.toSorted()).toEqual([
    "at",
    "certificatesUntil",
    "clusterId",
    "expiresAt",
    "healthy",
    "instanceId",
    "kubernetesProblem",
    "kubernetesSince",
    "member",
    "pk",
    "since",
    "volumeId",
  ]);
});
