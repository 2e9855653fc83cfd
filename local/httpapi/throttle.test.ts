import { expect, test } from "vitest";
import { createThrottle } from "./throttle.ts";

test("a burst passes at once, then as many a second as the rate says, each route by itself", () => {
  const passes = createThrottle({ ratePerSecond: 2, burst: 3 });
  const at = (nowMs: number, route = "GET /clusters") => passes(route, nowMs);

  expect([at(0), at(0), at(0), at(0), at(400), at(500), at(501)]).toEqual([
    true,
    true,
    true,
    false,
    false,
    true,
    false,
  ]);
  expect(at(501, "POST /clusters")).toBe(true);
  expect([at(60_000), at(60_000), at(60_000), at(60_000)]).toEqual([true, true, true, false]);
});

test("without limits everything passes", () => {
  expect(createThrottle(undefined)("GET /clusters", 0)).toBe(true);
});
