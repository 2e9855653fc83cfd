import { afterAll, beforeAll, expect, test } from "vitest";
import { type Healing, startHealing } from "../support/healing.ts";
import { eventually, type Scenario } from "../support/scenario.ts";

const NAME = "staggered.example.com";
const LONG_MS = 300_000;

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await startHealing(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

test("C3 one after the other: while a repair awaits b, a and c lose their power: it brings them back before it waits for b", {
  timeout: 2 * LONG_MS,
}, async () => {
  await scenario.etcdctl(NAME, "put", "before", "kept");
  await healing.fault("host", "crash", `${NAME}/b`);
  await eventually(
    () => healing.repairs(),
    ([repair]) => repair?.steps.some(({ name, member }) => name === "Await instance" && member === "b") === true,
    LONG_MS,
  );
  await Promise.all(["a", "c"].map((member) => healing.fault("host", "crash", `${NAME}/${member}`)));
  const since = Date.now();

  await eventually(
    () => healing.explain(),
    (history) => /master-lost +a.*cluster-whole/s.test(history),
    LONG_MS,
  ).finally(async () => console.log(await healing.explain()));

  console.log(`whole ${Math.round((Date.now() - since) / 1_000)} s after the second loss`);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "before")).toBe("kept");
});
