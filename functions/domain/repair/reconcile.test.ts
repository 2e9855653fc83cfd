import { expect, test } from "vitest";
import { activeCluster } from "../../../test/support/active-cluster.ts";
import { restorationRecord } from "../../../test/support/restoration.ts";
import { masterGroupName } from "../cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, type OperationRecord, ownerOf } from "../cluster/records.ts";
import type { GroupFacts } from "../drift/group-drift.ts";
import {
  decideReconcile,
  findDetachedMasters,
  findHeldInterfaces,
  isEtcdDown,
  isOutdated,
  type ReconcileFacts,
} from "./reconcile.ts";

const NOW = 1_800_000_000;
function iso(secondsAgo: number) {
  return new Date((NOW - secondsAgo) * 1000).toISOString();
}

const cluster = activeCluster({}, iso(9_000));
const member: MemberRecord = {
  member: "a",
  volumeId: "vol-1",
  interfaceId: "eni-1",
  addressId: "eipalloc-1",
  instanceId: "i-1",
  generation: 1,
  health: "healthy",
  observedAt: iso(9_000),
};
const heartbeat = { uid: "u1", member: "a", instanceId: "i-1", healthy: true, since: NOW - 5_000, at: NOW - 20 };
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
  launchTemplateId: "lt-1",
  suspended: [],
  instances: [{ instanceId: "i-1", lifecycleState: "InService", healthy: true }],
};
function groupIs(change: Partial<GroupFacts>) {
  return { groups: new Map([[group.name, { ...group, ...change }]]) };
}

const other: MemberRecord = { ...member, member: "b", instanceId: "i-2", volumeId: "vol-2" };
const interrupted: MemberRecord = {
  ...member,
  interruption: {
    instanceId: "i-1",
    kind: "rebalance",
    detectedBy: "EC2 Instance Rebalance Recommendation",
    receivedAt: iso(9),
  },
};
const pair = {
  running: new Set(["i-1", "i-2"]),
  volumes: new Map([
    ["vol-1", "i-1"],
    ["vol-2", "i-2"],
  ]),
  heartbeats: [heartbeat, { ...heartbeat, member: "b", instanceId: "i-2" }],
};
function expiringIn(days: number) {
  return [{ ...heartbeat, certificatesUntil: NOW + days * 86_400 }, ...pair.heartbeats.slice(1)];
}

const healthy: ReconcileFacts = {
  cluster,
  members: [member],
  operation: undefined,
  running: new Set(["i-1"]),
  volumes: new Map([["vol-1", "i-1"]]),
  interfaces: new Map(),
  untagged: new Set(),
  lostTags: [],
  groups: new Map([[group.name, group]]),
  heartbeats: [heartbeat],
};
const known: ClusterRecord = { ...cluster, etcdClusterId: "18446744073709551615" };
const died = { ...running, leaseUntil: (NOW - 1) * 1000 };

const eni = {
  id: "eni-1",
  groups: ["sg-1"],
  instanceId: "i-1" as string | null,
  addressId: "eipalloc-1" as string | null,
  tags: { "holdfast:uid": "u1" },
};
const network = { vpcId: "", internetGatewayId: "", subnets: {}, masterGroupId: "sg-1", nodeGroupId: "sg-2" };
function resultOf(change: Partial<ReconcileFacts>): string {
  const result = decideReconcile({ ...healthy, ...change }, NOW);
  return result.kind === "healthy" ? "healthy" : `${result.kind}: ${result.reason}`;
}

function formerResources(seconds: number) {
  return {
    zone: `us-west-2b in ${seconds} s`,
    volumeId: "vol-0",
    interfaceId: null,
    retryAt: (NOW + seconds) * 1000,
  };
}

function interfaceIs(change: Partial<typeof eni>): Partial<ReconcileFacts> {
  return {
    cluster: { ...cluster, network },
    interfaces: new Map([["eni-1", { ...eni, ...change }]]),
  };
}

test.each<[string, Partial<ReconcileFacts>, string]>([
  ["H4: its interface has the groups of the record", interfaceIs({}), "healthy"],
  [
    "H4: its interface was taken out of the masters' group",
    interfaceIs({ groups: ["sg-3"] }),
    "repair: the security groups of eni-1 of master a were changed",
  ],
  [
    "H4: its interface was put into another group, too",
    interfaceIs({ groups: ["sg-1", "sg-3"] }),
    "repair: the security groups of eni-1 of master a were changed",
  ],
  [
    "B1: its interface has lost its Elastic IP",
    interfaceIs({ addressId: null }),
    "repair: the Elastic IP of eni-1 of master a was taken away",
  ],
  [
    "B1: its interface has another Elastic IP than the one on record",
    interfaceIs({ addressId: "eipalloc-2" }),
    "repair: the Elastic IP of eni-1 of master a was taken away",
  ],
  [
    "R6: its volume has lost its tags",
    { untagged: new Set(["vol-1"]) },
    "repair: tags of vol-1 of master a were removed",
  ],
  [
    "R6: its interface has lost its tags",
    { untagged: new Set(["eni-1"]) },
    "repair: tags of eni-1 of master a were removed",
  ],
  ["everything is as it should be", {}, "healthy"],
  [
    "C10: somebody set the group's size to 2",
    groupIs({ maxSize: 2, desired: 2 }),
    "repair: master a: its group has min 1, max 2, desired 2",
  ],
  [
    "C6: its group may not launch",
    groupIs({ suspended: [{ process: "Launch", reason: "24 h" }] }),
    "repair: master a: its group has Launch suspended",
  ],
  ["C10: the instance was detached: reported, not changed", groupIs({ instances: [] }), "healthy"],
  [
    "E8: it will lose its instance, and the others are healthy",
    { members: [interrupted, other], ...pair },
    "repair: master a will lose i-1 (EC2 Instance Rebalance Recommendation)",
  ],
  [
    "E8: it will lose its instance, and another is unhealthy",
    { members: [interrupted, { ...other, health: "unhealthy" }], ...pair },
    "healthy",
  ],
  [
    "E8: it will lose its instance, and is not healthy itself",
    { members: [{ ...interrupted, health: "unhealthy" }, other], ...pair },
    "repair: master a will lose i-1 (EC2 Instance Rebalance Recommendation)",
  ],
  [
    "C11: a terminate hook holds its instance, which still runs",
    groupIs({ instances: [{ instanceId: "i-1", lifecycleState: "Terminating:Wait", healthy: true }] }),
    "healthy",
  ],
  ["E8: the only master will lose its instance", { members: [interrupted] }, "healthy"],
  ["its certificates have 61 days left", { members: [member, other], ...pair, heartbeats: expiringIn(61) }, "healthy"],
  [
    "its certificates have 59 days left",
    { members: [member, other], ...pair, heartbeats: expiringIn(59) },
    "repair: master a: its certificates are good until 2027-03-15",
  ],
  [
    "its certificates have 59 days left, and another is unhealthy",
    { members: [member, { ...other, health: "unhealthy" }], ...pair, heartbeats: expiringIn(59) },
    "healthy",
  ],
  ["certificates of the only master have 15 days left", { heartbeats: expiringIn(15).slice(0, 1) }, "healthy"],
  [
    "certificates of the only master have 13 days left",
    { heartbeats: expiringIn(13).slice(0, 1) },
    "repair: master a: its certificates are good until 2027-01-28",
  ],
  [
    "the interruption was about a former instance",
    {
      members: [{ ...interrupted, instanceId: "i-2" }, other],
      ...pair,
      volumes: new Map([...pair.volumes, ["vol-1", "i-2"]]),
      heartbeats: [
        { ...heartbeat, instanceId: "i-2" },
        { ...heartbeat, member: "b", instanceId: "i-2" },
      ],
    },
    "healthy",
  ],
  ["an instance is gone", { running: new Set() }, "repair: master a has no running instance"],
  [
    "what it had in a former zone is still there",
    {
      members: [{ ...member, formerResources: [formerResources(0)] }],
    },
    "repair: the former resources of master a in us-west-2b in 0 s are not removed yet",
  ],
  [
    "what it had in a former zone was in use a moment ago",
    {
      members: [{ ...member, formerResources: [formerResources(60)] }],
    },
    "healthy",
  ],
  ["a volume is gone", { volumes: new Map() }, "repair: the volume of master a is not there"],
  [
    "U7: its volume is attached to no instance",
    { volumes: new Map([["vol-1", null]]) },
    "repair: the volume vol-1 of master a was detached from i-1",
  ],
  [
    "U7: its volume is attached to another instance",
    { volumes: new Map([["vol-1", "i-9"]]) },
    "repair: the volume vol-1 of master a was detached from i-1 and is attached to i-9",
  ],
  ["U1: it serves its own volume", { heartbeats: [{ ...heartbeat, volumeId: "vol-1" }] }, "healthy"],
  [
    "U1: it serves another volume",
    { heartbeats: [{ ...heartbeat, volumeId: "vol-9" }] },
    "repair: master a: it serves the data of volume vol-9, and its volume is vol-1",
  ],
  [
    "U1: its cluster's id is not known yet",
    { heartbeats: [{ ...heartbeat, clusterId: "18446744073709551615" }] },
    "healthy",
  ],
  [
    "U1: it serves its cluster",
    { cluster: known, heartbeats: [{ ...heartbeat, clusterId: "18446744073709551615" }] },
    "healthy",
  ],
  [
    "U1: it serves another cluster",
    { cluster: known, heartbeats: [{ ...heartbeat, clusterId: "18446744073709551614" }] },
    "repair: master a: it serves the data of the etcd cluster 18446744073709551614, and belongs to 18446744073709551615",
  ],
  [
    "etcd is not healthy for a minute",
    { heartbeats: [{ ...heartbeat, healthy: false, since: NOW - 60 }] },
    "repair: master a has reported an unhealthy etcd for 60 s",
  ],
  ["etcd is not healthy for a moment", { heartbeats: [{ ...heartbeat, healthy: false, since: NOW - 10 }] }, "healthy"],
  [
    "kubelet is dead for two minutes",
    { heartbeats: [{ ...heartbeat, kubernetesProblem: "kubelet", kubernetesSince: NOW - 120 }] },
    "repair: master a: kubelet does not answer, for 120 s",
  ],
  [
    "kubelet is started again",
    { heartbeats: [{ ...heartbeat, kubernetesProblem: "kubelet", kubernetesSince: NOW - 20 }] },
    "healthy",
  ],
  [
    "a host is silent for five minutes",
    { heartbeats: [{ ...heartbeat, at: NOW - 300 }] },
    "repair: master a has sent no heartbeat for 300 s",
  ],
  ["a new host has not spoken yet", { members: [{ ...member, observedAt: iso(20) }], heartbeats: [] }, "healthy"],
  ["a host never spoke", { heartbeats: [] }, "repair: master a has never sent a heartbeat"],
  [
    "the heartbeat is of the instance before, and the new one is old",
    { heartbeats: [{ ...heartbeat, instanceId: "i-0" }] },
    "repair: master a has never sent a heartbeat",
  ],
  [
    "another cluster's heartbeat says nothing here",
    { heartbeats: [{ ...heartbeat, uid: "u2" }] },
    "repair: master a has never sent a heartbeat",
  ],
  ["a repair is at work", { operation: running, running: new Set() }, "leave: operation repair-a-i-0 is at work"],
  ["the repair at work died", { operation: died }, "repair: operation repair-a-i-0 stopped without recording its end"],
  [
    "the creation died",
    { cluster: { ...cluster, status: "CREATING" }, operation: { ...died, kind: "create" } },
    "end-operation: operation repair-a-i-0 stopped without recording its end",
  ],
  [
    "the deletion died",
    { cluster: { ...cluster, status: "DELETING" }, operation: { ...died, kind: "delete" } },
    "end-operation: operation repair-a-i-0 stopped without recording its end",
  ],
  [
    "masters end during a deletion",
    { cluster: { ...cluster, status: "DELETING" }, operation: running, running: new Set() },
    "leave: operation repair-a-i-0 is at work",
  ],
  [
    "a cluster that failed is not touched",
    { cluster: { ...cluster, status: "FAILED" }, running: new Set() },
    "leave: the cluster is FAILED",
  ],
  ["it was degraded long ago", { cluster: { ...cluster, status: "DEGRADED" } }, "repair: it was degraded"],
  [
    "it was looked at a moment ago",
    { cluster: { ...cluster, status: "DEGRADED", updatedAt: iso(20) }, running: new Set() },
    "leave: it was looked at 20 s ago",
  ],
  ["its interface is not there", { cluster: { ...cluster, network }, interfaces: new Map() }, "healthy"],
  [
    "R6: its volume and its interface have lost their tags",
    { untagged: new Set(["vol-1", "eni-1"]) },
    "repair: tags of vol-1 and eni-1 of master a were removed",
  ],
  [
    "R6: what all masters share has lost its tags",
    { lostTags: ["sg-1", "lt-1"] },
    "repair: tags of sg-1 and lt-1 were removed",
  ],
  ["another master's volume has lost its tags", { untagged: new Set(["vol-2"]) }, "healthy"],
  [
    "it has no instance on record",
    { members: [{ ...member, instanceId: null }] },
    "repair: master a has no running instance",
  ],
  [
    "it has no volume on record",
    { members: [{ ...member, volumeId: null }] },
    "repair: the volume of master a is not there",
  ],
  ["it has no interface on record", { members: [{ ...member, interfaceId: null }] }, "healthy"],
  [
    "two masters have no instance",
    { members: [member, other], running: new Set() },
    "repair: master a has no running instance; master b has no running instance",
  ],
  [
    "an instance is gone since it was changed a moment ago",
    { cluster: { ...cluster, updatedAt: iso(5) }, running: new Set() },
    "repair: master a has no running instance",
  ],
  [
    "it was degraded two minutes ago",
    { cluster: { ...cluster, status: "DEGRADED", updatedAt: iso(120) } },
    "repair: it was degraded",
  ],
  [
    "it was degraded just less than two minutes ago",
    { cluster: { ...cluster, status: "DEGRADED", updatedAt: iso(119) } },
    "leave: it was looked at 119 s ago",
  ],
  [
    "a cluster under repair is watched",
    { cluster: { ...cluster, status: "REPAIRING" }, running: new Set() },
    "repair: master a has no running instance",
  ],
  [
    "a cluster that is updated is watched",
    { cluster: { ...cluster, status: "UPDATING" }, running: new Set() },
    "repair: master a has no running instance",
  ],
  [
    "a cluster that is created, without an operation",
    { cluster: { ...cluster, status: "CREATING" } },
    "leave: the cluster is CREATING",
  ],
  ["a cluster that was deleted", { cluster: { ...cluster, status: "DELETED" } }, "leave: the cluster is DELETED"],
  [
    "the operation ended, and its lease runs on",
    { operation: { ...running, status: "FAILED" } },
    "repair: operation repair-a-i-0 stopped without recording its end",
  ],
  [
    "the lease ends now",
    { operation: { ...running, leaseUntil: NOW * 1000 } },
    "repair: operation repair-a-i-0 stopped without recording its end",
  ],
  [
    "etcd is not healthy for twenty seconds",
    { heartbeats: [{ ...heartbeat, healthy: false, since: NOW - 20 }] },
    "healthy",
  ],
  [
    "etcd is not healthy for longer",
    { heartbeats: [{ ...heartbeat, healthy: false, since: NOW - 21 }] },
    "repair: master a has reported an unhealthy etcd for 21 s",
  ],
  ["a host is silent for 200 seconds", { heartbeats: [{ ...heartbeat, at: NOW - 200 }] }, "healthy"],
  [
    "a host is silent for longer",
    { heartbeats: [{ ...heartbeat, at: NOW - 201 }] },
    "repair: master a has sent no heartbeat for 201 s",
  ],
  [
    "a host is silent, and was not healthy before",
    { heartbeats: [{ ...heartbeat, healthy: false, at: NOW - 201 }] },
    "repair: master a has sent no heartbeat for 201 s",
  ],
  [
    "kubelet is dead for a minute",
    { heartbeats: [{ ...heartbeat, kubernetesProblem: "kubelet", kubernetesSince: NOW - 60 }] },
    "healthy",
  ],
  [
    "kubelet is dead for longer",
    { heartbeats: [{ ...heartbeat, kubernetesProblem: "kubelet", kubernetesSince: NOW - 61 }] },
    "repair: master a: kubelet does not answer, for 61 s",
  ],
  ["kubelet answers for an hour", { heartbeats: [{ ...heartbeat, kubernetesSince: NOW - 3600 }] }, "healthy"],
  [
    "nobody says since when kubelet is dead",
    { heartbeats: [{ ...heartbeat, kubernetesProblem: "kubelet" }] },
    "healthy",
  ],
  [
    "a new host has not spoken for 200 seconds",
    { members: [{ ...member, observedAt: iso(200) }], heartbeats: [] },
    "healthy",
  ],
  [
    "a new host has not spoken for longer",
    { members: [{ ...member, observedAt: iso(201) }], heartbeats: [] },
    "repair: master a has never sent a heartbeat",
  ],
  [
    "a host that was never seen has not spoken",
    { members: [{ ...member, observedAt: null }], heartbeats: [] },
    "healthy",
  ],
  [
    "another master's heartbeat says nothing of this one",
    { heartbeats: [{ ...heartbeat, member: "b" }] },
    "repair: master a has never sent a heartbeat",
  ],
  [
    "a former zone may be cleared now, another only later",
    { members: [{ ...member, formerResources: [formerResources(60), formerResources(0)] }] },
    "repair: the former resources of master a in us-west-2b in 0 s are not removed yet",
  ],
])("%s", (_, change, result) => {
  expect(resultOf(change)).toBe(result);
});

const detachedMaster = { member: "a", instanceId: "i-1" };
test.each<[string, Partial<ReconcileFacts>, object[]]>([
  ["C10: an instance that was detached from its group runs on", groupIs({ instances: [] }), [detachedMaster]],
  [
    "C10: so does one on standby",
    groupIs({ instances: [{ instanceId: "i-1", lifecycleState: "Standby", healthy: true }] }),
    [detachedMaster],
  ],
  ["one in service is in its group", {}, []],
  ["one that has ended is none", { ...groupIs({ instances: [] }), running: new Set() }, []],
  ["one whose group is not there is none", { groups: new Map() }, []],
  ["a master without an instance is none", { members: [{ ...member, instanceId: null }] }, []],
  [
    "one in the group beside another that is on standby is none",
    groupIs({ instances: [{ instanceId: "i-9", lifecycleState: "Standby", healthy: true }, ...group.instances] }),
    [],
  ],
])("%s", (_, change, expected) => {
  expect(findDetachedMasters({ ...healthy, ...change })).toEqual(expected);
});

test("H4: an interface that another instance holds is found, one of a master that is not on record yet is not", () => {
  expect(findHeldInterfaces({ ...healthy, ...interfaceIs({ instanceId: "i-9" }) })).toEqual([
    { member: "a", interfaceId: "eni-1", instanceId: "i-9" },
  ]);
  const launched = { ...healthy, ...interfaceIs({ instanceId: "i-9" }), running: new Set(["i-1", "i-9"]) };
  expect(findHeldInterfaces(launched)).toEqual([]);
  expect(findHeldInterfaces({ ...healthy, ...interfaceIs({}) })).toEqual([]);
  const ended = { ...healthy, ...interfaceIs({}), running: new Set<string>() };
  expect(findHeldInterfaces(ended)).toEqual([]);
  expect(findHeldInterfaces({ ...ended, ...interfaceIs({ instanceId: null }) })).toEqual([]);
  expect(findHeldInterfaces({ ...ended, interfaces: new Map() })).toEqual([]);
});

test.each<[string, object, boolean]>([
  ["healthy", {}, false],
  ["healthy, and silent", { at: NOW - 201 }, true],
  ["healthy, and silent for 200 seconds", { at: NOW - 200 }, false],
  ["not healthy for a moment", { healthy: false, since: NOW - 20 }, false],
  ["not healthy for longer", { healthy: false, since: NOW - 21 }, true],
])("a heartbeat says that its host is %s", (_, change, etcd) => {
  expect(isEtcdDown({ ...heartbeat, ...change }, NOW)).toBe(etcd);
});

test("MINOR 13: a boot that does not end is left alone while the pause after the last one lasts", () => {
  const heartbeats = [{ ...heartbeat, kubernetesProblem: "boot" as const, kubernetesSince: NOW - 3600 }];
  const evaluated = (retryAt: number) =>
    decideReconcile({ ...healthy, heartbeats, members: [{ ...member, unfinishedBoots: { count: 1, retryAt } }] }, NOW)
      .kind;

  expect(evaluated(NOW * 1000 + 1)).toBe("healthy");
  expect(evaluated(NOW * 1000)).toBe("repair");
});

function ended(finishedAt: string | null) {
  return [{ id: "repair-a-i-0", finishedAt }];
}

test.each([
  ["ended since", iso(20), ended(iso(10)), true],
  ["ended before", iso(10), ended(iso(20)), false],
  ["runs", iso(20), ended(null), false],
  ["is the one that would begin", iso(20), [{ id: "reconcile-u1-7", finishedAt: iso(10) }], false],
  ["ended, but nobody says when it was found", undefined, ended(iso(10)), false],
])(
  "U8: a finding is outdated when another operation has ended since: one that %s",
  (_, foundAt, operations, outdated) => {
    expect(isOutdated(foundAt, operations, "reconcile-u1-7")).toBe(outdated);
  },
);

test.each([
  ["nobody works on it", undefined, "leave"],
  ["its operation is at work", running, "leave"],
  ["its operation stopped without a word", { ...running, leaseUntil: 0 }, "end-operation"],
])("17.4: no repair begins while a restore is open: %s", (_, operation, kind) => {
  const open = { ...cluster, status: "DEGRADED", updatedAt: iso(9_000), restoration: restorationRecord() } as const;

  expect(decideReconcile({ ...healthy, cluster: open, operation, running: new Set() }, NOW).kind).toBe(kind);
});
