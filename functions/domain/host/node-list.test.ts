import { expect, test } from "vitest";
import { readNodeList } from "./node-list.ts";

function ids(count: number) {
  return Array.from({ length: count }, (_, index) => `i-${index.toString(16).padStart(17, "0")}`).join(" ");
}

test("nodes are read by zone and state, in the order of their names", () => {
  const output = "us-west-2b True i-0b\nus-west-2a False i-0c i-0a\nus-west-2a <none> own-name=i-0d\n";

  expect(readNodeList(output)).toEqual([
    { name: "i-0a", zone: "us-west-2a", instanceId: "i-0a", ready: false },
    { name: "i-0b", zone: "us-west-2b", instanceId: "i-0b", ready: true },
    { name: "i-0c", zone: "us-west-2a", instanceId: "i-0c", ready: false },
    { name: "own-name", zone: "us-west-2a", instanceId: "i-0d", ready: false },
  ]);
});

test.each(["", "\n", "No resources found", "error: i-was here"])("what is no list has no nodes: %j", (output) => {
  expect(readNodeList(output)).toEqual([]);
});

test("M9: the thousand nodes that a cluster may have are read, in six zones and two states", () => {
  const zones = ["a", "b", "c", "d", "e", "f"].map((letter) => `us-west-2${letter}`);
  const output = zones.flatMap((zone) => [`${zone} True ${ids(83)}\n`, `${zone} Unknown ${ids(84)}\n`]).join("");

  expect(readNodeList(output)).toHaveLength(1_002);
});

test("M9: a list that Systems Manager may have cut off is none", () => {
  const line = `us-west-2a True ${ids(1_300)}`;

  expect(readNodeList(line.slice(0, 23_899)).length).toBe(1_195);
  expect(() => readNodeList(line.slice(0, 23_900))).toThrow(
    "the list of nodes is longer than the 23900 characters that can be read",
  );
  expect(() => readNodeList(`${line.slice(0, 23_980)}--output truncated--`)).toThrow("the list of nodes is longer");
});
