import { afterAll, beforeAll, expect, test } from "vitest";
import { type Healing, startHealing } from "../support/healing.ts";
import { eventually, memberOf, type Scenario } from "../support/scenario.ts";

const NAME = "staggered.example.com";
const LONG_MS = 180_000;

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await startHealing(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function historyWith(text: RegExp): Promise<string> {
  return eventually(
    () => healing.explain(),
    (history) => text.test(history),
    LONG_MS,
  );
}

test("C5, then C1 and C2: while b waits for capacity, c is lost and then a: each comes back at once, and b with the capacity", {
  timeout: 6 * LONG_MS,
}, async () => {
  await scenario.etcdctl(NAME, "put", "before", "kept");
  await healing.fault("capacity", "exhaust", "us-west-2b");
  await healing.fault("host", "crash", `${NAME}/b`);
  await historyWith(/launch-failed +b/);

  for (const member of ["c", "a"]) {
    const former = memberOf(await scenario.cluster(NAME), member).instanceId;
    await healing.fault("host", "crash", `${NAME}/${member}`);
    const since = Date.now();
    await eventually(
      async () => memberOf(await scenario.cluster(NAME), member),
      ({ instanceId, health }) => instanceId !== former && health === "healthy",
      LONG_MS,
    );
    console.log(`${member} is back ${Math.round((Date.now() - since) / 1_000)} s after its loss`);
  }
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "before")).toBe("kept");
  await healing.fault("clear");
  await historyWith(/cluster-whole/);
  console.log(await healing.explain());
});
