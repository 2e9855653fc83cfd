import { expect, test } from "vitest";
import { NO_BACKUPS } from "../backup/backup-records.ts";
import { mayStillAct } from "../cluster/takeover.ts";
import { afterRemoval, evaluateObstacles, type ForeignInterface } from "./blockers.ts";
import { byKind, isOpenDeletion, keptBy, recoverRecord } from "./deletion.ts";

const NOW = new Date("2026-11-25T12:00:00Z");
const AT = NOW.getTime();
const TEN_MINUTES = 600_000;

test.each([
  ["a step began a second ago and has not ended", ["Create network"], 1_000, true],
  ["it ended", [], 1_000, false],
  ["it began a minute ago: its function has ended, whatever it said", ["Create network"], 60_000, false],
])("a superseded run may still act: %s", (_, inFlight, ago, expected) => {
  expect(mayStillAct({ leaseUntil: AT - ago + TEN_MINUTES }, inFlight, NOW)).toBe(expected);
});

const running = { kind: "delete", status: "RUNNING", leaseUntil: AT + 1 };
test.each([
  ["under way", "DELETING", running, true],
  ["whose lease has run out", "DELETING", { ...running, leaseUntil: AT }, false],
  ["that ended, of a deletion that is open", "DELETING", { ...running, status: "FAILED" }, false],
  ["that is none, of a deletion that is open", "DELETING", undefined, false],
  ["that is a repair, of a deletion that is open", "DELETING", { ...running, kind: "repair" }, false],
  ["that is a deletion, of a cluster that failed", "FAILED", running, false],
  ["that failed", "FAILED", { ...running, status: "FAILED" }, false],
  ["that is a creation", "CREATING", { ...running, kind: "create" }, false],
  ["that is none", "ACTIVE", undefined, false],
] as const)("an operation %s answers for a second deletion or not", (_, status, operation, expected) => {
  expect(isOpenDeletion(status, operation, NOW)).toBe(expected);
});

test("a lost record is made again of name, uid and zones, and says so", () => {
  const zones = ["us-west-2b", "us-west-2a", "us-west-2b"];
  const record = recoverRecord({ name: "lost.example.com", uid: "01ab", region: "us-west-2", zones }, NOW);

  const { spec, plan, ...rest } = record;
  expect(rest).toEqual({
    name: "lost.example.com",
    uid: "01ab",
    status: "DELETING",
    deleting: true,
    reason: "It was not on record; found by its tags, uid 01ab.",
    operation: null,
    leader: null,
    nodes: [],
    createdAt: NOW.toISOString(),
    updatedAt: NOW.toISOString(),
  });
  expect([spec.name, spec.zones]).toEqual(["lost.example.com", ["us-west-2a", "us-west-2b"]]);
  expect(plan.members.map(({ zone }) => zone)).toEqual(["us-west-2a"]);
});

test("a lost record whose zones nobody knows has the Region's first, and one that no spec fits is refused", () => {
  const found = { name: "a.example.com", uid: "01ab", region: "us-west-2", zones: [] };

  expect(recoverRecord(found, NOW).spec.zones).toEqual(["us-west-2a"]);
  expect(() => recoverRecord({ ...found, name: "-", zones: ["x"] }, NOW)).toThrow(
    'no record can be made of -: NAME: "-" is not a cluster name; expected a lower-case DNS name of at most 63 characters, such as prod.example.com; --zones: "x" is not an availability zone; expected names such as us-west-2a',
  );
});

const HISTORY = { what: "event history and operations", why: "they record what happened" };

test("what the user brought is said to be kept, and what is refused, with the reason", () => {
  const record = recoverRecord({ name: "a.example.com", uid: "01ab", region: "us-west-2", zones: [] }, NOW);
  const spec = {
    ...record.spec,
    masterSecurityGroups: ["sg-12345678"],
    nodeSecurityGroups: ["sg-12345678", "sg-87654321"],
    dnsZone: "example.com",
  };

  expect(keptBy(record)).toEqual([HISTORY]);
  expect(
    keptBy({ ...record, spec }, [
      { kind: "load-balancer", id: "lb-1", reason: "no-uid", why: "it carries no tag holdfast:uid" },
    ]),
  ).toEqual([
    { what: "security group sg-12345678", why: "you brought it; only its association with the VPC ends" },
    { what: "security group sg-87654321", why: "you brought it; only its association with the VPC ends" },
    { what: "hosted zone example.com", why: "you brought it; only the record of the API goes" },
    { what: "load balancer lb-1", why: "it carries no tag holdfast:uid" },
    HISTORY,
  ]);
});

test("backups that were taken are said to be kept, and until when", () => {
  const record = recoverRecord({ name: "a.example.com", uid: "01ab", region: "us-west-2", zones: [] }, NOW);
  const lastOkId = "2026-11-25T115900Z-4f1c";

  expect(keptBy({ ...record, backup: NO_BACKUPS })).toEqual([HISTORY]);
  expect(keptBy({ ...record, backup: { ...NO_BACKUPS, lastOkId } })).toEqual([
    { what: "backups in S3", why: "the last is 2026-11-25T115900Z-4f1c; the bucket removes each after 400 days" },
    HISTORY,
  ]);
});

test("17.6: snapshots of former data are said to be kept, and what each is", () => {
  const record = recoverRecord({ name: "a.example.com", uid: "01ab", region: "us-west-2", zones: [] }, NOW);
  const description = "etcd of a.example.com, member b, before a restore";

  expect(keptBy(record, [], [{ id: "snap-1", description, until: "2026-12-29" }])).toEqual([
    { what: "snapshot snap-1", why: `${description}; it is of use until 2026-12-29, and nothing removes it but you` },
    HISTORY,
  ]);
});

test("resources are listed by kind in the order of a deletion, then by name", () => {
  const resources = [
    { kind: "vpc", id: "vpc-1", name: "vpc" },
    { kind: "volume", id: "vol-2", name: "volume/b" },
    { kind: "volume", id: "vol-1", name: "volume/a" },
  ] as const;

  expect([...resources].sort(byKind).map(({ id }) => id)).toEqual(["vol-1", "vol-2", "vpc-1"]);
});

const foreign: ForeignInterface = {
  id: "eni-1",
  subnetId: "subnet-1",
  type: "interface",
  description: "",
  ownerId: "123456789012",
  requesterId: null,
  instanceId: "i-1",
  endsWithInstance: false,
};
function evaluate(...interfaces: ForeignInterface[]) {
  return evaluateObstacles({ interfaces, things: [], references: [] });
}

test("the interface of a foreign instance blocks, and is named with instance, subnet and owner", () => {
  expect(evaluate(foreign).blockers).toEqual([
    "interface eni-1 in subnet-1 (of instance i-1; owner: account 123456789012)",
  ]);
});

test.each([
  ["a network load balancer", { type: "network_load_balancer", requesterId: "amazon-elb" }],
  ["a classic load balancer", { description: "ELB a1b2", requesterId: "amazon-elb" }],
  ["a NAT gateway", { type: "nat_gateway", requesterId: "amazon-aws" }],
])("an interface that %s leaves behind is waited for", (_, change) => {
  const { blockers, releasing } = evaluate({ ...foreign, instanceId: null, ...change });

  expect(blockers).toEqual([]);
  expect(releasing).toHaveLength(1);
});

test("an interface that another service keeps, groups and rules of others block", () => {
  const database = { ...foreign, instanceId: null, requesterId: "amazon-rds", description: "RDSNetworkInterface" };
  const things = [{ what: "security group", id: "sg-1", ownerId: "1" }];
  const references = [{ groupId: "sg-2", names: "sg-9", ownerId: "1" }];

  expect(evaluateObstacles({ interfaces: [database], things, references }).blockers).toEqual([
    "interface eni-1 in subnet-1 (RDSNetworkInterface; owner: amazon-rds, account 123456789012)",
    "security group sg-1 (owner: account 1)",
    "a rule of security group sg-2 that names sg-9 (owner: account 1)",
  ]);
});

test("R11: what is removed before the network, or ends with an instance that is, stands in no way", () => {
  const things = [
    { what: "security group", id: "sg-1", ownerId: "1" },
    { what: "security group", id: "sg-2", ownerId: "1" },
  ];
  const interfaces = [
    { ...foreign, id: "eni-1" },
    { ...foreign, id: "eni-2", instanceId: "i-2", endsWithInstance: true },
    { ...foreign, id: "eni-3", instanceId: "i-2", endsWithInstance: false },
    { ...foreign, id: "eni-4", instanceId: "i-3", endsWithInstance: true },
  ];
  const references = [{ groupId: "sg-1", names: "sg-9", ownerId: "1" }];

  const left = afterRemoval({ interfaces, things, references }, new Set(["eni-1", "i-2", "sg-1"]));

  expect(left.interfaces.map(({ id }) => id)).toEqual(["eni-3", "eni-4"]);
  expect(left.things.map(({ id }) => id)).toEqual(["sg-2"]);
  expect(left.references).toEqual([]);
});

test("a lost record is as old as its uid says, since what Kubernetes made is held against that", () => {
  const at = (uid: string) =>
    recoverRecord({ name: "a.example.com", uid, region: "us-west-2", zones: [] }, NOW).createdAt;

  expect(at("01kaxe52g0zzzzzzzzzzzzzzzz")).toBe("2025-11-25T12:00:00.000Z");
  expect(at("7zzzzzzzz0zzzzzzzzzzzzzzzz")).toBe(NOW.toISOString());
  expect(at("not-a-uid")).toBe(NOW.toISOString());
});
