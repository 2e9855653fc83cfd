import { expect, test } from "vitest";
import { counted, isOrAre } from "./counted.ts";

test("one of a kind is named in the singular", () => {
  expect([0, 1, 3].map((count) => counted(count, "master"))).toEqual(["0 masters", "1 master", "3 masters"]);
  expect([0, 1, 3].map(isOrAre)).toEqual(["are", "is", "are"]);
});
