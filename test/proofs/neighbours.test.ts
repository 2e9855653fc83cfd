import { expect, test } from "vitest";
import { compareInventories, takeInventory } from "../support/inventory.ts";
import { attackFamily, type Family, familiesOf, pairsIn } from "../support/neighbour-families.ts";
import { openNeighbourhood } from "../support/neighbours.ts";
import { eventually } from "../support/scenario.ts";

const SEED = 20_261_129;
/** Eight pairs each. */
const FAMILIES = 26;
/** That many at once: each has up to four clusters that live side by side. */
const SIDE_BY_SIDE = 3;

test(`deleting one of two clusters with names alike leaves the other untouched, seed ${SEED}`, async () => {
  await using account = await openNeighbourhood();
  const before = takeInventory(account.cloud);
  const families = familiesOf(FAMILIES, SEED);
  const startedAt = Date.now();
  const wrong: string[] = [];
  const pending = [...families];
  const work = async (): Promise<void> => {
    for (let next: Family | undefined = pending.shift(); next; next = pending.shift()) {
      wrong.push(...(await attackFamily(account, next)));
      console.log(`${families.length - pending.length} of ${families.length} families begun, ${wrong.length} wrong`);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));

  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.log(`${pairsIn(families)} pairs in ${families.length} families, ${seconds} s`);
  expect(wrong).toEqual([]);
  expect(pairsIn(families)).toBeGreaterThanOrEqual(200);
  const left = await eventually(
    async () => compareInventories(before, takeInventory(account.cloud)),
    (found) => found.length === 0,
    10_000,
  );
  expect(left).toEqual([]);
}, 1_800_000);
