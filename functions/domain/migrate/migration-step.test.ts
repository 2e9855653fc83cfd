import { describe, expect, test } from "vitest";
import { planMigration, type Slot } from "./migration-plan.ts";
import { type MigrationFacts, planBackOut, planMigrationStep, type SlotFacts } from "./migration-step.ts";

const [A, B, C]: Slot[] = [
  { slot: "a", zone: "A" },
  { slot: "b", zone: "B" },
  { slot: "c", zone: "C" },
];

/** A member as any other. */
function full(slot: string, change: Partial<SlotFacts> = {}): SlotFacts {
  return { slot, record: "full", prepared: true, running: true, placed: true, etcd: "voter", ...change };
}

/** A new slot, as far as it has come. */
function joining(slot: string, come: "prepared" | "running" | "learner" | "placed"): SlotFacts {
  const etcd = come === "learner" || come === "placed" ? "learner" : "none";
  return { slot, record: "joining", prepared: true, running: come !== "prepared", placed: come === "placed", etcd };
}

/** Its instance is gone. */
const LOST = { running: false, placed: false };

function leaving(slot: string, etcd: SlotFacts["etcd"]): SlotFacts {
  return full(slot, { record: "leaving", etcd });
}

const NO_BACKUP = {};

interface Case {
  readonly from: readonly (Slot | undefined)[];
  readonly to: string;
  readonly slots: readonly SlotFacts[];
  readonly migration?: Partial<MigrationFacts["migration"]>;
  readonly etcdAnswers?: boolean;
}

function facts({ from, to, slots, migration = {}, etcdAnswers = true }: Case): MigrationFacts {
  const changes = planMigration(
    from.filter((slot) => slot !== undefined),
    to.split(" "),
  );
  return {
    migration:
      migration === NO_BACKUP
        ? { changes, done: [] }
        : { changes, done: [], backup: "b-1", maxLearners: 2, provided: ["A", "B", "C", "D"], ...migration },
    slots,
    etcdAnswers,
  };
}

function shown(action: object): string {
  return Object.values(action)
    .map((value) => (Array.isArray(value) ? value.join(",") : String(value)))
    .join(" ")
    .trim();
}

const GROW = { from: [A], to: "A B C" };
const SWAP = { from: [A, B, C], to: "B C D" };
const SHRINK = { from: [A, B, C], to: "A" };

describe("the next action, from one master to three", () => {
  const one = full("a");

  test.each<[string, Case, string]>([
    ["a backup comes first", { ...GROW, slots: [one], migration: NO_BACKUP }, "backup"],
    ["then the zones", { ...GROW, slots: [one], migration: { provided: ["A"] } }, "zones b,c B,C"],
    ["then what outlives instances", { ...GROW, slots: [one] }, "prepare b,c"],
    [
      "one that was begun is begun again",
      { ...GROW, slots: [one, { ...joining("b", "prepared"), prepared: false }] },
      "prepare b,c",
    ],
    [
      "both instances, before etcd hears of one",
      { ...GROW, slots: [one, joining("b", "running"), joining("c", "prepared")] },
      "launch c",
    ],
    ["both as learners", { ...GROW, slots: [one, joining("b", "running"), joining("c", "running")] }, "learn b,c"],
    [
      "the second, after a crash between",
      { ...GROW, slots: [one, joining("b", "learner"), joining("c", "running")] },
      "learn c",
    ],
    [
      "volumes only when etcd knows both",
      { ...GROW, slots: [one, joining("b", "learner"), joining("c", "learner")] },
      "place b,c",
    ],
    [
      "not before both have joined",
      { ...GROW, slots: [one, joining("b", "placed"), joining("c", "learner")] },
      "place c",
    ],
    ["both votes together", { ...GROW, slots: [one, joining("b", "placed"), joining("c", "placed")] }, "promote b,c"],
    [
      "the other vote, after a crash between",
      { ...GROW, slots: [one, full("b"), joining("c", "placed")] },
      "promote c",
    ],
    ["API servers and targets", { ...GROW, slots: [one, full("b"), full("c")] }, "admit b,c"],
    [
      "of one that is missing",
      { ...GROW, slots: [one, full("b"), full("c")], migration: { admitted: ["b"] } },
      "admit c",
    ],
    [
      "the new set is written down",
      { ...GROW, slots: [one, full("b"), full("c")], migration: { admitted: ["b", "c"] } },
      "complete b,c",
    ],
    [
      "the old master is lost between the votes",
      { ...GROW, slots: [full("a", LOST), full("b"), joining("c", "placed")], etcdAnswers: false },
      "heal a",
    ],
    [
      "a new voter is lost",
      { ...GROW, slots: [one, full("b", LOST), joining("c", "placed")], etcdAnswers: false },
      "heal b",
    ],
    [
      "a learner loses its instance",
      { ...GROW, slots: [one, { ...joining("b", "learner"), ...LOST }, joining("c", "placed")] },
      "place b",
    ],
    ["nobody answers", { ...GROW, slots: [one], etcdAnswers: false }, "wait no master says who is a member of etcd"],
  ])("%s", (_, given, expected) => {
    expect(shown(planMigrationStep(facts(given)))).toBe(expected);
  });

  test.each<[string, Case, string]>([
    [
      "both instances run first",
      { ...GROW, slots: [one, joining("b", "running"), joining("c", "prepared")] },
      "launch c",
    ],
    ["one learner", { ...GROW, slots: [one, joining("b", "running"), joining("c", "running")] }, "learn b"],
    ["is placed", { ...GROW, slots: [one, joining("b", "learner"), joining("c", "running")] }, "place b"],
    ["and votes", { ...GROW, slots: [one, joining("b", "placed"), joining("c", "running")] }, "promote b"],
    ["then the other", { ...GROW, slots: [one, full("b"), joining("c", "running")] }, "learn c"],
  ])("where etcd allows one learner: %s", (_, given, expected) => {
    expect(shown(planMigrationStep(facts({ ...given, migration: { maxLearners: 1 } })))).toBe(expected);
  });
});

describe("the next action, from one zone to another", () => {
  const [b, c] = [full("b"), full("c")];

  test.each<[string, Case, string]>([
    ["a new slot", { ...SWAP, slots: [full("a"), b, c] }, "prepare d"],
    [
      "votes, and the former goes at once",
      { ...SWAP, slots: [full("a"), b, c, joining("d", "placed")] },
      "promote d a",
    ],
    ["the former goes, after a crash between", { ...SWAP, slots: [full("a"), b, c, full("d")] }, "promote  a"],
    [
      "the new API server is a target before the former goes",
      { ...SWAP, slots: [leaving("a", "none"), b, c, full("d")] },
      "admit d",
    ],
    [
      "what the former had goes",
      { ...SWAP, slots: [leaving("a", "none"), b, c, full("d")], migration: { admitted: ["d"] } },
      "retire a",
    ],
    ["done", { ...SWAP, slots: [b, c, full("d")], migration: { admitted: ["d"] } }, "complete d"],
    ["another master is lost: it comes first", { ...SWAP, slots: [full("a"), full("b", LOST), c] }, "heal b"],
  ])("%s", (_, given, expected) => {
    expect(shown(planMigrationStep(facts(given)))).toBe(expected);
  });
});

describe("the next action, from three masters to one", () => {
  const a = full("a");

  test.each<[string, Case, string]>([
    ["both leave etcd together", { ...SHRINK, slots: [a, full("b"), full("c")] }, "remove b,c"],
    [
      "the second, after a crash between",
      { ...SHRINK, slots: [a, leaving("b", "none"), leaving("c", "voter")] },
      "remove c",
    ],
    ["before an instance ends", { ...SHRINK, slots: [a, leaving("b", "none"), leaving("c", "none")] }, "retire b,c"],
    ["what is left of one", { ...SHRINK, slots: [a, leaving("c", "none")] }, "retire c"],
    ["done", { ...SHRINK, slots: [a] }, "complete b,c"],
    [
      "a master that goes needs no instance",
      { ...SHRINK, slots: [a, leaving("b", "none"), { ...leaving("c", "voter"), ...LOST }] },
      "remove c",
    ],
  ])("%s", (_, given, expected) => {
    expect(shown(planMigrationStep(facts(given)))).toBe(expected);
  });

  test("all changes are done", () => {
    const { migration, ...rest } = facts({ ...SHRINK, slots: [a] });
    const done = { ...migration, done: [...(migration.changes ?? [])] };

    expect(planMigrationStep({ ...rest, migration: done })).toEqual({ kind: "finish" });
  });
});

describe("what is taken back when a migration stops", () => {
  test.each<[string, Case, string]>([
    [
      "new slots that etcd does not know",
      { ...GROW, slots: [full("a"), joining("b", "running"), joining("c", "prepared")] },
      "back-out b,c",
    ],
    ["learners", { ...GROW, slots: [full("a"), joining("b", "placed"), joining("c", "learner")] }, "back-out b,c"],
    ["one that was made", { ...GROW, slots: [full("a"), joining("b", "prepared")] }, "back-out b"],
    [
      "nothing, once one votes",
      { ...GROW, slots: [full("a"), full("b"), joining("c", "placed")] },
      "keep master b votes already",
    ],
    [
      "of a swap, the new slot",
      { ...SWAP, slots: [leaving("a", "voter"), full("b"), full("c"), joining("d", "placed")] },
      "back-out d a",
    ],
    [
      "nothing, once the former has left",
      { ...SHRINK, slots: [full("a"), leaving("b", "none"), leaving("c", "voter")] },
      "keep master b has left etcd already",
    ],
    [
      "one that was to leave stays",
      { ...SHRINK, slots: [full("a"), leaving("b", "voter"), leaving("c", "voter")] },
      "back-out  b,c",
    ],
    [
      "nothing, while nobody answers",
      { ...GROW, slots: [full("a")], etcdAnswers: false },
      "keep no master says who is a member of etcd",
    ],
  ])("%s", (_, given, expected) => {
    expect(shown(planBackOut(facts(given)))).toBe(expected);
  });
});
