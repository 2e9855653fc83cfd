import { expect, test } from "vitest";
import { evaluateDisruption, evaluateQuorum, type MemberAnswer } from "./quorum.ts";
import {
  agreedClusterId,
  checkServedData,
  explainDetached,
  explainForeignData,
  whyWithoutData,
} from "./served-data.ts";

const OWN = { volumeId: "vol-1", clusterId: "18446744073709551615" };

function says(member: string, change: Partial<MemberAnswer> = {}): MemberAnswer {
  return {
    member,
    reachable: true,
    healthy: true,
    clusterId: "18446744073709551615",
    memberId: member,
    leaderId: "a",
    term: 2,
    ...change,
  };
}

test.each([
  ["its own", { volumeId: "vol-1", clusterId: "18446744073709551615" }, OWN, undefined],
  ["nothing that is said", {}, OWN, undefined],
  ["no cluster's", { clusterId: null }, OWN, undefined],
  ["a cluster's that is not known yet", { clusterId: "7" }, { ...OWN, clusterId: undefined }, undefined],
  ["a volume's, of a member that has none on record", { volumeId: "vol-1" }, { ...OWN, volumeId: null }, undefined],
  ["another volume's", { volumeId: "vol-2" }, OWN, "it serves the data of volume vol-2, and its volume is vol-1"],
  [
    "a cluster's whose id is the same as a number",
    { clusterId: "18446744073709551614" },
    OWN,
    "it serves the data of the etcd cluster 18446744073709551614, and belongs to 18446744073709551615",
  ],
])("a member serves the data that is %s", (_, served, own, reason) => {
  expect(explainForeignData(served, own)).toBe(reason);
});

test("votes from other data than the cluster's count for nobody", () => {
  const strange = { clusterId: "7", leaderId: "a", term: 2 };
  const answers = [says("a", strange), says("b", strange), says("c")].map((answer) => checkServedData(answer, OWN));

  expect(evaluateQuorum(answers)).toMatchObject({ size: 3, healthy: 1, needed: 2, ok: false });
  expect(evaluateDisruption(answers, "c").allowed).toBe(false);
});

test("an answer from other data is unhealthy and says why; any other stays as it was", () => {
  const strange = says("a", { clusterId: "7", trouble: { kind: "full", detail: "no space" } });

  expect(checkServedData(says("a"), OWN)).toEqual(says("a"));
  expect(checkServedData(strange, OWN)).toEqual({
    ...strange,
    healthy: false,
    trouble: {
      kind: "foreign",
      detail: "it serves the data of the etcd cluster 7, and belongs to 18446744073709551615",
    },
  });
});

test("votes from a volume that is not the member's count for nobody", () => {
  const answers = ["a", "b", "c"].map((member) =>
    says(member, member === "a" ? {} : { healthy: false, trouble: { kind: "volume", detail: "not mounted" } }),
  );

  expect(evaluateQuorum(answers)).toMatchObject({ healthy: 1, ok: false });
});

test.each([
  ["all agree", [says("a"), says("b")], 2, "18446744073709551615"],
  ["one is missing", [says("a")], 2, undefined],
  ["one is not healthy", [says("a"), says("b", { healthy: false })], 2, undefined],
  ["one says another", [says("a"), says("b", { clusterId: "7" })], 2, undefined],
  ["nobody says one", [says("a", { clusterId: null })], 1, undefined],
  ["there are no members", [], 0, undefined],
])("the cluster's id is learned when %s", (_, answers, size, id) => {
  expect(agreedClusterId(answers, size)).toBe(id);
});

const MASTER = { member: "b", volumeId: "vol-1", instanceId: "i-1" };

test.each([
  ["i-1", undefined],
  [null, "the volume vol-1 of master b was detached from i-1"],
  ["i-2", "the volume vol-1 of master b was detached from i-1 and is attached to i-2"],
])("a volume that is attached to %s", (attachedTo, reason) => {
  expect(explainDetached({ ...MASTER, attachedTo })).toBe(reason);
});

const silent = says("b", { reachable: false, healthy: false });
const noVolume = says("b", { healthy: false, trouble: { kind: "volume", detail: "volume vol-1 is not mounted" } });
const crashing = says("b", { healthy: false, trouble: { kind: "crashing", detail: "crc mismatch" } });
const foreign = checkServedData(says("b", { volumeId: "vol-2" }), OWN);

test.each([
  ["detached, and etcd does not answer", "detached", silent, false, "detached"],
  ["detached by EC2, and healthy on its own volume", "detached", says("b"), false, undefined],
  ["attached, and etcd does not answer", undefined, silent, true, undefined],
  ["attached, and not mounted for a moment", undefined, noVolume, false, undefined],
  ["attached, and not mounted for long", undefined, noVolume, true, "volume vol-1 is not mounted"],
  ["attached, and crashes for long", undefined, crashing, true, undefined],
  [
    "detached, and on another volume",
    "detached",
    foreign,
    true,
    "it serves the data of volume vol-2, and its volume is vol-1",
  ],
  ["on another volume", undefined, foreign, false, "it serves the data of volume vol-2, and its volume is vol-1"],
])("a member that is %s", (_, detached, answer, down, reason) => {
  expect(whyWithoutData({ detached, answer, down })).toBe(reason);
});
