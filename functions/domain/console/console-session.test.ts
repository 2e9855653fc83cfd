import { expect, test } from "vitest";
import { cookieOf, hashOf, isOwnPage, NO_COOKIE, secretOf, untilOf } from "./console-session.ts";

const NOW = new Date("2026-11-30T08:00:00.000Z");
const SECRET = "a".repeat(43);

test("a session ends after the hours that were asked for, at most 12, and with its token", () => {
  expect(untilOf(2, undefined, NOW)).toBe("2026-11-30T10:00:00.000Z");
  expect(untilOf(99, undefined, NOW)).toBe("2026-11-30T20:00:00.000Z");
  expect(untilOf(2, new Date("2026-11-30T08:05:00.000Z"), NOW)).toBe("2026-11-30T08:05:00.000Z");
  expect(untilOf(2, new Date("2026-12-30T08:05:00.000Z"), NOW)).toBe("2026-11-30T10:00:00.000Z");
});

test("the cookie is for this host alone, no script reads it, and no other site's page sends it", () => {
  expect(cookieOf(SECRET, "2026-11-30T08:01:00.500Z", NOW)).toBe(
    `__Host-holdfast=${SECRET}; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict`,
  );
  expect(NO_COOKIE).toBe("__Host-holdfast=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
  expect(hashOf(SECRET)).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ["one", ["a=b", `__Host-holdfast=${SECRET}`], SECRET],
  ["none", undefined, undefined],
  ["another name", [`holdfast=${SECRET}`], undefined],
  ["no secret", ["__Host-holdfast=x"], undefined],
  ["two", [`__Host-holdfast=${SECRET}`, `__Host-holdfast=${"b".repeat(43)}`], undefined],
])("of cookies: %s", (_, cookies, expected) => {
  expect(secretOf(cookies)).toBe(expected);
});

test.each([
  [{ "x-holdfast-console": "1" }, true],
  [{ "x-holdfast-console": "1", "sec-fetch-site": "same-origin" }, true],
  [{ "x-holdfast-console": "1", "sec-fetch-site": "cross-site" }, false],
  [{ "x-holdfast-console": "1", "sec-fetch-site": "same-site" }, false],
  [{ "sec-fetch-site": "same-origin" }, false],
  [{ "x-holdfast-console": "true" }, false],
])("a write with the headers %o is of our own page: %s", (headers, expected) => {
  expect(isOwnPage(headers)).toBe(expected);
});
