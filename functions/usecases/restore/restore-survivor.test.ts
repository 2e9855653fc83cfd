import { expect, test } from "vitest";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord } from "../../../test/support/steps/records.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { watchQuorum } from "./restore-survivor.ts";

const MACHINE = "arn:restore";

/** The volumes of b and c are gone; the reconciler looks each minute. */
function newStage(change: Partial<ClusterRecord> = {}) {
  const cluster = clusterRecord({ status: "DEGRADED", ...change }, { "--restore-policy": "survivor" });
  const members = ["a", "b", "c"].map((member) => memberRecord(member));
  const store = new MemoryStore(cluster, members, [operationRecord("repair")]);
  const started: string[] = [];
  const aws = {
    publish: async () => {},
    startExecution: async (machine: string, name: string) => {
      started.push(`${machine} ${name}`);
      return "started" as const;
    },
  };
  const clock = new TestClock();
  const volumes = new Map<string, string | null>([["vol-a", "i-a"]]);
  const look = async () => {
    const known = await store.getCluster(NAME);
    const facts = { cluster: known, members: await store.listMembers(NAME), volumes, heartbeats: [] };
    return watchQuorum({ store, aws: aws as never, clock, env: {} }, MACHINE, facts);
  };
  const lookFor = async (minutes: number) => {
    const begun: boolean[] = [];
    for (let minute = 0; minute < minutes; minute++) {
      begun.push(await look());
      clock.advance(60_000);
    }
    return begun.filter(Boolean).length;
  };
  return { store, started, look, lookFor, volumes };
}

test("17.6: after ten minutes of looks a restore from the best survivor begins, with one line in the history", async () => {
  const { store, started, look, lookFor } = newStage();

  expect(await lookFor(10)).toBe(0);
  expect(started).toEqual([]);
  expect(await look()).toBe(true);

  const { operation, restoration, status, quorumLoss } = await store.getCluster(NAME);
  expect(restoration).toMatchObject({ from: { kind: "survivor", member: null }, operation, automatic: true, epoch: 2 });
  expect({ status, quorumLoss }).toMatchObject({ status: "REPAIRING", quorumLoss: { operation } });
  expect(started).toEqual([`${MACHINE} ${operation}`]);
  const events = await store.listEvents(NAME);
  expect(events.map(({ type, message }) => `${type}: ${message}`)).toEqual([
    "restore-requested: A majority of volumes is gone: vol-b of member b, vol-c of member c; EC2 said so at 2026-11-29T12:00:00.000Z and at 2026-11-29T12:02:00.000Z. A restore from the best of the members' data begins, since the spec has the restore policy survivor.",
  ]);
});

test("17.6: a volume that comes back ends it, and a later loss has its own ten minutes", async () => {
  const { store, started, lookFor, volumes } = newStage();
  await lookFor(9);
  volumes.set("vol-b", null);
  await lookFor(1);
  expect((await store.getCluster(NAME)).quorumLoss).toBeNull();
  volumes.delete("vol-b");

  expect(await lookFor(10)).toBe(0);
  expect(started).toEqual([]);
});

test("17.6: an operation that takes the cluster between the look and the restore keeps it", async () => {
  const { store, started, look, lookFor } = newStage();
  await lookFor(10);
  const stale = await store.getCluster(NAME);
  store.clusters.set(NAME, { ...stale, operation: "repair-1" });
  const facts = { cluster: stale, members: await store.listMembers(NAME), volumes: new Map([["vol-a", null]]) };
  const clock = new TestClock();
  clock.advance(10 * 60_000);

  const deps = { store, aws: { publish: async () => {} } as never, clock, env: {} };
  expect(await watchQuorum(deps, MACHINE, { ...facts, heartbeats: [] })).toBe(false);
  expect(await look()).toBe(false);
  expect(await store.getCluster(NAME)).toMatchObject({ operation: "repair-1" });
  expect((await store.getCluster(NAME)).restoration ?? null).toBeNull();
  expect(started).toEqual([]);
});

test("17.6: who died after it had taken the cluster leaves a restore that the next look starts, under the same name", async () => {
  const { store, started, look, lookFor } = newStage();
  await lookFor(10);
  await look();
  const { operation } = await store.getCluster(NAME);

  expect(await look()).toBe(true);
  expect(started).toEqual([`${MACHINE} ${operation}`, `${MACHINE} ${operation}`]);
});
