import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { summarize } from "../../bench/statistics.ts";
import type { ClusterView } from "../../functions/domain/views.ts";
import { CREATE } from "../support/consistency/create.ts";
import { type EtcdEndpoints, etcdEndpoints } from "../support/consistency/endpoints.ts";
import { type Ledger, startLedger, TRY_MS } from "../support/consistency/ledger.ts";
import { untilWhole } from "../support/consistency/nemesis.ts";
import { type Watcher, watchInvariants } from "../support/invariants/watcher.ts";
import { memberOf, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "kills.example.com";
const KILLS = 20;

/**
 * An election: followers wait for 1 to 2 s without a heartbeat (etcd's default of 1 s, randomized), a vote may be split
 * once; before it one try of the client that was caught, after it one that goes to the dead member.
 */
const GAP_LIMIT_MS = 2 * 2_000 + 2 * TRY_MS;

let scenario: Scenario;
let endpoints: EtcdEndpoints;
let watcher: Watcher;
let ledger: Ledger;
beforeAll(async () => {
  scenario = await startScenario();
  expect(await scenario.holdfast(...CREATE, NAME, "--yes", "--wait")).toMatchObject({ code: 0 });
  endpoints = await etcdEndpoints(scenario, await scenario.cluster(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  watcher = watchInvariants(scenario, NAME, endpoints);
  ledger = startLedger(endpoints, watcher.acknowledged);
  await whole();
});
afterEach(async () => {
  await ledger.stop();
  await watcher[Symbol.asyncDispose]();
});

const whole = (lost: readonly string[] = []): Promise<ClusterView> =>
  untilWhole({ scenario, cluster: NAME, watcher }, lost);

/** Names of the members by etcd's own id, as the members themselves say it now. */
const memberIds = (): Record<string, string | null> =>
  Object.fromEntries((watcher.latest()?.members ?? []).map(({ member, memberId }) => [member, memberId]));

const leader = (): string =>
  watcher.latest()?.members.find(({ memberId, leaderId }) => memberId !== null && memberId === leaderId)?.member ?? "a";

/** Ends the instances of members, and waits for Holdfast; both in milliseconds. */
const kill = async (
  members: readonly string[],
  how: "terminate" | "crash",
): Promise<{ restoredMs: number; gapMs: number }> => {
  const cluster = await scenario.cluster(NAME);
  const lost = members.map((name) => memberOf(cluster, name).instanceId ?? "");
  const begun = Date.now();
  await Promise.all(lost.map((instanceId) => scenario.cloud.faults.begin({ kind: "host", action: how, instanceId })));
  await whole(lost);
  return { restoredMs: Date.now() - begun, gapMs: ledger.longestGapSince(begun) };
};

/** What no kill may change. */
const identities = async () =>
  (await scenario.cluster(NAME)).members.map(({ name, volumeId, address }) => [name, volumeId, address]);

const held = async (): Promise<void> => {
  await ledger.stop();
  await watcher.finish();
  expect(watcher.violations()).toEqual([]);
};

test(`${KILLS} masters are killed one after the other, the leader every second time: always the same three members`, async () => {
  const [ids, before] = [memberIds(), await identities()];
  const restored: number[] = [];
  const gaps: number[] = [];

  for (let number = 0; number < KILLS; number++) {
    const others = endpoints.members.filter((name) => name !== leader());
    const victim = number % 2 === 0 ? leader() : (others[(number >> 1) % 2] ?? "a");
    const how = number % 4 < 2 ? "terminate" : "crash";
    const { restoredMs, gapMs } = await kill([victim], how);
    restored.push(restoredMs);
    gaps.push(gapMs);
    console.log(
      `${number + 1}: ${how} ${victim}${number % 2 === 0 ? " (the leader)" : ""}: 3/3 after ${restoredMs} ms, longest gap ${gapMs} ms`,
    );
    expect(memberIds()).toEqual(ids);
  }

  console.log("restored", summarize(restored), "gap", summarize(gaps), `${ledger.acknowledged} writes`);
  expect(await identities()).toEqual(before);
  expect(Math.max(...gaps)).toBeLessThan(GAP_LIMIT_MS);
  await held();
});

test("two of three at once: writes wait for the first to return, and nothing is lost", async () => {
  const [ids, before] = [memberIds(), await identities()];

  const times = await kill([leader(), endpoints.members.find((name) => name !== leader()) ?? "a"], "terminate");

  console.log("two at once", times);
  expect(memberIds()).toEqual(ids);
  expect(await identities()).toEqual(before);
  await held();
});

test("all three at once: writes wait for two to return, and nothing is lost", async () => {
  const [ids, before] = [memberIds(), await identities()];

  const times = await kill(endpoints.members, "crash");

  console.log("three at once", times);
  expect(memberIds()).toEqual(ids);
  expect(await identities()).toEqual(before);
  await held();
});
