import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { heartbeatItem } from "../../../local/hosts/simulated/host-aws.ts";
import { HEARTBEAT_ATTRIBUTES, heartbeatKey, readHeartbeat } from "./heartbeats.ts";

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

/** What a simulated host writes, all optional attributes included. */
const simulated = heartbeatItem({
  key: item.pk,
  member: "a",
  instanceId: "i-1",
  healthy: true,
  since: 100,
  at: 160,
  kubernetesProblem: "api-server",
  kubernetesSince: 130,
  volumeId: "vol-1",
  clusterId: "17",
});

/** `NAME TYPE` of each attribute in the item that the real host's script puts together. */
function writtenByScript(): string[] {
  const script = readFileSync(join(import.meta.dirname, "../../hosts/boot/master.sh"), "utf8");
  const lines = script.split("\n").filter((line) => /\bitem\+?=/.test(line));
  return [...lines.join("\n").matchAll(/\\"(\w+)\\":\{\\"(S|N|BOOL)\\":/g)].map(([, name, type]) => `${name} ${type}`);
}

test("the script of real hosts, simulated hosts and the schema have the same attributes of the same types", () => {
  const written = writtenByScript();
  const bySimulated = Object.entries(simulated).map(([name, value]) => `${name} ${Object.keys(value)[0]}`);

  expect(written.map((attribute) => attribute.split(" ")[0]).toSorted()).toEqual(HEARTBEAT_ATTRIBUTES.toSorted());
  // Simulated hosts have no certificates.
  expect(bySimulated.toSorted()).toEqual(written.filter((name) => name !== "certificatesUntil N").toSorted());
});

test("what a simulated host writes is read whole", () => {
  const values = Object.entries(simulated).map(([name, { S, N, BOOL }]) => [name, S ?? BOOL ?? Number(N)]);

  expect(readHeartbeat(Object.fromEntries(values), of)).toEqual({
    uid: "u1",
    member: "a",
    instanceId: "i-1",
    healthy: true,
    since: 100,
    at: 160,
    kubernetesProblem: "api-server",
    kubernetesSince: 130,
    volumeId: "vol-1",
    clusterId: "17",
  });
});
