import { afterAll, beforeAll, expect, test } from "vitest";
import { etcdEndpoints } from "../support/consistency/endpoints.ts";
import { type DataWatch, watchData } from "../support/data-watch.ts";
import { explain } from "../support/events.ts";
import { memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";
import { giveVolume, pullVolume } from "../support/volume-moves.ts";

const SINGLE = "single.example.com";
const THREE = "three.example.com";
const ONE_MASTER = ["create", "cluster", "--zones", "us-west-2a", "--master-zones", "us-west-2a", "--node-count", "1"];
/** Masters of one zone, so that their volumes can be attached to each other's instances. */
const ONE_ZONE = [...ONE_MASTER, "--master-count", "3"];

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
  const created = await Promise.all([
    scenario.holdfast(...ONE_MASTER, SINGLE, "--yes", "--wait"),
    scenario.holdfast(...ONE_ZONE, THREE, "--yes", "--wait"),
  ]);
  expect(created.map(({ code, stderr }) => (code === 0 ? "created" : stderr))).toEqual(["created", "created"]);
}, 400_000);
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** Whose data every member serves, from now until the test has ended. */
async function watch(name: string): Promise<DataWatch> {
  return watchData(await etcdEndpoints(scenario, await scenario.cluster(name)));
}

/** The schedule looks each minute; so long may it take until a loss is said. */
const MINUTE_MS = 60_000;

test("U1: a single master whose volume is detached never serves other data, says so and has its own back", async () => {
  const before = memberOf(await scenario.cluster(SINGLE), "a");
  await using data = await watch(SINGLE);

  const begun = Date.now();
  await pullVolume(scenario, before.volumeId);
  const healed = await memberReplaced(scenario, SINGLE, before, 3 * MINUTE_MS);

  console.log(`single: whole ${Date.now() - begun} ms after, silent for ${data.maxSilence()} ms`);
  expect(data.foreign).toEqual([]);
  expect(memberOf(healed, "a").volumeId).toBe(before.volumeId);
  expect(await explain(scenario, SINGLE)).toContain(
    `The volume ${before.volumeId} of master a was detached from ${before.instanceId}.`,
  );
});

test("U7: two of three masters whose volumes were swapped serve nothing, and come back with their own", async () => {
  const before = await scenario.cluster(THREE);
  const [a, b] = [memberOf(before, "a"), memberOf(before, "b")];
  await using data = await watch(THREE);

  const begun = Date.now();
  await Promise.all([pullVolume(scenario, a.volumeId), pullVolume(scenario, b.volumeId)]);
  await giveVolume(scenario, a.volumeId, b.instanceId ?? "");
  await giveVolume(scenario, b.volumeId, a.instanceId ?? "");
  await memberReplaced(scenario, THREE, a, 4 * MINUTE_MS);
  const healed = await memberReplaced(scenario, THREE, b, 4 * MINUTE_MS);

  console.log(`three: whole ${Date.now() - begun} ms after, silent for ${data.maxSilence()} ms`);
  expect(data.foreign).toEqual([]);
  expect(healed.members.map(({ volumeId }) => volumeId)).toEqual(before.members.map(({ volumeId }) => volumeId));
  expect(memberOf(healed, "c").instanceId).toBe(memberOf(before, "c").instanceId);
  const reported = await explain(scenario, THREE);
  expect(reported).toContain(`The volume ${a.volumeId} of master a was detached from ${a.instanceId}`);
  expect(reported).toContain(`The volume ${b.volumeId} of master b was detached from ${b.instanceId}`);
});
