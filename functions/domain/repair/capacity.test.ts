import { expect, test } from "vitest";
import { isInsufficientCapacity, nextSize } from "./capacity.ts";

test.each([
  [
    "We currently do not have sufficient t3.medium capacity in the Availability Zone you requested (us-west-2a). Launching EC2 instance failed.",
    true,
  ],
  ["InsufficientInstanceCapacity: try later", true],
  ["Interface: [eni-1] in use. Launching EC2 instance failed.", false],
  ["You are not authorized to perform this operation.", false],
])("%s", (message, expected) => {
  expect(isInsufficientCapacity(message)).toBe(expected);
});

test("types follow one another, and the first comes after the last", () => {
  const sizes = ["t3.medium", "t3.large", "m6i.large"];

  expect(sizes.map((size) => nextSize(sizes, size))).toEqual(["t3.large", "m6i.large", "t3.medium"]);
});

test("without another type there is no next one", () => {
  expect(nextSize(["t3.medium"], "t3.medium")).toBeUndefined();
});
