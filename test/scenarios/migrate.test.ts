import { DescribeSnapshotsCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventViewSchema } from "../../functions/domain/api/views.ts";
import { listResources } from "../support/account.ts";
import { etcdEndpoints } from "../support/consistency/endpoints.ts";
import { createHealing, type Healing } from "../support/healing.ts";
import { beginMigration, migrated, secondsOfStates } from "../support/migration.ts";
import { memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";
import { startWriter, watchVoters } from "../support/voter-watch.ts";

const NAME = "migrate.example.com";
const [A, B, C, D] = ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"] as const;
/** One zone: its subnet fills the VPC. */
const CREATE = ["create", "cluster", "--zones", A, "--master-zones", A, "--node-count", "1"];

/** etcd's election time-out is a second, and a member waits for one to two of them. */
const ELECTION_MS = 2_000;
/** Whoever writes notices after half a second that nobody answers. */
const NOTICE_MS = 1_000;

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await createHealing(CREATE, NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

async function migrate(zones: readonly string[], operation?: string) {
  const begun = Date.now();
  const done = await migrated(scenario, NAME, await beginMigration(scenario, healing.table, NAME, zones, operation));
  console.log(`to ${zones.join(", ")}: ${Math.round((Date.now() - begun) / 1_000)} s`);
  expect(done.operation).toMatchObject({ status: "SUCCEEDED", error: null });
  return done.cluster;
}

/** Slots and zones, as `a us-west-2a`. */
function slotsOf({ members }: { members: readonly { name: string; zone: string }[] }): string[] {
  return members.map(({ name, zone }) => `${name} ${zone}`);
}

/** How many learners the etcd of these hosts allows at once. */
async function maxLearners(): Promise<number> {
  const flags = await healing.onHost("a", "tr '\\0' ' ' </proc/$(pgrep -xo etcd)/cmdline");
  return Number(/max-learners=(\d+)/.exec(flags)?.[1] ?? 1);
}

/** What the account has of slots, by logical names. */
async function ofSlots(letters: string): Promise<string[]> {
  const own = new RegExp(`(master-|volume/|interface/|parameter/)[${letters}](/\\d+|-volume)?$`);
  return (await listResources(scenario.cloud))
    .map(({ kind, name = "" }) => `${kind} ${name}`)
    .filter((line) => own.test(line));
}

/** Of whose data there are snapshots. */
async function keptData(): Promise<(string | undefined)[]> {
  const kept = { Name: "tag-key", Values: ["holdfast:kept"] };
  const { Snapshots = [] } = await scenario.ec2.send(new DescribeSnapshotsCommand({ Filters: [kept] }));
  return Snapshots.map(({ Tags = [] }) => Tags.find(({ Key }) => Key === "holdfast:member")?.Value).toSorted();
}

test("4.5.1: one master becomes three while clients write: no acknowledged write is lost, and two vote for a moment only", async () => {
  const before = await scenario.cluster(NAME);
  const endpoints = await etcdEndpoints(scenario, before);
  const writer = startWriter([endpoints.connect("a")], "grown");
  const watch = watchVoters(endpoints.connect("a"));

  const operation = `migrate-${Date.now()}`;
  const after = await migrate([A, B, C], operation);
  await Promise.all([writer.stop(), watch.stop()]);

  console.log(`two voters for ${watch.lasted(2)} ms; longest pause of writes ${writer.longestGap()} ms`);
  console.log(`seconds: ${(await secondsOfStates(scenario, operation, "Promote members")).join(", ")}`);
  expect(slotsOf(after)).toEqual([`a ${A}`, `b ${B}`, `c ${C}`]);
  expect(after).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
  expect(after.spec.masterZones).toEqual([A, B, C]);
  expect(after.plan.network).toMatchObject({ furtherCidrs: ["172.21.0.0/16"] });
  expect(memberOf(after, "a").instanceId).toBe(memberOf(before, "a").instanceId);
  expect(Object.keys(await healing.memberIds()).toSorted()).toEqual(["a", "b", "c"]);
  // Before 3.6 etcd has one learner at a time: the second one is added when the first one votes.
  expect(watch.lasted(2)).toBeLessThan((await maxLearners()) > 1 ? 5_000 : 60_000);
  expect(writer.longestGap()).toBeLessThan(2 * ELECTION_MS + NOTICE_MS);
  expect(writer.acknowledged.size).toBeGreaterThan(20);
  const client = (await etcdEndpoints(scenario, after)).connect("c");
  const found = await client.getAll("grown/", 10_000);
  client.close();
  expect([...writer.acknowledged].filter(([key, value]) => found.get(key) !== value)).toEqual([]);
});

test("4.5.1: afterwards the first master may be lost", async () => {
  const before = await healing.whole();
  await scenario.terminate(memberOf(before, "a").instanceId ?? "");

  const after = await memberReplaced(scenario, NAME, memberOf(before, "a"), 120_000);

  expect(after).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
});

test("18: a master goes to a zone that the cluster never had, and takes a letter that was never used", async () => {
  await healing.whole();

  const after = await migrate([A, B, D]);

  expect(slotsOf(after)).toEqual([`a ${A}`, `b ${B}`, `d ${D}`]);
  expect(after).toMatchObject({ status: "ACTIVE", quorum: { size: 3, healthy: 3 } });
  expect(Object.keys(await healing.memberIds()).toSorted()).toEqual(["a", "b", "d"]);
  expect(await ofSlots("c")).toEqual([]);
});

const KUBECTL = "kubectl --kubeconfig /etc/kubernetes/admin.conf";

/** A pod of a user's that runs on a master. */
async function runPodOn(instanceId: string | null): Promise<void> {
  const spec = { nodeName: instanceId, containers: [{ name: "web", image: "web" }] };
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "default" }, spec };
  await healing.onHost("a", `echo '${JSON.stringify(pod)}' | ${KUBECTL} apply --server-side -f -`);
}

test("18: three masters become one, and nothing of the others is left but a snapshot of their data", async () => {
  const before = await healing.whole();
  await runPodOn(memberOf(before, "b").instanceId);
  const endpoints = await etcdEndpoints(scenario, before);
  const writer = startWriter([endpoints.connect("a")], "shrunk");
  const watch = watchVoters(endpoints.connect("a"));

  const after = await migrate([A]);
  await Promise.all([writer.stop(), watch.stop()]);

  console.log(`two voters for ${watch.lasted(2)} ms; longest pause of writes ${writer.longestGap()} ms`);
  expect(slotsOf(after)).toEqual([`a ${A}`]);
  expect(after).toMatchObject({ status: "ACTIVE", quorum: { size: 1, healthy: 1 } });
  expect(Object.keys(await healing.memberIds())).toEqual(["a"]);
  expect(watch.lasted(2)).toBeLessThan(5_000);
  expect(writer.longestGap()).toBeLessThan(2 * ELECTION_MS + NOTICE_MS);
  expect(await ofSlots("bcd")).toEqual([]);
  expect(await ofSlots("a")).not.toEqual([]);
  expect(await keptData()).toEqual(["b", "c", "d"]);
  // What runs on a master that goes is evicted before its instance ends.
  expect(await healing.onHost("a", `${KUBECTL} get pods -n default -o name`)).toBe("");
  const types = (await scenario.api.list(`/clusters/${NAME}/events`, EventViewSchema)).map(({ type }) => type);
  expect(types).toEqual(
    expect.arrayContaining(["member-promoted", "member-removed", "master-removed", "cluster-migrated"]),
  );
});
