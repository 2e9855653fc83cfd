import { expect, test } from "vitest";
import {
  damaged,
  detached,
  expiring,
  foreign,
  full,
  gone,
  healthy,
  held,
  hung,
  inDoubt,
  kubeletDead,
  learner,
  leaving,
  lost,
  moving,
  says,
  stranded,
} from "../../../test/support/member-facts.ts";
import type { MemberFacts } from "./member-facts.ts";
import { planRepair } from "./repair-plan.ts";

function crashing(member: string): MemberFacts {
  return {
    ...healthy(member),
    answer: says(member, { healthy: false, trouble: { kind: "crashing", detail: "walpb: crc mismatch" } }),
  };
}

test.each<[MemberFacts[], object]>([
  [[gone("a"), gone("b"), healthy("c")], { kind: "place", members: ["a", "b"], reason: "a, b without an instance" }],
  [
    [stranded("a"), healthy("b"), healthy("c")],
    { kind: "move", member: "a", zone: "us-west-2d", reason: "the zone of a launches no instance" },
  ],
  [
    [moving("a"), healthy("b"), healthy("c")],
    { kind: "move", member: "a", zone: "us-west-2d", reason: "the move of a was begun" },
  ],
  [
    [healthy("a"), detached("b"), foreign("c")],
    { kind: "reattach", members: ["b", "c"], reason: "b: vol-b was detached; c: it serves other data" },
  ],
  [
    [full("a"), full("b"), healthy("c")],
    {
      kind: "stuck",
      error: "SpaceExhausted",
      reason:
        "etcd has no space: a: etcd raised its alarm NOSPACE; b: etcd raised its alarm NOSPACE. It answers reads and refuses writes; a new instance would not change that",
    },
  ],
  [[inDoubt("a"), inDoubt("b"), healthy("c")], { kind: "wait", reason: "a, b does not answer for a moment" }],
  [
    [healthy("a"), held("b"), healthy("c")],
    {
      kind: "stuck",
      error: "VolumeHeld",
      reason: "the volume of b is attached to i-forensics, which is not this cluster's",
    },
  ],
  [
    [healthy("a"), held("b"), held("c")],
    {
      kind: "stuck",
      error: "VolumeHeld",
      reason:
        "the volume of b is attached to i-forensics, which is not this cluster's; the volume of c is attached to i-forensics, which is not this cluster's",
    },
  ],
  [
    [healthy("a"), healthy("b"), hung("c")],
    { kind: "replace", member: "c", reason: "etcd of c does not answer on its running instance" },
  ],
  [
    [healthy("a"), healthy("b"), crashing("c")],
    { kind: "replace", member: "c", reason: "etcd of c ends itself again and again: walpb: crc mismatch" },
  ],
  [[healthy("a"), healthy("b"), lost("c")], { kind: "renew", member: "c", reason: "the volume of c is lost" }],
  [
    [healthy("a"), healthy("b"), damaged("c")],
    { kind: "renew", member: "c", reason: "the volume of c is damaged and kept: vol-c: crc mismatch" },
  ],
  [
    [healthy("a"), lost("b"), lost("c")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "the data of b, c is lost and 1 of 3 members are healthy and of one mind, 2 are needed: etcd's membership is not changed without a majority. Bring the other members back, or restore the cluster from a backup.",
    },
  ],
  [
    [healthy("a"), lost("b"), damaged("c"), damaged("d"), healthy("e")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "the data of b, c, d is lost (vol-c: crc mismatch; vol-d: crc mismatch) and 2 of 5 members are healthy and of one mind, 3 are needed: etcd's membership is not changed without a majority. Bring the other members back, or restore the cluster from a backup.",
    },
  ],
  [
    [healthy("a"), hung("b"), hung("c")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "b, c not healthy on running instances and 1 of 3 members are healthy and of one mind, 2 are needed: ending one could cost what is left. Look at etcd on these hosts.",
    },
  ],
  [
    [moving("a"), hung("b"), healthy("c")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "b not healthy on running instances and 1 of 3 members are healthy and of one mind, 2 are needed: ending one could cost what is left. Look at etcd on these hosts.",
    },
  ],
  [
    [healthy("a"), learner("b"), hung("c")],
    {
      kind: "stuck",
      error: "QuorumAtRisk",
      reason:
        "c not healthy on running instances and 1 of 3 members are healthy and of one mind, 2 are needed: ending one could cost what is left. Look at etcd on these hosts.",
    },
  ],
  [[healthy("a"), healthy("b"), learner("c")], { kind: "promote", member: "c", reason: "c is still a learner" }],
  [
    [healthy("a"), { ...damaged("b"), pausing: true }, healthy("c")],
    { kind: "stuck", error: "CatchUpFailed", reason: "the volume of b is damaged and kept: vol-b: crc mismatch" },
  ],
  [
    [kubeletDead("a"), kubeletDead("b"), healthy("c")],
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
      reason: "a: kubelet does not answer, for 61 s, and no other member could continue without it",
    },
  ],
  [
    [healthy("a"), leaving("b"), expiring("c")],
    { kind: "retire", member: "b", cause: "interruption", reason: "EC2 Spot Instance Interruption Warning" },
  ],
  [
    [healthy("a"), healthy("b"), expiring("c")],
    { kind: "retire", member: "c", cause: "certificates", reason: "its certificates are good until …" },
  ],
  [
    [healthy("a"), healthy("b"), { ...healthy("c"), formerResources: true }],
    { kind: "clean-up", member: "c", reason: "c has former resources in another zone" },
  ],
])("a repair says why it does what it does: case %#", (facts, expected) => {
  expect(planRepair(facts)).toEqual(expected);
});
