import { expect, test } from "vitest";
import { isWhole, untilDone } from "../crash-sweep/flow.ts";
import { openWorld } from "../crash-sweep/world.ts";

const CLUSTERS = 100;
/** Created at a time: more would only wait for the same two processors. */
const AT_ONCE = 4;
/** 100 clusters have 300 masters: heartbeats by hundreds, tables and lists by pages, and room for a page more of each. */
const CALLS_A_RECONCILE = 40;

test(`a reconcile run over ${CLUSTERS} clusters needs at most ${CALLS_A_RECONCILE} calls, and finds nothing to repair`, async () => {
  await using world = await openWorld(console.log);
  const waiting = Array.from({ length: CLUSTERS }, () => world.newName());
  const startedAt = performance.now();

  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        await world.create(name);
        await untilDone(world, name, isWhole);
      }
    }),
  );
  const created = performance.now() - startedAt;
  const calls = await world.callsDuring(() => world.reconcile());

  console.log(`${CLUSTERS} clusters in ${Math.round(created / 1000)} s; one reconcile run: ${calls.length} calls`);
  expect(calls.filter((operation) => operation === "StartExecution")).toEqual([]);
  expect(calls.length).toBeLessThanOrEqual(CALLS_A_RECONCILE);
}, 1_800_000);
