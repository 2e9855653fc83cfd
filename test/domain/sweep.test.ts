import { expect, test } from "vitest";
import type { GroupFacts } from "../../functions/domain/group-drift.ts";
import { masterGroupName } from "../../functions/domain/naming.ts";
import { specFromFlags } from "../../functions/domain/parse-spec.ts";
import { planCluster } from "../../functions/domain/plan.ts";
import {
  type ClusterRecord,
  type MemberRecord,
  type OperationRecord,
  ownerOf,
} from "../../functions/domain/records.ts";
import { findHeldInterfaces, findStrays, judgeSweep, type SweepFacts } from "../../functions/domain/sweep.ts";

const NOW = 1_800_000_000;
const iso = (secondsAgo: number) => new Date((NOW - secondsAgo) * 1000).toISOString();

const parsed = specFromFlags([
  { flag: "--name", value: "x.example.com" },
  { flag: "--zones", value: "us-west-2a" },
]);
if (!parsed.ok) throw new Error("the spec of this test is wrong");
const cluster: ClusterRecord = {
  name: "x.example.com",
  uid: "u1",
  status: "ACTIVE",
  reason: null,
  spec: parsed.spec,
  plan: planCluster(parsed.spec).plan,
  operation: null,
  leader: "a",
  nodes: [],
  createdAt: iso(9_000),
  updatedAt: iso(9_000),
};
const member: MemberRecord = {
  member: "a",
  volumeId: "vol-1",
  interfaceId: "eni-1",
  instanceId: "i-1",
  generation: 1,
  health: "healthy",
  observedAt: iso(9_000),
};
const beat = { uid: "u1", member: "a", instanceId: "i-1", healthy: true, since: NOW - 5_000, at: NOW - 20 };
const running: OperationRecord = {
  id: "repair-a-i-0",
  cluster: "x.example.com",
  kind: "repair",
  status: "RUNNING",
  leaseUntil: (NOW + 60) * 1000,
  startedAt: iso(30),
  finishedAt: null,
  steps: {},
  error: null,
};
const group: GroupFacts = {
  name: masterGroupName(ownerOf(cluster), "a"),
  uid: "u1",
  minSize: 1,
  maxSize: 1,
  desired: 1,
  suspended: [],
  instances: [{ instanceId: "i-1", lifecycleState: "InService", healthy: true }],
};
const groupIs = (change: Partial<GroupFacts>) => ({ groups: new Map([[group.name, { ...group, ...change }]]) });
const other: MemberRecord = { ...member, member: "b", instanceId: "i-2", volumeId: "vol-2" };
const noticed: MemberRecord = {
  ...member,
  notice: { instanceId: "i-1", kind: "rebalance", toldBy: "EC2 Instance Rebalance Recommendation", receivedAt: iso(9) },
};
const pair = {
  running: new Set(["i-1", "i-2"]),
  volumes: new Map([
    ["vol-1", "i-1"],
    ["vol-2", "i-2"],
  ]),
  beats: [beat, { ...beat, member: "b", instanceId: "i-2" }],
};
const expiringIn = (days: number) => [{ ...beat, certificatesUntil: NOW + days * 86_400 }, ...pair.beats.slice(1)];
const well: SweepFacts = {
  cluster,
  members: [member],
  operation: undefined,
  running: new Set(["i-1"]),
  volumes: new Map([["vol-1", "i-1"]]),
  interfaces: new Map(),
  untagged: new Set(),
  groups: new Map([[group.name, group]]),
  beats: [beat],
};
const known: ClusterRecord = { ...cluster, etcdClusterId: "18446744073709551615" };
const died = { ...running, leaseUntil: (NOW - 1) * 1000 };

const eni = { id: "eni-1", groups: ["sg-1"], instanceId: "i-1", tags: { "holdfast:uid": "u1" } };
const network = { vpcId: "", internetGatewayId: "", subnets: {}, masterGroupId: "sg-1", nodeGroupId: "sg-2" };
const interfaceIs = (change: Partial<typeof eni>): Partial<SweepFacts> => ({
  cluster: { ...cluster, network },
  interfaces: new Map([["eni-1", { ...eni, ...change }]]),
});

test.each<[string, Partial<SweepFacts>, string]>([
  ["H4: its interface has the groups of the record", interfaceIs({}), "well"],
  ["H4: its interface was taken out of the masters' group", interfaceIs({ groups: ["sg-3"] }), "repair"],
  ["H4: its interface was put into another group, too", interfaceIs({ groups: ["sg-1", "sg-3"] }), "repair"],
  ["R6: its volume has lost its tags", { untagged: new Set(["vol-1"]) }, "repair"],
  ["R6: its interface has lost its tags", { untagged: new Set(["eni-1"]) }, "repair"],
  ["everything is as it should be", {}, "well"],
  ["C10: somebody set the group's size to 2", groupIs({ maxSize: 2, desired: 2 }), "repair"],
  ["C6: its group may not launch", groupIs({ suspended: [{ process: "Launch", reason: "24 h" }] }), "repair"],
  ["C10: the instance was detached: told, not touched", groupIs({ instances: [] }), "well"],
  ["E8: it will lose its instance, and the others are well", { members: [noticed, other], ...pair }, "repair"],
  [
    "E8: it will lose its instance, and another is not well",
    { members: [noticed, { ...other, health: "unhealthy" }], ...pair },
    "well",
  ],
  ["E8: the only master will lose its instance", { members: [noticed] }, "well"],
  ["its certificates have 61 days left", { members: [member, other], ...pair, beats: expiringIn(61) }, "well"],
  ["its certificates have 59 days left", { members: [member, other], ...pair, beats: expiringIn(59) }, "repair"],
  [
    "its certificates have 59 days left, and another is not well",
    { members: [member, { ...other, health: "unhealthy" }], ...pair, beats: expiringIn(59) },
    "well",
  ],
  ["certificates of the only master have 15 days left", { beats: expiringIn(15).slice(0, 1) }, "well"],
  ["certificates of the only master have 13 days left", { beats: expiringIn(13).slice(0, 1) }, "repair"],
  [
    "the notice was about a former instance",
    {
      members: [{ ...noticed, instanceId: "i-2" }, other],
      ...pair,
      volumes: new Map([...pair.volumes, ["vol-1", "i-2"]]),
      beats: [
        { ...beat, instanceId: "i-2" },
        { ...beat, member: "b", instanceId: "i-2" },
      ],
    },
    "well",
  ],
  ["an instance is gone", { running: new Set() }, "repair"],
  [
    "what it had in a former zone is still there",
    {
      members: [
        { ...member, remains: [{ zone: "us-west-2b", volumeId: "vol-0", interfaceId: null, retryAt: NOW * 1000 }] },
      ],
    },
    "repair",
  ],
  [
    "what it had in a former zone was in use a moment ago",
    {
      members: [
        {
          ...member,
          remains: [{ zone: "us-west-2b", volumeId: "vol-0", interfaceId: null, retryAt: (NOW + 60) * 1000 }],
        },
      ],
    },
    "well",
  ],
  ["a volume is gone", { volumes: new Map() }, "repair"],
  ["U7: its volume is attached to no instance", { volumes: new Map([["vol-1", null]]) }, "repair"],
  ["U7: its volume is attached to another instance", { volumes: new Map([["vol-1", "i-9"]]) }, "repair"],
  ["U1: it serves its own volume", { beats: [{ ...beat, volumeId: "vol-1" }] }, "well"],
  ["U1: it serves another volume", { beats: [{ ...beat, volumeId: "vol-9" }] }, "repair"],
  ["U1: its cluster's id is not known yet", { beats: [{ ...beat, clusterId: "18446744073709551615" }] }, "well"],
  ["U1: it serves its cluster", { cluster: known, beats: [{ ...beat, clusterId: "18446744073709551615" }] }, "well"],
  [
    "U1: it serves another cluster",
    { cluster: known, beats: [{ ...beat, clusterId: "18446744073709551614" }] },
    "repair",
  ],
  ["etcd is not healthy for a minute", { beats: [{ ...beat, healthy: false, since: NOW - 60 }] }, "repair"],
  ["etcd is not healthy for a moment", { beats: [{ ...beat, healthy: false, since: NOW - 10 }] }, "well"],
  [
    "kubelet is dead for two minutes",
    { beats: [{ ...beat, kubernetes: false, kubernetesSince: NOW - 120 }] },
    "repair",
  ],
  ["kubelet is started again", { beats: [{ ...beat, kubernetes: false, kubernetesSince: NOW - 20 }] }, "well"],
  ["a host is silent for five minutes", { beats: [{ ...beat, at: NOW - 300 }] }, "repair"],
  ["a new host has not spoken yet", { members: [{ ...member, observedAt: iso(20) }], beats: [] }, "well"],
  ["a host never spoke", { beats: [] }, "repair"],
  ["the beat is of the instance before, and the new one is old", { beats: [{ ...beat, instanceId: "i-0" }] }, "repair"],
  ["another cluster's beat says nothing here", { beats: [{ ...beat, uid: "u2" }] }, "repair"],
  ["a repair is at work", { operation: running, running: new Set() }, "leave"],
  ["the repair at work died", { operation: died }, "repair"],
  [
    "the creation died",
    { cluster: { ...cluster, status: "CREATING" }, operation: { ...died, kind: "create" } },
    "end-operation",
  ],
  [
    "the deletion died",
    { cluster: { ...cluster, status: "DELETING" }, operation: { ...died, kind: "delete" } },
    "end-operation",
  ],
  [
    "masters end during a deletion",
    { cluster: { ...cluster, status: "DELETING" }, operation: running, running: new Set() },
    "leave",
  ],
  ["a cluster that failed is not touched", { cluster: { ...cluster, status: "FAILED" }, running: new Set() }, "leave"],
  ["it was degraded long ago", { cluster: { ...cluster, status: "DEGRADED" } }, "repair"],
  [
    "it was looked at a moment ago",
    { cluster: { ...cluster, status: "DEGRADED", updatedAt: iso(20) }, running: new Set() },
    "leave",
  ],
])("%s", (_, change, kind) => {
  expect(judgeSweep({ ...well, ...change }, NOW).kind).toBe(kind);
});

test("everything that is wrong stands in the reason", () => {
  const verdict = judgeSweep({ ...well, running: new Set() }, NOW);

  expect(verdict).toEqual({ kind: "repair", reason: "master a has no running instance" });
});

test.each<[string, Partial<SweepFacts>, string[]]>([
  ["C10: an instance that was detached from its group runs on", groupIs({ instances: [] }), ["i-1"]],
  [
    "C10: so does one on standby",
    groupIs({ instances: [{ instanceId: "i-1", lifecycleState: "Standby", healthy: true }] }),
    ["i-1"],
  ],
  ["one in service is no stray", {}, []],
  ["one that has ended is none", { ...groupIs({ instances: [] }), running: new Set() }, []],
])("%s", (_, change, expected) => {
  expect(findStrays({ ...well, ...change }).map(({ instanceId }) => instanceId)).toEqual(expected);
});

test("H4: an interface that another instance holds is found, one of a master that is not on record yet is not", () => {
  expect(findHeldInterfaces({ ...well, ...interfaceIs({ instanceId: "i-9" }) })).toEqual([
    { member: "a", interfaceId: "eni-1", instanceId: "i-9" },
  ]);
  const launched = { ...well, ...interfaceIs({ instanceId: "i-9" }), running: new Set(["i-1", "i-9"]) };
  expect(findHeldInterfaces(launched)).toEqual([]);
  expect(findHeldInterfaces({ ...well, ...interfaceIs({}) })).toEqual([]);
});

test.each<[string, Partial<SweepFacts>, string]>([
  ["detached", { volumes: new Map([["vol-1", null]]) }, "the volume vol-1 of master a was detached from i-1"],
  [
    "attached elsewhere",
    { volumes: new Map([["vol-1", "i-9"]]) },
    "the volume vol-1 of master a was detached from i-1 and is attached to i-9",
  ],
  [
    "another volume",
    { beats: [{ ...beat, volumeId: "vol-9" }] },
    "master a: it serves the data of volume vol-9, and its volume is vol-1",
  ],
  [
    "another cluster",
    { cluster: known, beats: [{ ...beat, clusterId: "7" }] },
    "master a: it serves the data of the etcd cluster 7, and belongs to 18446744073709551615",
  ],
])("U7: the cause by its name: %s", (_, change, reason) => {
  expect(judgeSweep({ ...well, ...change }, NOW)).toEqual({ kind: "repair", reason });
});
