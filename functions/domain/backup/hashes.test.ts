import { expect, test } from "vitest";
import { compareHashes, type MemberHash, readHash } from "./hashes.ts";

function hash(member: string, value: number, compactRevision = 10): MemberHash {
  return { member, hash: value, compactRevision };
}

test.each<[string, MemberHash[], ReturnType<typeof compareHashes>]>([
  ["all agree", [hash("a", 1), hash("b", 1), hash("c", 1)], { members: ["a", "b", "c"], equal: true }],
  ["one differs", [hash("a", 1), hash("b", 2), hash("c", 1)], { members: ["a", "b", "c"], equal: false }],
  [
    "one compacted further and is left out",
    [hash("a", 1), hash("b", 2, 11), hash("c", 1)],
    { members: ["a", "c"], equal: true },
  ],
  ["all compacted differently: nothing is known", [hash("a", 1, 1), hash("b", 2, 2), hash("c", 3, 3)], null],
  ["one alone: nothing is known", [hash("a", 1)], null],
  [
    "two pairs, one of which differs",
    [hash("a", 1, 1), hash("b", 2, 1), hash("c", 3), hash("d", 3)],
    { members: ["a", "b", "c", "d"], equal: false },
  ],
])("%s", (_, answers, result) => {
  expect(compareHashes(answers)).toEqual(result);
});

test("an answer of etcdctl is read, and of one that has compacted the revision nothing", () => {
  const output =
    '[{"Endpoint":"https://127.0.0.1:2379","HashKV":{"header":{"revision":12},"hash":2871503664,"compact_revision":9,"hash_revision":11}}]\n';

  expect(readHash("a", output)).toEqual({ member: "a", hash: 2_871_503_664, compactRevision: 9 });
  expect(
    readHash("a", "Failed to get the hash: etcdserver: mvcc: required revision has been compacted\n"),
  ).toBeUndefined();
  expect(readHash("a", "[]")).toBeUndefined();
});
