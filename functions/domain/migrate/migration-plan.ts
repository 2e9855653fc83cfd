import type { SlotChange } from "./migration-records.ts";

export interface Slot {
  /** Its letter. */
  readonly slot: string;
  readonly zone: string;
}

/**
 * The changes from these slots to masters in these zones, one for each zone that is named. First slots are added, then
 * slots are swapped, then slots go: there are never fewer voters than before and after. `retired` letters were in use
 * once and are not taken again, so that names of members, volumes and events stay unambiguous.
 */
export function planMigration(
  current: readonly Slot[],
  wantedZones: readonly string[],
  retired: readonly string[] = [],
): SlotChange[] {
  const { leaving, missing } = compare(current, wantedZones);
  const letters = freeLetters([...current.map(({ slot }) => slot), ...retired], missing.length);
  const added = missing.map((zone, index): Slot => ({ slot: letters[index] ?? "", zone }));
  const swaps = Math.min(leaving.length, added.length);
  // The zones that are named first are grown into first; what is left of them takes the place of slots that go.
  const grown = added.slice(0, added.length - swaps);
  const swapped = added.slice(added.length - swaps);
  return [
    ...grown.map((slot): SlotChange => ({ change: "grow", ...slot })),
    ...swapped.map((slot, index): SlotChange => ({ change: "swap", ...slot, replaces: leaving[index]?.slot ?? "" })),
    ...leaving.slice(swaps).map((slot): SlotChange => ({ change: "shrink", ...slot })),
  ];
}

/** Another slot in its zone for each of `outdated`, in that order: their machines are of another type than is wanted. */
export function planReplacement(
  current: readonly Slot[],
  outdated: readonly string[],
  retired: readonly string[] = [],
): SlotChange[] {
  const slots = outdated.flatMap((name) => current.find(({ slot }) => slot === name) ?? []);
  const letters = freeLetters([...current.map(({ slot }) => slot), ...retired], slots.length);
  return slots.map(({ slot, zone }, index) => ({ change: "swap", slot: letters[index] ?? "", zone, replaces: slot }));
}

/** Slots whose zone is not wanted, or not so often; and zones that lack a slot. In a zone the first letters stay. */
function compare(current: readonly Slot[], wantedZones: readonly string[]) {
  const missing = [...wantedZones];
  const leaving = current
    .toSorted((a, b) => compareLetters(a.slot, b.slot))
    .filter(({ zone }) => {
      const index = missing.indexOf(zone);
      if (index >= 0) missing.splice(index, 1);
      return index < 0;
    });
  return { leaving, missing };
}

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];
/** `a` to `z`, then `aa` to `zz`. */
const NAMES = [...LETTERS, ...LETTERS.flatMap((first) => LETTERS.map((second) => `${first}${second}`))];

/** Letters after the last one that was in use. */
function freeLetters(used: readonly string[], count: number): string[] {
  const last = Math.max(-1, ...used.map((letter) => NAMES.indexOf(letter)));
  const free = NAMES.slice(last + 1, last + 1 + count);
  if (free.length < count) throw new RangeError(`no letter is left for another slot after ${NAMES[last]}`);
  return free;
}

function compareLetters(a: string, b: string): number {
  return a.length - b.length || a.localeCompare(b);
}

/** Changes that are made together. */
export interface Batch {
  readonly kind: SlotChange["change"];
  readonly changes: readonly SlotChange[];
}

/**
 * The next changes, together: two new slots, or two that go, so that the number of voters is even for as short as two
 * calls of etcd take. A swap is alone.
 */
export function nextBatch(changes: readonly SlotChange[], done: readonly SlotChange[]): Batch | undefined {
  const open = changes.filter(({ slot }) => !done.some((each) => each.slot === slot));
  const [first, second] = open;
  if (!first) return undefined;
  const isPair = first.change !== "swap" && second?.change === first.change;
  return { kind: first.change, changes: isPair ? [first, second] : [first] };
}
