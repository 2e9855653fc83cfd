import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { identitiesOf, openProofCluster, type ProofCluster } from "../support/proof-cluster.ts";
import { eventually, memberOf } from "../support/scenario.ts";
import { slowness } from "../support/slowness.ts";

const NAME = "quorum.example.com";

let cluster: ProofCluster;
beforeAll(async () => {
  cluster = await openProofCluster(NAME);
});
afterEach(async () => {
  await cluster.clearFaults();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

function view() {
  return cluster.scenario.cluster(NAME);
}

/** As etcd answers now, through its own hosts. */
function freshView() {
  return cluster.scenario.api.get(`/clusters/${NAME}?fresh=true`, ClusterViewSchema);
}

async function instanceOf(member: string): Promise<string> {
  return memberOf(await view(), member).instanceId ?? "";
}

function host(action: string, instanceId: string, more: object = {}) {
  return cluster.fault({ kind: "host", action, instanceId, ...more });
}

function followersOf(leader: string): string[] {
  return cluster.endpoints.members.filter((name) => name !== leader);
}

/** Runs the reconciler until the member has another instance than that one. */
async function reconcileUntilReplaced(member: string, former: string): Promise<void> {
  await eventually(
    async () => {
      await cluster.reconcile();
      return await instanceOf(member);
    },
    (instanceId) => instanceId !== former,
    180_000,
  );
}

test("C1: a terminated follower returns as the same member; writers see no error", async () => {
  await using witness = await cluster.witness();
  const [ids, before] = [witness.memberIds(), await view()];
  const [follower = ""] = followersOf(witness.leader());
  const lost = await instanceOf(follower);
  const begun = Date.now();

  await host("terminate", lost);
  const after = await witness.whole([lost]);

  console.log(`C1: whole after ${Date.now() - begun} ms, longest gap ${witness.maxGapSince(begun)} ms`);
  expect(witness.memberIds()).toEqual(ids);
  expect(identitiesOf(after)).toEqual(identitiesOf(before));
  expect(await witness.violations()).toEqual([]);
});

test("C2: the leader's power is cut during writes; they continue within two elections", async () => {
  await using witness = await cluster.witness();
  const ids = witness.memberIds();
  const lost = await instanceOf(witness.leader());
  const begun = Date.now();

  await host("crash", lost);
  await witness.whole([lost]);

  const gapMs = witness.maxGapSince(begun);
  console.log(`C2: whole after ${Date.now() - begun} ms, longest gap ${gapMs} ms`);
  expect(witness.memberIds()).toEqual(ids);
  expect(await witness.violations()).toEqual([]);
  expect(gapMs).toBeLessThan(5_000 * slowness());
});

test("Q2: two of three are lost, one of them with its volume: first the one with data, then the other again", async () => {
  await using witness = await cluster.witness();
  const [ids, before] = [witness.memberIds(), await view()];
  const [kept = "", renewed = ""] = followersOf(witness.leader());
  const lost = await Promise.all([kept, renewed].map(instanceOf));

  await cluster.fault({ kind: "volume", action: "lose", volumeId: memberOf(before, renewed).volumeId });
  await Promise.all(lost.map((instanceId) => host("terminate", instanceId)));
  const after = await witness.whole(lost);

  const now = witness.memberIds();
  expect({ ...now, [renewed]: null }).toEqual({ ...ids, [renewed]: null });
  expect(now[renewed]).not.toBe(ids[renewed]);
  expect(memberOf(after, kept).volumeId).toBe(memberOf(before, kept).volumeId);
  expect(memberOf(after, renewed).address).toBe(memberOf(before, renewed).address);
  expect(await witness.violations()).toEqual([]);
});

test("Q4: a member that cannot speak to the leader is not counted, whatever its own host says; it alone is replaced", async () => {
  await using witness = await cluster.witness();
  const before = await view();
  const leader = witness.leader();
  const [deaf = "", other = ""] = followersOf(leader);
  const lost = await instanceOf(deaf);

  await host("partition", lost, { to: [memberOf(before, leader).address] });
  const seen = await eventually(freshView, ({ quorum }) => quorum.healthy === 2, 60_000);
  await reconcileUntilReplaced(deaf, lost);
  const after = await witness.whole([lost]);

  expect(memberOf(seen, deaf).health).toBe("unhealthy");
  expect([leader, other].map((name) => memberOf(after, name).instanceId)).toEqual(
    [leader, other].map((name) => memberOf(before, name).instanceId),
  );
  expect(await witness.violations()).toEqual([]);
});

test("K1: while AttachVolume is throttled, a replaced master is not back and no second one is touched", async () => {
  await using witness = await cluster.witness();
  const [first = "", second = ""] = followersOf(witness.leader());
  const [lost, spared] = [await instanceOf(first), await instanceOf(second)];
  await cluster.fault({ kind: "api", action: "throttle", service: "ec2", operation: "AttachVolume" });

  await host("freeze-etcd", lost);
  await reconcileUntilReplaced(first, lost);
  const hung = await host("freeze-etcd", spared);
  const until = Date.now() + 40_000;
  const seen = new Set<string>();
  while (Date.now() < until) {
    await cluster.reconcile();
    seen.add(`${(await view()).status} ${await instanceOf(second)}`);
    await delay(1_000);
  }
  await cluster.scenario.cloud.faults.end(hung);
  await cluster.clearFaults();
  await witness.whole([lost]);

  expect([...seen]).toEqual([`REPAIRING ${spared}`]);
  expect(await instanceOf(second)).toBe(spared);
  expect(await witness.violations()).toEqual([]);
});

test("K3: a member that starts with empty data is never accepted as healthy", async () => {
  await using witness = await cluster.witness();
  const [empty = ""] = followersOf(witness.leader());
  const instanceId = await instanceOf(empty);
  const wipe = "systemctl stop etcd && rm -rf /var/lib/etcd/data/member && systemctl start etcd";

  const wiped = await cluster.scenario.cloud.hosts.run(instanceId, wipe, { timeoutMs: 20_000 });
  const healths = new Set<string>();
  for (const until = Date.now() + 20_000; Date.now() < until; ) {
    const fresh = await freshView();
    const { health, instanceId: current } = memberOf(fresh, empty);
    // Holdfast may be at work already.
    if (current !== instanceId) break;
    healths.add(`${health}, ${fresh.quorum.healthy} of ${fresh.quorum.size}`);
  }

  expect(wiped.exitCode).toBe(0);
  expect([...healths]).toEqual(["unhealthy, 2 of 3"]);
  await reconcileUntilReplaced(empty, instanceId);
  await witness.whole([instanceId]);
  expect(await witness.violations()).toEqual([]);
});
