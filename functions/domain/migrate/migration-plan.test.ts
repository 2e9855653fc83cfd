import { describe, expect, test } from "vitest";
import { nextBatch, planMigration, type Slot } from "./migration-plan.ts";
import type { SlotChange } from "./migration-records.ts";

function slots(text: string): Slot[] {
  return text === "" ? [] : text.split(" ").map((each) => ({ slot: each.slice(0, -1), zone: each.slice(-1) }));
}

/** `+bB`: grow, slot b in zone B; `+dD-aA`: swap; `-cC`: shrink. */
function shown(changes: readonly SlotChange[]): string {
  return changes
    .map(({ change, slot, zone, replaces }) =>
      change === "shrink" ? `-${slot}${zone}` : `+${slot}${zone}${replaces === undefined ? "" : `-${replaces}`}`,
    )
    .join(" ");
}

describe("from one set of slots to another", () => {
  test.each([
    ["one master to three", "aA", "A B C", "", "+bB +cC"],
    ["three masters to five", "aA bB cC", "A B C A B", "", "+dA +eB"],
    ["one master to five", "aA", "A B C A B", "", "+bB +cC +dA +eB"],
    ["five masters to three", "aA bB cC dA eB", "A B C", "", "-dA -eB"],
    ["three masters to one", "aA bB cC", "B", "", "-aA -cC"],
    ["nothing to do, in whatever order", "aA bB cC", "C A B", "", ""],
    ["one zone for another", "aA bB cC", "B C D", "", "+dD-a"],
    ["one master to another zone", "aA", "D", "", "+bD-a"],
    ["all zones for others", "aA bB cC", "D E F", "", "+dD-a +eE-b +fF-c"],
    ["one master to three in other zones: it goes last", "aA", "B C D", "", "+bB +cC +dD-a"],
    ["three masters to one in another zone: it comes first", "aA bB cC", "D", "", "+dD-a -bB -cC"],
    ["a letter that was in use is not taken again", "aA", "A B C", "b c", "+dB +eC"],
    ["after z come two letters", "aA", "A B C", "y", "+zB +aaC"],
    ["two letters are after one", "zA aaA abB", "A", "", "-aaA -abB"],
  ])("%s: %s to %s", (_, current, wanted, retired, expected) => {
    const changes = planMigration(slots(current), wanted.split(" "), retired === "" ? [] : retired.split(" "));

    expect(shown(changes)).toBe(expected);
  });
});

describe("what is changed together", () => {
  const changes = planMigration(slots("aA bB cC"), ["A", "B", "C", "A", "B"]);

  test.each([
    ["two new slots", slots("aA"), ["A", "B", "C", "A", "B"], [], "+bB +cC"],
    ["the next two", slots("aA"), ["A", "B", "C", "A", "B"], ["b", "c"], "+dA +eB"],
    ["a single one that is left", slots("aA"), ["A", "B", "C"], ["b"], "+cC"],
    ["a swap alone", slots("aA bB cC"), ["D", "E", "C"], [], "+dD-a"],
    ["new slots before a swap", slots("aA"), ["B", "C", "D"], [], "+bB +cC"],
    ["two that go", slots("aA bB cC"), ["B"], [], "-aA -cC"],
    ["nothing", slots("aA"), ["A"], [], ""],
  ])("%s", (_, current, wanted, done, expected) => {
    const all = planMigration(current, wanted);
    const batch = nextBatch(
      all,
      all.filter(({ slot }) => done.includes(slot)),
    );

    expect(shown(batch?.changes ?? [])).toBe(expected);
  });

  test("nothing is left when all is done", () => {
    expect(nextBatch(changes, changes)).toBeUndefined();
  });
});
