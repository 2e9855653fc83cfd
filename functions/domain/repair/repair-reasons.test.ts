import { expect, test } from "vitest";
import {
  damaged,
  detached,
  doubted,
  expiring,
  foreign,
  full,
  gone,
  held,
  hung,
  kubeletDead,
  learner,
  leaving,
  lost,
  moving,
  says,
  stranded,
  well,
} from "../../../test/support/member-facts.ts";
import type { MemberFacts } from "./member-facts.ts";
import { planRepair } from "./repair-plan.ts";

const crashing = (member: string): MemberFacts => ({
  ...well(member),
  answer: says(member, { healthy: false, trouble: { kind: "crashing", detail: "walpb: crc mismatch" } }),
});

test.each<[MemberFacts[], object]>([
  [[gone("a"), gone("b"), well("c")], { kind: "place", members: ["a", "b"], reason: "a, b without an instance" }],
  [
    [stranded("a"), well("b"), well("c")],
    { kind: "move", member: "a", zone: "us-west-2d", reason: "the zone of a launches no instance" },
  ],
  [
    [moving("a"), well("b"), well("c")],
    { kind: "move", member: "a", zone: "us-west-2d", reason: "the move of a was begun" },
  ],
  [
    [well("a"), detached("b"), foreign("c")],
    { kind: "reattach", members: ["b", "c"], reason: "b: vol-b was detached; c: it serves other data" },
  ],
  [
    [full("a"), full("b"), well("c")],
    {
      kind: "stuck",
      error: "SpaceExhausted",
      reason:
        "etcd has no space: a: etcd raised its alarm NOSPACE; b: etcd raised its alarm NOSPACE. It answers reads and refuses writes; a new instance would not change that",
    },
  ],
  [[doubted("a"), doubted("b"), well("c")], { kind: "wait", reason: "a, b does not answer for a moment" }],
  [
    [well("a"), held("b"), well("c")],
    {
      kind: "stuck",
      error: "VolumeHeld",
      reason: "the volume of b is attached to i-forensics, which is not this cluster's",
    },
  ],
  [
    [well("a"), held("b"), held("c")],
    {
      kind: "stuck",
      error: "VolumeHeld",
      reason:
        "the volume of b is attached to i-forensics, which is not this cluster's; the volume of c is attached to i-forensics, which is not this cluster's",
    },
  ],
  [
    [well("a"), well("b"), hung("c")],
    { kind: "replace", member: "c", reason: "etcd of c does not answer on its running instance" },
  ],
  [
    [well("a"), well("b"), crashing("c")],
    { kind: "replace", member: "c", reason: "etcd of c ends itself again and again: walpb: crc mismatch" },
  ],
  [[well("a"), well("b"), lost("c")], { kind: "renew", member: "c", reason: "the volume of c is lost" }],
  [
    [well("a"), well("b"), damaged("c")],
    { kind: "renew", member: "c", reason: "the volume of c is damaged and kept: vol-c: crc mismatch" },
  ],
  [
    [well("a"), lost("b"), lost("c")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "the data of b, c is lost and 1 of 3 members are healthy and of one mind, 2 are needed: etcd's membership is not changed without a majority. Bring the other members back, or restore the cluster from a backup",
    },
  ],
  [
    [well("a"), lost("b"), damaged("c"), damaged("d"), well("e")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "the data of b, c, d is lost (vol-c: crc mismatch; vol-d: crc mismatch) and 2 of 5 members are healthy and of one mind, 3 are needed: etcd's membership is not changed without a majority. Bring the other members back, or restore the cluster from a backup",
    },
  ],
  [
    [well("a"), hung("b"), hung("c")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "b, c not healthy on running instances and 1 of 3 members are healthy and of one mind, 2 are needed: ending one could cost what is left. Look at etcd on these hosts",
    },
  ],
  [
    [moving("a"), hung("b"), well("c")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "b not healthy on running instances and 1 of 3 members are healthy and of one mind, 2 are needed: ending one could cost what is left. Look at etcd on these hosts",
    },
  ],
  [
    [well("a"), learner("b"), hung("c")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "c not healthy on running instances and 1 of 3 members are healthy and of one mind, 2 are needed: ending one could cost what is left. Look at etcd on these hosts",
    },
  ],
  [[well("a"), well("b"), learner("c")], { kind: "promote", member: "c", reason: "c is still a learner" }],
  [
    [well("a"), { ...damaged("b"), pausing: true }, well("c")],
    { kind: "stuck", error: "CatchUpFailed", reason: "the volume of b is damaged and kept: vol-b: crc mismatch" },
  ],
  [
    [kubeletDead("a"), kubeletDead("b"), well("c")],
    {
      kind: "replace",
      member: "a",
      reason: "a: kubelet does not answer, for 61 s; b: kubelet does not answer, for 61 s",
    },
  ],
  [
    [kubeletDead("a")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason: "a: kubelet does not answer, for 61 s, and no other member could go on without it",
    },
  ],
  [
    [well("a"), leaving("b"), expiring("c")],
    { kind: "retire", member: "b", cause: "notice", reason: "EC2 Spot Instance Interruption Warning" },
  ],
  [
    [well("a"), well("b"), expiring("c")],
    { kind: "retire", member: "c", cause: "certificates", reason: "its certificates are good until …" },
  ],
  [
    [well("a"), well("b"), { ...well("c"), remains: true }],
    { kind: "discard", member: "c", reason: "c has left things in its former zone" },
  ],
])("a repair says why it does what it does: case %#", (facts, expected) => {
  expect(planRepair(facts)).toEqual(expected);
});
