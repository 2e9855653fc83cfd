import { expect, test } from "vitest";
import { recoverRecord } from "../domain/deletion/deletion.ts";
import { readAll, readCluster, readMember, readOperation } from "./items.ts";
import { keys } from "./keys.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
const record = recoverRecord({ name: "a.example.com", uid: "01ab", region: "us-west-2", zones: [] }, NOW);
const item = { ...keys.cluster("a.example.com"), kind: "CLUSTER", name: "a.example.com", record };

test("a record is read as it was stored, with what a later version added", () => {
  const later = { ...record, colour: "red", spec: { ...record.spec, shape: "round" } };

  expect(readCluster({ ...item, record: later })).toEqual(later);
});

test("a record of before, without what is stored today, is read with defaults", () => {
  const { reason: _, operation: __, leader: ___, nodes: ____, ...early } = record;

  expect(readCluster({ ...item, record: early })).toEqual({
    ...early,
    reason: null,
    operation: null,
    leader: null,
    nodes: [],
  });
  const member = { member: "a", health: "healthy" };
  expect(readMember({ ...keys.member("a.example.com", "a"), record: member })).toEqual({
    cluster: "a.example.com",
    record: {
      member: "a",
      health: "healthy",
      volumeId: null,
      interfaceId: null,
      instanceId: null,
      generation: 1,
      observedAt: null,
    },
  });
});

test.each<[string, object]>([
  ["it has no record", { record: undefined }],
  ["its record is no map", { record: 7 }],
  ["its status is none", { record: { ...record, status: "FINE" } }],
  ["its key is another cluster's", keys.cluster("b.example.com")],
  ["its key is no cluster's", { pk: "HEARTBEAT#01ab", sk: "x" }],
])("an item is left out alone if %s", (_, change) => {
  expect(readAll([{ ...item, ...change }, item], readCluster)).toEqual([record]);
});

test("members and operations count only under their own keys", () => {
  const member = { member: "a", health: "healthy" };
  expect(readAll([{ ...keys.member("a.example.com", "b"), record: member }], readMember)).toEqual([]);
  expect(readAll([{ pk: "HEARTBEAT#01ab", sk: "MEMBER#a", record: member }], readMember)).toEqual([]);
  const operation = { id: "op-1", cluster: "a", kind: "create", status: "RUNNING", startedAt: NOW.toISOString() };
  expect(readAll([{ ...keys.operation("op-2"), record: operation }], readOperation)).toEqual([]);
});
