import { expect, test } from "vitest";
import { parseFilterPattern } from "./filter-pattern.ts";

const EVENT =
  '{"level":"ERROR","status":"403","ms":12,"cluster":{"name":"prod"},"zones":["a","b"],"gone":null,"ok":true}';

test.each([
  ["ERROR", EVENT, true],
  ["error", EVENT, false],
  ["ERROR prod", EVENT, true],
  ["ERROR -prod", EVENT, false],
  ["?nothing ?prod", EVENT, true],
  ['"not ready"', "it is not ready", true],
  ['"not ready"', "ready or not", false],
  ["%4\\d\\d%", "answered 403", true],
  ['{ $.level = "ERROR" }', EVENT, true],
  ["{ $.level = ERR* }", EVENT, true],
  ["{ $.level != ERROR }", EVENT, false],
  ["{ $.status = 4* }", EVENT, true],
  ["{ $.ms > 10 && $.ms <= 12 }", EVENT, true],
  ["{ ($.ms > 100) || ($.cluster.name = prod) }", EVENT, true],
  ["{ $.zones[*] = b }", EVENT, true],
  ["{ $.zones[0] = b }", EVENT, false],
  ["{ $.gone IS NULL }", EVENT, true],
  ["{ $.ok IS TRUE }", EVENT, true],
  ["{ $.level EXISTS }", EVENT, true],
  ["{ $.nothing NOT EXISTS }", EVENT, true],
  ["{ $.level = %^E% }", EVENT, true],
  ["{ $.level = ERROR }", "ERROR, but no JSON", false],
  ["", "anything", true],
])("the pattern %s of %s: %s", (pattern, message, expected) => {
  expect(parseFilterPattern(pattern)(message)).toBe(expected);
});

test.each(["{ $.level = }", "{ level = 1 }", "{ $.level ~ 1 }", "[ip, user]", "{ $.a = 1", "%(%"])(
  "%s is refused as a pattern",
  (pattern) => {
    expect(() => parseFilterPattern(pattern)).toThrow(expect.objectContaining({ code: "InvalidParameterException" }));
  },
);
