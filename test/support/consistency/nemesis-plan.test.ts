import { expect, test } from "vitest";
import { planNemesis } from "./nemesis-plan.ts";

test("a seed is a plan: the same seed the same one, another seed another", () => {
  const plan = (seed: number) => planNemesis(seed).take(20).toArray();

  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
});

test("a plan never needs more repairs than an hour allows", () => {
  const lost = planNemesis(7)
    .take(1_000)
    .filter(({ action }) => action === "terminate" || action === "crash")
    .reduce((sum, { places }) => sum + places.length, 0);

  expect(lost).toBeLessThanOrEqual(23);
});

test("about half of the steps hit the leader, and few hit two members at once", () => {
  const steps = planNemesis(7).take(1_000).toArray();

  const onLeader = steps.filter(({ places }) => places.includes(0)).length;
  const onTwo = steps.filter(({ places }) => places.length === 2).length;
  expect(onLeader).toBeGreaterThan(450);
  expect(onLeader).toBeLessThan(650);
  expect(onTwo).toBeGreaterThan(80);
  expect(onTwo).toBeLessThan(180);
});
