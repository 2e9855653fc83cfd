import { expect, test } from "vitest";
import { isTooOld } from "../../scripts/newer-etcd.ts";

test.each([
  ["etcd Version: 3.4.23\nGit SHA: Not provided\n", true],
  ["etcd Version: 2.9.1\n", true],
  ["etcd Version: 3.5.9\n", true],
  ["etcd Version: 3.5.16\nGit SHA: Not provided\n", false],
  ["etcd Version: 3.10.0\n", false],
  ["etcd Version: 4.0.0\n", false],
  ["etcd: not found", true],
])("F6: hosts run at least etcd 3.5.16: %j is too old: %s", (text, expected) => {
  expect(isTooOld(text)).toBe(expected);
});
