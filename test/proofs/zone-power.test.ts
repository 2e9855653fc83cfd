import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Healing, startHealing } from "../support/healing.ts";
import { eventually, memberOf, type Scenario } from "../support/scenario.ts";

const NAME = "power.example.com";

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await startHealing(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await healing.fault("clear");
});

test("a zone without power: available throughout, degraded with the cause, whole again when it returns", async () => {
  const before = await healing.whole();
  const ids = await healing.memberIds();
  await healing.fault("zone", "power", memberOf(before, "a").zone);

  const degraded = await eventually(
    () => scenario.cluster(NAME),
    ({ status }) => status === "DEGRADED",
    60_000,
  );
  await scenario.etcdctl(NAME, "put", "zone", "out");
  await healing.fault("clear");
  const after = await healing.whole();

  expect(degraded.reason).toContain("Master a cannot be launched");
  expect(degraded.reason).toContain("capacity");
  expect(await healing.memberIds()).toEqual(ids);
  expect(memberOf(after, "a").volumeId).toBe(memberOf(before, "a").volumeId);
  expect(await scenario.etcdctl(NAME, "get", "--print-value-only", "zone")).toBe("out");
});
