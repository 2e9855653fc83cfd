import { expect, test } from "vitest";
import { countBootFailure } from "./boot-failures.ts";

const NOW = 1_800_000_000_000;

test("the third instance of one operation that does not boot is the last", () => {
  const first = countBootFailure(undefined, "r1", NOW);
  const second = countBootFailure(first, "r1", NOW);
  const third = countBootFailure(second, "r1", NOW);

  expect([first, second, third].map(({ giveUp }) => giveUp)).toEqual([false, false, true]);
  expect(third.retryAt - NOW).toBe(120_000);
});

test("the next operation has three tries of its own, and the pause after it is longer, up to half an hour", () => {
  const before = { operation: "r1", count: 3, givenUp: 1, retryAt: NOW };

  expect(countBootFailure(before, "r2", NOW)).toMatchObject({ count: 1, giveUp: false });
  expect(countBootFailure({ ...before, count: 2 }, "r1", NOW)).toMatchObject({ givenUp: 2, retryAt: NOW + 240_000 });
  expect(countBootFailure({ ...before, count: 2, givenUp: 9 }, "r1", NOW).retryAt).toBe(NOW + 1_800_000);
});
