import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { beginElsewhere, sideBySide } from "./side-by-side.ts";

const TEN = Array.from({ length: 10 }, (_, index) => index);

test("2: three at once, each once, in order", async () => {
  const begun: number[] = [];
  let running = 0;
  let max = 0;
  const act = async (item: number) => {
    begun.push(item);
    max = Math.max(max, ++running);
    await delay(5);
    running--;
  };

  const left = await sideBySide(TEN, act, { width: 3, mayContinue: () => true, onError: () => {} });

  expect({ begun, max, left }).toEqual({ begun: TEN, max: 3, left: [] });
});

test("2: what the time is over for is left, and named", async () => {
  const done: number[] = [];
  const act = async (item: number) => void done.push(item);

  const left = await sideBySide(TEN, act, { width: 2, mayContinue: () => done.length < 4, onError: () => {} });

  expect({ done, left }).toEqual({ done: [0, 1, 2, 3], left: [4, 5, 6, 7, 8, 9] });
});

test("2: one that fails keeps no other from its turn", async () => {
  const failed: [number, unknown][] = [];
  const error = new Error("no");
  const act = async (item: number) => {
    if (item === 4) throw error;
  };

  await sideBySide(TEN, act, { width: 3, mayContinue: () => true, onError: (...of) => void failed.push(of) });

  expect(failed).toEqual([[4, error]]);
});

test("2: it begins elsewhere each minute, and everyone is among the first after five", () => {
  const at = (minute: number) => beginElsewhere(TEN, new Date(minute * 60_000));

  expect(at(0)).toEqual(TEN);
  expect(at(1)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  expect([0, 1, 2, 3, 4].map((minute) => at(minute)[0])).toEqual([0, 2, 4, 6, 8]);
  expect(beginElsewhere([], new Date(60_000))).toEqual([]);
});
