import { expect, test } from "vitest";
import { flags } from "../../../test/support/flags.ts";
import type { MemberRecord } from "../cluster/records.ts";
import { planCluster } from "../plan/plan.ts";
import { specFromFlags } from "../spec/parse-spec.ts";
import { chooseZone, evaluateMove, explainMove, othersAreHealthy, withMember, withMembersOf } from "./zone-move.ts";

function zonesOf(letters: string) {
  return [...letters].map((letter) => `us-west-2${letter}`).join(",");
}

/** Zones as letters: `abcd` of the nodes, `abc` of the masters. */
function cluster(zones: string, masters: string, more: Readonly<Record<string, string>> = {}) {
  const parsed = specFromFlags(
    flags({ zones: zonesOf(zones), "master-zones": zonesOf(masters), "master-zone-fallback": "move", ...more }),
  );
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return { spec: parsed.spec, plan: planCluster(parsed.spec).plan };
}

function record(member: string, more: Partial<MemberRecord> = {}): MemberRecord {
  return {
    member,
    volumeId: `vol-${member}`,
    interfaceId: `eni-${member}`,
    instanceId: `i-${member}`,
    generation: 1,
    health: "healthy",
    observedAt: null,
    ...more,
  };
}

function stranded(member: string): MemberRecord {
  return record(member, {
    health: "unhealthy",
    stranded: { since: "2026-11-25T10:00:00.000Z", reason: "no t3.medium capacity" },
  });
}

function at(time: string) {
  return Date.parse(`2026-11-25T${time}.000Z`);
}

test.each<[string, string, string, Readonly<Record<string, string>>, string[], string | undefined]>([
  ["the zone without a master", "abcd", "abc", {}, [], "us-west-2d"],
  ["of two without a master the one given first", "abced", "abc", {}, [], "us-west-2e"],
  ["three in three zones: none", "abc", "abc", {}, [], undefined],
  ["a single master has nobody who could let it go", "abc", "a", {}, [], undefined],
  ["two zones of three masters: the other would hold all", "ab", "ab", { "master-count": "3" }, [], undefined],
  ["five in five zones: any may have a second", "abcde", "abcde", {}, [], "us-west-2b"],
  ["five in three: not where two are", "abc", "abc", { "master-count": "5" }, [], "us-west-2c"],
  ["not to where another member waits, too", "abcd", "abcd", { "master-count": "5" }, ["b"], "us-west-2c"],
  ["the zone of masters alone counts, too", "ab", "abcde", {}, [], "us-west-2b"],
  ["the one with the fewest masters, though others are given first", "abcdef", "abcde", {}, [], "us-west-2f"],
])("where member a goes: %s", (_, zones, masters, more, out, zone) => {
  const { spec, plan } = cluster(zones, masters, more);

  expect(chooseZone(spec, plan, "a", out)).toBe(zone);
});

test("a member goes to no zone in which the plan has no subnet", () => {
  const { spec, plan } = cluster("abcd", "abc");
  const subnets = plan.subnets.filter(({ zone }) => zone !== "us-west-2d");

  expect(chooseZone(spec, { ...plan, subnets }, "a", [])).toBe(undefined);
});

const four = cluster("abcd", "abc");

test.each<[string, ReturnType<typeof cluster>, MemberRecord[], string, object]>([
  ["after half an hour", four, [stranded("a"), record("b"), record("c")], "10:30:00", { kind: "move" }],
  ["and not before", four, [stranded("a"), record("b"), record("c")], "10:29:59", { kind: "later" }],
  ["one whose launches do not fail", four, [record("a"), record("b"), record("c")], "23:00:00", { kind: "wait" }],
  [
    "after the minutes that the spec says",
    cluster("abcd", "abc", { "master-zone-fallback-minutes": "2" }),
    [stranded("a"), record("b"), record("c")],
    "10:02:00",
    { kind: "move", zone: "us-west-2d" },
  ],
  [
    "never if the spec says so",
    cluster("abcd", "abc", { "master-zone-fallback": "wait" }),
    [stranded("a"), record("b"), record("c")],
    "23:00:00",
    { kind: "wait" },
  ],
  [
    "never if no zone could take it",
    cluster("abc", "abc"),
    [stranded("a"), record("b"), record("c")],
    "23:00:00",
    { kind: "stay" },
  ],
  [
    "not to the zone of another that waits, too",
    cluster("abcd", "abcd", { "master-count": "5" }),
    [stranded("a"), stranded("b"), record("c"), record("d"), record("e")],
    "10:30:00",
    { kind: "move", zone: "us-west-2c" },
  ],
  ["only by its own record", four, [record("a"), stranded("b"), record("c")], "23:00:00", { kind: "wait" }],
  ["only when there is a record of it", four, [stranded("b"), record("c")], "23:00:00", { kind: "wait" }],
])("a member moves %s", (_, of, records, time, expected) => {
  expect(evaluateMove(of, records, "a", at(time))).toMatchObject(expected);
});

test("the only master stays with its data", () => {
  expect(evaluateMove(cluster("abc", "a"), [stranded("a")], "a", at("11:00:00"))).toEqual({
    kind: "stay",
    reason: "a is the only master, and its data is in its zone",
  });
});

test("what becomes of a member that cannot be launched is said in a sentence", () => {
  const records = [stranded("a"), record("b"), record("c")];

  expect(explainMove(evaluateMove(four, records, "a", at("10:10:00")))).toBe(
    "It moves to us-west-2d if that lasts until 2026-11-25T10:30Z.",
  );
  expect(explainMove(evaluateMove(four, records, "a", at("11:00:00")))).toBe(
    "It moves to us-west-2d as soon as every other member is healthy.",
  );
  expect(explainMove(evaluateMove(cluster("abc", "abc"), records, "a", at("11:00:00")))).toBe(
    "It does not move: no other zone of the cluster could take it without becoming one whose loss costs the majority.",
  );
  expect(explainMove({ kind: "wait" })).toBe("");
});

test.each<[string, MemberRecord[], boolean]>([
  ["two healthy ones beside it", [stranded("a"), record("b"), record("c")], true],
  ["whatever it is like itself", [record("a", { health: "unhealthy" }), record("b"), record("c")], true],
  ["one of them not healthy", [stranded("a"), record("b"), record("c", { health: "unhealthy" })], false],
  ["one of them waits for its zone, too: no majority", [stranded("a"), stranded("b"), record("c")], false],
  [
    "five, two of which wait for their zone",
    [stranded("a"), stranded("b"), record("c"), record("d"), record("e")],
    true,
  ],
])("are the others healthy? %s", (_, records, expected) => {
  expect(othersAreHealthy(records, "a")).toBe(expected);
});

test("a move changes one member of the plan and what it survives, and a plan made again keeps it", () => {
  const moved = withMember(four.spec, four.plan, { name: "a", zone: "us-west-2d", address: "172.20.200.7" });

  expect(moved).toEqual({
    ...four.plan,
    members: [
      { name: "a", zone: "us-west-2d", subnet: "us-west-2d", address: "172.20.200.7" },
      { name: "b", zone: "us-west-2b", subnet: "us-west-2b", address: "172.20.64.10" },
      { name: "c", zone: "us-west-2c", subnet: "us-west-2c", address: "172.20.128.10" },
    ],
    survives: { masters: 1, zones: ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"] },
  });
  expect(withMembersOf(four.spec, four.plan, moved)).toEqual(moved);
});

test("issue 18: a change keeps the subnets of a zone that came after the creation", () => {
  const { spec, plan } = cluster("abc", "abc");
  const later = { zone: "us-west-2d", type: "public" as const, cidr: "172.20.192.0/18", name: "us-west-2d" };
  const grown = { ...plan, subnets: [...plan.subnets, later] };

  expect(withMembersOf(spec, plan, grown).subnets).toEqual(grown.subnets);
});

test("a second member in one zone shows in what the plan survives", () => {
  const { spec, plan } = cluster("abc", "abc", { "master-count": "5" });
  const moved = withMember(spec, plan, { name: "c", zone: "us-west-2a", address: "172.20.0.99" });

  expect(moved.survives.zones).toEqual(["us-west-2b", "us-west-2c"]);
});
