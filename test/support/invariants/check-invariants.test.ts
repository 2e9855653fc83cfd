import { expect, test } from "vitest";
import type { CallRecord } from "../../../local/wire/server.ts";
import { checkInvariants } from "./check-invariants.ts";
import type { CloudSample, EtcdSample, OperationSpan, Seen } from "./observations.ts";
import { REPAIR_BUDGET } from "./operations.ts";

function seen(more: Partial<Seen>): Seen {
  return {
    size: 3,
    etcd: [],
    revisions: [],
    cloud: [],
    api: [],
    calls: [],
    operations: [],
    resources: [],
    acknowledged: new Map(),
    found: new Map(),
    ...more,
  };
}

/** Etcd at a moment: `abc` are healthy of one mind, `a-c` without b. */
function etcdAt(at: number, healthy: string): EtcdSample {
  return {
    from: at,
    to: at + 10,
    members: ["a", "b", "c"].map((member) =>
      healthy.includes(member)
        ? { member, healthy: true, memberId: `id-${member}`, leaderId: "id-a", term: "2" }
        : { member, healthy: false, memberId: null, leaderId: null, term: null },
    ),
  };
}

function cloudAt(at: number, masters: Record<string, string>): CloudSample {
  return {
    at,
    masters: Object.entries(masters).map(([instanceId, member]) => ({ instanceId, member, state: "running" })),
    volumes: [],
  };
}

const HEALTHY = { "i-1": "a", "i-2": "b", "i-3": "c" };

function callAt(startedAt: number, more: Partial<CallRecord>): CallRecord {
  return {
    service: "autoscaling",
    operation: "TerminateInstanceInAutoScalingGroup",
    principal: "arn:aws:sts::123456789012:assumed-role/Holdfast-stopmasterRole1-2/Holdfast-stopmaster",
    startedAt,
    durationMs: 5,
    ...more,
  };
}

function replaces(at: number, InstanceId: string): CallRecord {
  return callAt(at, { input: { InstanceId } });
}

function removes(at: number, name: string): CallRecord {
  return callAt(at, {
    service: "ssm",
    operation: "SendCommand",
    input: { DocumentName: "holdfast-renew-member", Parameters: { name: [name], formerId: ["1"] } },
  });
}

function repair(startedAt: number, finishedAt: number | null): OperationSpan {
  return {
    id: "repair-1",
    kind: "repair",
    startedAt,
    finishedAt,
    members: ["a"],
  };
}

const always = [repair(0, null)];
function violations(more: Partial<Seen>): string[] {
  return checkInvariants(seen({ operations: always, ...more })).map(({ invariant, what }) => `${invariant}: ${what}`);
}

test("Q: one hanging member of three may be ended, with the two others healthy", () => {
  expect(
    violations({ etcd: [etcdAt(1_000, "ac")], cloud: [cloudAt(900, HEALTHY)], calls: [replaces(2_000, "i-2")] }),
  ).toEqual([]);
});

test("Q: ending a member while only one other is healthy", () => {
  expect(
    violations({ etcd: [etcdAt(1_000, "a-")], cloud: [cloudAt(900, HEALTHY)], calls: [replaces(2_000, "i-2")] }),
  ).toEqual(["Q: TerminateInstanceInAutoScalingGroup of b with only 1 other healthy members, 2 needed"]);
});

test("Q: what broke a moment before the call could not be known; what was broken all the while could", () => {
  const facts = { cloud: [cloudAt(900, HEALTHY)], calls: [replaces(20_000, "i-2")] };

  expect(violations({ ...facts, etcd: [etcdAt(10_000, "ac"), etcdAt(19_000, "a")] })).toEqual([]);
  expect(violations({ ...facts, etcd: [etcdAt(1_000, "ac"), etcdAt(10_000, "a"), etcdAt(19_000, "a")] }).length).toBe(
    1,
  );
});

test("Q: removing a member from etcd is an outage as ending its instance is", () => {
  expect(violations({ etcd: [etcdAt(1_000, "a")], calls: [removes(2_000, "b")] })).toEqual([
    "Q: SendCommand of b with only 1 other healthy members, 2 needed",
  ]);
});

test("Q: a second member is ended only after the first is back on another instance", () => {
  const calls = [replaces(2_000, "i-1"), replaces(9_000, "i-2")];
  const early = { etcd: [etcdAt(1_000, "abc"), etcdAt(8_000, "abc")], cloud: [cloudAt(900, HEALTHY)], calls };
  const replaced = cloudAt(7_000, { "i-9": "a", "i-2": "b", "i-3": "c" });

  expect(violations(early)).toEqual([
    "Q: TerminateInstanceInAutoScalingGroup of b while a is still out by TerminateInstanceInAutoScalingGroup",
  ]);
  expect(violations({ ...early, cloud: [cloudAt(900, HEALTHY), replaced] })).toEqual([]);
});

test("Q: a refused call, and a person's, are not outages of ours", () => {
  const refused = { ...replaces(2_000, "i-2"), error: "ValidationError" };
  const operator = { ...replaces(2_000, "i-2"), principal: "arn:aws:iam::123456789012:user/holdfast" };

  expect(
    violations({ etcd: [etcdAt(1_000, "a")], cloud: [cloudAt(900, HEALTHY)], calls: [refused, operator] }),
  ).toEqual([]);
});

test("S: two live hosts of one member", () => {
  expect(violations({ cloud: [cloudAt(1, { ...HEALTHY, "i-4": "a" })] })).toEqual([
    "S: i-1 and i-4 both live as master a",
  ]);
});

test("S: a predecessor that shuts down is no second host", () => {
  const leaving = { instanceId: "i-4", member: "a", state: "shutting-down" };
  const sample = cloudAt(1, HEALTHY);

  expect(violations({ cloud: [{ ...sample, masters: [...sample.masters, leaving] }] })).toEqual([]);
});

test("S: a volume that is attached twice", () => {
  const volumes = [{ volumeId: "vol-1", attachedTo: ["i-1", "i-4"] }];

  expect(violations({ cloud: [{ ...cloudAt(1, HEALTHY), volumes }] })).toEqual(["S: vol-1 is attached to i-1 and i-4"]);
});

test("S: two members that answer with one id", () => {
  const sample = etcdAt(1, "abc");
  const members = sample.members.map((member) => ({
    ...member,
    memberId: member.member === "c" ? "id-a" : member.memberId,
  }));

  expect(violations({ etcd: [{ ...sample, members }] })).toEqual(["S: a and c both answer as etcd member id-a"]);
});

test("D: an acknowledged write that is gone, or something else", () => {
  const acknowledged = new Map([
    ["ledger/1", "1"],
    ["ledger/2", "2"],
    ["ledger/3", "3"],
  ]);
  const found = new Map([
    ["ledger/1", "1"],
    ["ledger/3", "old"],
  ]);

  expect(violations({ acknowledged, found })).toEqual([
    "D: ledger/2 was acknowledged as 2 and is not there",
    "D: ledger/3 was acknowledged as 3 and is old",
  ]);
});

test("D: a revision that goes back; reads that overlap may answer in either order", () => {
  const read = (from: number, to: number, revision: bigint) => ({ from, to, revision });

  expect(violations({ revisions: [read(0, 10, 7n), read(5, 12, 6n)] })).toEqual([]);
  expect(violations({ revisions: [read(0, 10, 7n), read(11, 12, 6n)] })).toEqual([
    "D: revision 6 after 7 had been read",
  ]);
});

test("L: two resources of one logical name; nodes are many", () => {
  const resources = [
    { type: "volume", id: "vol-1", name: "volume/a" },
    { type: "volume", id: "vol-2", name: "volume/a" },
    { type: "instance", id: "i-1", name: "node" },
    { type: "instance", id: "i-2", name: "node" },
  ];

  expect(violations({ resources })).toEqual(["L: volume volume/a is there as vol-1 and vol-2"]);
});

test("T: ACTIVE again although etcd was never whole", () => {
  const api = [
    { from: 50_000, to: 50_050, status: "REPAIRING" },
    { from: 51_000, to: 51_050, status: "ACTIVE" },
  ];

  expect(violations({ api, etcd: [etcdAt(45_000, "ac"), etcdAt(50_500, "ac")] })).toEqual([
    "T: the API says ACTIVE again, etcd does not",
  ]);
  expect(violations({ api, etcd: [etcdAt(45_000, "ac"), etcdAt(50_500, "abc")] })).toEqual([]);
});

test("T: members that answer but follow different leaders are not whole", () => {
  const sample = etcdAt(50_500, "abc");
  const members = sample.members.map((one) => (one.member === "c" ? { ...one, leaderId: "id-c", term: "3" } : one));
  const api = [
    { from: 50_000, to: 50_050, status: "REPAIRING" },
    { from: 51_000, to: 51_050, status: "ACTIVE" },
  ];

  expect(violations({ api, etcd: [{ ...sample, members }] })).toEqual(["T: the API says ACTIVE again, etcd does not"]);
});

test("T: a loss may go unnoticed for as long as the reconciler needs, not longer", () => {
  const api = [10_000, 90_000, 120_000].map((from) => ({ from, to: from + 50, status: "ACTIVE" }));

  expect(
    violations({ api: api.slice(0, 2), etcd: [etcdAt(9_000, "abc"), etcdAt(11_000, "ac"), etcdAt(89_000, "ac")] }),
  ).toEqual([]);
  expect(violations({ api, etcd: [etcdAt(9_000, "abc"), etcdAt(11_000, "ac"), etcdAt(119_000, "ac")] })).toEqual([
    "T: the API still says ACTIVE of a broken cluster",
  ]);
});

test("A: a change that no operation answers for; looking, our own table, and backups are none", () => {
  const step = { principal: "arn:aws:sts::1:assumed-role/Holdfast-attachvolumeRole1-2/Holdfast-attachvolume" };
  const attach = callAt(5_000, { ...step, service: "ec2", operation: "AttachVolume", input: {} });
  const look = callAt(5_000, { ...step, service: "ec2", operation: "DescribeVolumes", input: {} });
  const write = callAt(5_000, { ...step, service: "dynamodb", operation: "PutItem", input: {} });
  const ask = callAt(5_000, {
    ...step,
    service: "ssm",
    operation: "SendCommand",
    input: { DocumentName: "holdfast-member-health" },
  });

  const backup = callAt(5_000, {
    principal: "arn:aws:sts::1:assumed-role/Holdfast-savesnapshotRole1-2/Holdfast-savesnapshot",
    service: "ssm",
    operation: "SendCommand",
    input: { DocumentName: "holdfast-backup-etcd" },
  });

  expect(violations({ calls: [attach, look, write, ask, backup], operations: [repair(1_000, 4_000)] })).toEqual([
    "A: ec2:AttachVolume by Holdfast-attachvolume outside of any operation",
  ]);
  expect(violations({ calls: [attach], operations: [repair(1_000, 6_000)] })).toEqual([]);
});

test("B: more calls to EC2 than a repair may make; the reconciler's are not the repair's", () => {
  const principal = "arn:aws:sts::1:assumed-role/Holdfast-attachvolumeRole1-2/Holdfast-attachvolume";
  const look = callAt(5_000, { principal, service: "ec2", operation: "DescribeVolumes" });
  const reconciled = { ...look, principal: "arn:aws:sts::1:assumed-role/Holdfast-reconcileRole1-2/Holdfast-reconcile" };
  const within = [...Array.from({ length: REPAIR_BUDGET }, () => look), reconciled];

  expect(violations({ calls: within, operations: [repair(1_000, 9_000)] })).toEqual([]);
  expect(violations({ calls: [...within, look], operations: [repair(1_000, 9_000)] })).toEqual([
    "B: repair-1 made 121 calls to EC2, its budget is 120",
  ]);
});
