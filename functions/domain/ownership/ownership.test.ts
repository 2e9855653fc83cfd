import { expect, test } from "vitest";
import { balancerName } from "../cluster/naming.ts";
import type { MemberRecord } from "../cluster/records.ts";
import { recoverRecord } from "../deletion/deletion.ts";
import { workloadPolicy } from "../permissions/workloads.ts";
import { owningClusterOf } from "./known-resources.ts";
import { type Candidate, explainRefusal, Owned, type OwningCluster, refuseRecovery } from "./ownership.ts";

const UID = "01kb0v3j6z8f6c3w9m2n4p5q7r";
const CLUSTER = "ci.example.com";
const CREATED = "2026-11-25T12:00:00.000Z";
const owningCluster: OwningCluster = { cluster: CLUSTER, uid: UID, createdAt: CREATED, known: new Map() };
const own = { "holdfast:uid": UID, "holdfast:cluster": CLUSTER, "holdfast:resource": "volume/a" };

function volume(tags: Readonly<Record<string, string>>, id = "vol-1"): Candidate<"volume"> {
  return {
    kind: "volume",
    id,
    tags,
  };
}

function outcome(decision: ReturnType<typeof Owned.decide>): string {
  return decision instanceof Owned ? `owned ${decision.kind} ${decision.id}` : decision.reason;
}

test.each([
  ["uid and name", own, "owned volume vol-1"],
  ["no tags", {}, "no-uid"],
  ["the name without the uid", { "holdfast:cluster": CLUSTER }, "no-uid"],
  ["another uid", { ...own, "holdfast:uid": `${UID.slice(0, -1)}s` }, "another-uid"],
  ["the uid and no name", { "holdfast:uid": UID }, "another-cluster"],
  ["a name that begins with the cluster's", { ...own, "holdfast:cluster": `${CLUSTER}-2` }, "another-cluster"],
  ["a name with which the cluster's begins", { ...own, "holdfast:cluster": "ci" }, "another-cluster"],
  ["the name in another case", { ...own, "holdfast:cluster": "CI.example.com" }, "another-cluster"],
  ["a wildcard for a uid", { ...own, "holdfast:uid": "*" }, "another-uid"],
])("what carries %s: %s is %s", (_, tags, expected) => {
  expect(outcome(Owned.decide(owningCluster, volume(tags)))).toBe(expected);
});

test.each([
  ["the id on record", [["volume/a", "vol-1"]], "owned volume vol-1"],
  ["another id on record for its name", [["volume/a", "vol-2"]], "another-id-on-record"],
  ["its id on record under another name", [["volume/b", "vol-1"]], "another-name-on-record"],
  ["its id on record in a later generation, after a restore", [["volume/a/3", "vol-1"]], "owned volume vol-1"],
  ["its id on record as another member's in a later generation", [["volume/b/3", "vol-1"]], "another-name-on-record"],
  ["ids of other things on record", [["volume/b", "vol-2"]], "owned volume vol-1"],
] as const)("with %s it is %s", (_, known, expected) => {
  expect(outcome(Owned.decide({ ...owningCluster, known: new Map(known) }, volume(own)))).toBe(expected);
});

test("what carries no logical name is owned unless the record knows it by one", () => {
  const { "holdfast:resource": _, ...nameless } = own;
  const known = new Map([["volume/b", "vol-1"]]);

  expect(outcome(Owned.decide(owningCluster, volume(nameless)))).toBe("owned volume vol-1");
  expect(outcome(Owned.decide({ ...owningCluster, known }, volume(nameless)))).toBe("another-name-on-record");
  expect(outcome(Owned.decide(owningCluster, volume(nameless), "volume/a"))).toBe("not-expected");
});

test("what is owned knows its kind", () => {
  const owned = Owned.require(owningCluster, volume(own), "volume/a");

  expect([owned.kind, owned.id, owned.is("volume"), owned.is("vpc")]).toEqual(["volume", "vol-1", true, false]);
});

test("what a step expects by its name must have that name", () => {
  expect(outcome(Owned.decide(owningCluster, volume(own), "volume/a"))).toBe("owned volume vol-1");
  expect(outcome(Owned.decide(owningCluster, volume(own), "volume/b"))).toBe("not-expected");
  expect(() => Owned.require(owningCluster, volume({}))).toThrow(
    "volume vol-1 is left alone: it carries no tag holdfast:uid",
  );
});

test("records know the network, the endpoint, and what each member has now", () => {
  const record = {
    ...recoverRecord({ name: CLUSTER, uid: UID, region: "us-west-2", zones: [] }, new Date(CREATED)),
    network: {
      vpcId: "vpc-1",
      internetGatewayId: "igw-1",
      subnets: { "us-west-2a": "subnet-1" },
      masterGroupId: "sg-1",
      nodeGroupId: "sg-2",
    },
    endpoint: { loadBalancerArn: "arn:lb", targetGroupArn: "arn:tg", host: "h" },
  };
  const member: MemberRecord = {
    member: "a",
    volumeId: "vol-3",
    interfaceId: "eni-2",
    instanceId: "i-1",
    generation: 3,
    home: 2,
    health: "healthy",
    observedAt: null,
  };
  const fresh: MemberRecord = { ...member, member: "b", volumeId: null, interfaceId: "eni-1", generation: 1, home: 1 };

  expect(Object.fromEntries(owningClusterOf(record, [member, fresh]).known)).toEqual({
    vpc: "vpc-1",
    "internet-gateway": "igw-1",
    "security-group/masters": "sg-1",
    "security-group/nodes": "sg-2",
    "subnet/us-west-2a": "subnet-1",
    "load-balancer": "arn:lb",
    "target-group": "arn:tg",
    "volume/a/3": "vol-3",
    "interface/a/2": "eni-2",
    "interface/b": "eni-1",
  });
});

test("records of a cluster that has nothing yet know nothing", () => {
  const record = recoverRecord({ name: CLUSTER, uid: UID, region: "us-west-2", zones: [] }, new Date(CREATED));

  expect(owningClusterOf({ ...record, createdAt: CREATED })).toEqual({
    cluster: CLUSTER,
    uid: UID,
    createdAt: CREATED,
    known: new Map(),
  });
});

test("records know the API's security group where there is one, and a member that never moved", () => {
  const network = { vpcId: "v", internetGatewayId: "i", subnets: {}, masterGroupId: "m", nodeGroupId: "n" };
  const record = recoverRecord({ name: CLUSTER, uid: UID, region: "us-west-2", zones: [] }, new Date(CREATED));
  const member = { member: "a", volumeId: "vol-1", interfaceId: null, instanceId: null, generation: 1 };
  const members = [
    { ...member, health: "unknown", observedAt: null } as const,
    { ...member, member: "b", interfaceId: "eni-1", health: "unknown", observedAt: null } as const,
  ];

  expect(
    Object.fromEntries(owningClusterOf({ ...record, network: { ...network, apiGroupId: "api" } }, members).known),
  ).toEqual({
    vpc: "v",
    "internet-gateway": "i",
    "security-group/masters": "m",
    "security-group/nodes": "n",
    "security-group/api": "api",
    "volume/a": "vol-1",
    "volume/b": "vol-1",
    "interface/b": "eni-1",
  });
});

const KUBERNETES = { [`kubernetes.io/cluster/${CLUSTER}`]: "owned" };
const DRIVER = { ...KUBERNETES, "ebs.csi.aws.com/cluster": "true", "holdfast.dev/cluster-uid": UID };
const vpc = Owned.require(owningCluster, { kind: "vpc", id: "vpc-1", tags: own });
const other = Owned.require(owningCluster, { kind: "vpc", id: "vpc-0", tags: own });
const after = new Date(Date.parse(CREATED) + 1);
const before = new Date(Date.parse(CREATED) - 1);
test.each([
  ["a volume of the driver", { kind: "volume", tags: DRIVER, madeAt: after }, "owned volume x"],
  ["one made with the cluster", { kind: "volume", tags: DRIVER, madeAt: new Date(CREATED) }, "owned volume x"],
  [
    "one that says it is not the driver's",
    { kind: "volume", tags: { ...DRIVER, "ebs.csi.aws.com/cluster": "false" } },
    "not-kubernetes",
  ],
  ["one with a member's tag", { kind: "volume", tags: { ...DRIVER, "holdfast:member": "a" } }, "not-kubernetes"],
  ["one older than the cluster", { kind: "volume", tags: DRIVER, madeAt: before }, "made-before"],
  ["a volume of another cluster of that name", { kind: "volume", tags: KUBERNETES, madeAt: after }, "not-kubernetes"],
  [
    "a volume of another cluster of that name of the driver",
    { kind: "volume", tags: { ...KUBERNETES, "ebs.csi.aws.com/cluster": "true" }, madeAt: after },
    "not-kubernetes",
  ],
  ["one of another uid", { kind: "volume", tags: { ...DRIVER, "holdfast.dev/cluster-uid": "x" } }, "another-uid"],
  ["one that Holdfast made", { kind: "volume", tags: { ...DRIVER, "holdfast:uid": UID } }, "not-kubernetes"],
  [
    "a balancer in the own network",
    { kind: "load-balancer", tags: KUBERNETES, vpcId: "vpc-1" },
    "owned load-balancer x",
  ],
  ["one elsewhere", { kind: "load-balancer", tags: KUBERNETES, vpcId: "vpc-2" }, "another-network"],
  ["one nowhere", { kind: "security-group", tags: KUBERNETES }, "another-network"],
  [
    "one that is shared",
    { kind: "security-group", tags: { [`kubernetes.io/cluster/${CLUSTER}`]: "shared" }, vpcId: "vpc-1" },
    "not-kubernetes",
  ],
] as const)("of what Kubernetes may have made, %s: %s", (_, workload, expected) => {
  expect(outcome(Owned.decideWorkload(owningCluster, { id: "x", ...workload }, [other, vpc]))).toBe(expected);
});

test("without a network nothing but volumes is Kubernetes'", () => {
  const group = { kind: "security-group" as const, id: "x", tags: KUBERNETES };

  expect(outcome(Owned.decideWorkload(owningCluster, { ...group, vpcId: "vpc-1" }, []))).toBe("another-network");
});

function onRecord(name: string, id: string): OwningCluster {
  return { ...owningCluster, known: new Map([[name, id]]) };
}

function workload(change: object) {
  return Owned.decideWorkload(owningCluster, { kind: "load-balancer", id: "x", tags: KUBERNETES, ...change }, [vpc]);
}

test.each<[() => unknown, string]>([
  [() => Owned.decide(owningCluster, volume({})), "it carries no tag holdfast:uid"],
  [
    () => Owned.decide(owningCluster, volume({ ...own, "holdfast:uid": "x" })),
    "its tag holdfast:uid is not this cluster's",
  ],
  [
    () => Owned.decide(owningCluster, volume({ ...own, "holdfast:cluster": "x" })),
    "its tag holdfast:cluster does not name this cluster",
  ],
  [
    () => Owned.decide(onRecord("volume/a", "vol-2"), volume(own)),
    "the cluster's record knows another resource by its name",
  ],
  [
    () => Owned.decide(onRecord("volume/b", "vol-1"), volume(own)),
    "the cluster's record knows it by another name than its tag holdfast:resource",
  ],
  [() => Owned.decide(owningCluster, volume(own), "volume/b"), "its tag holdfast:resource is not the expected one"],
  [() => workload({ tags: {} }), "its tags do not say that this cluster's Kubernetes made it"],
  [
    () => refuseRecovery({ cluster: CLUSTER, uid: UID }, [], ["prod.example.com"]),
    "its tag holdfast:uid belongs to something that does not name this cluster",
  ],
  [() => workload({ madeAt: before }), "it is older than the cluster"],
  [() => workload({ vpcId: "vpc-2" }), "it is not in the cluster's own network"],
  [
    () => Owned.decideRecord(owningCluster, { name: "api.ci.example.com", target: "" }),
    "it does not lead to the cluster's own load balancer",
  ],
])("a refusal says why: %#", (refuse, why) => {
  expect(refuse()).toMatchObject({ why });
});

test("a refusal names the thing as a person reads it", () => {
  const refusal = workload({ vpcId: "vpc-2" });

  expect(refusal).toEqual({
    kind: "load-balancer",
    id: "x",
    reason: "another-network",
    why: "it is not in the cluster's own network",
  });
  expect(Owned.decideRecord(owningCluster, { name: "api.ci.example.com", target: "" })).toEqual({
    kind: "dns-record",
    id: "api.ci.example.com",
    reason: "another-target",
    why: "it does not lead to the cluster's own load balancer",
  });
  expect(explainRefusal({ kind: "internet-gateway", id: "x", reason: "no-uid", why: "why" })).toBe(
    "internet gateway x is left alone: why",
  );
});

test.each([
  [`/holdfast/${CLUSTER}/masters/shared`, {}, "no-uid"],
  [`/holdfast/${CLUSTER}/masters/shared`, own, `owned parameter /holdfast/${CLUSTER}/masters/shared`],
  [`/holdfast/${CLUSTER}/masters/shared`, { ...own, "holdfast:uid": "x" }, "another-uid"],
])("parameter %s with %j is the cluster's by its tags alone: %s", (id, tags, expected) => {
  expect(outcome(Owned.decide(owningCluster, { kind: "parameter", id, tags }))).toBe(expected);
});

const BALANCER = balancerName(owningCluster);
test.each([
  [`${BALANCER}-0123456789abcdef.elb.us-west-2.amazonaws.com.`, "api.ci.example.com.", true],
  [`dualstack.${BALANCER}-0123456789abcdef.elb.us-west-2.amazonaws.com`, "api.ci.example.com", true],
  [`x${BALANCER}-0123456789abcdef.elb.us-west-2.amazonaws.com`, "api.ci.example.com", false],
  [`${BALANCER}-0123456789abcdef.elb.us-west-2.amazonaws.com`, "api.ci.example.com-2", false],
  ["hf-ci-example-com-00000000-0123456789abcdef.elb.us-west-2.amazonaws.com.", "api.ci.example.com", false],
  ["", "api.ci.example.com", false],
])("an alias to %s of %s is the cluster's: %s", (target, name, expected) => {
  expect(Owned.decideRecord(owningCluster, { name, target }) instanceof Owned).toBe(expected);
});

function thing(uid: string, cluster: string) {
  return volume({ "holdfast:uid": uid, "holdfast:cluster": cluster });
}

test.each([
  ["all of it names the cluster", [thing(UID, CLUSTER)], [], true],
  ["one thing names another", [thing(UID, CLUSTER), thing(UID, "prod.example.com")], [], false],
  ["one thing names nobody", [thing(UID, CLUSTER), volume({ "holdfast:uid": UID })], [], false],
  ["another record has the uid", [thing(UID, CLUSTER)], ["prod.example.com"], false],
])("a lost record is made again if %s", (_, ofUid, others, allowed) => {
  const refusal = refuseRecovery({ cluster: CLUSTER, uid: UID }, ofUid, others);

  expect(refusal === undefined).toBe(allowed);
  expect(JSON.stringify(refusal ?? {})).not.toContain("prod");
});

test("a refusal to make a record again names only what carries the cluster's name and uid", () => {
  const suspect = { ...thing(UID, CLUSTER), id: "vol-9" };
  const refusal = {
    reason: "shared-uid",
    why: "its tag holdfast:uid belongs to something that does not name this cluster",
  };
  const refused = (...ofUid: Candidate[]) => refuseRecovery({ cluster: CLUSTER, uid: UID }, ofUid, []);

  expect(refused(thing(UID, "prod"), thing("x", CLUSTER), suspect)).toEqual({
    kind: "volume",
    id: "vol-9",
    ...refusal,
  });
  expect(refused(thing("x", CLUSTER), suspect)).toEqual({ kind: "volume", id: "vol-9", ...refusal });
  expect(refused(thing(UID, "prod"))).toEqual({ kind: "vpc", id: "", ...refusal });
});

test.each([`${UID}0`, `0${UID}`, UID.slice(1), UID.toUpperCase()])("%s is no uid of ours", (uid) => {
  expect(refuseRecovery({ cluster: CLUSTER, uid }, [thing(uid, CLUSTER)], [])?.reason).toBe("shared-uid");
});

test("what is no uid of ours is nobody's", () => {
  expect(refuseRecovery({ cluster: CLUSTER, uid: "*" }, [thing("*", CLUSTER)], [])?.reason).toBe("shared-uid");
});

test("a session for what Kubernetes made removes volumes only with the cluster's uid", () => {
  const removesVolumes = workloadPolicy({ cluster: CLUSTER, uid: UID }).Statement.filter(({ Action }) =>
    Action.some((action) => action === "ec2:DeleteVolume"),
  );

  expect(removesVolumes).toEqual([
    {
      Effect: "Allow",
      Action: ["ec2:DeleteVolume"],
      Resource: "*",
      Condition: {
        StringEquals: {
          [`aws:ResourceTag/kubernetes.io/cluster/${CLUSTER}`]: "owned",
          "aws:ResourceTag/holdfast.dev/cluster-uid": UID,
        },
      },
    },
  ]);
});

test.each([
  ["its own", {}, "clusters/prod.example.com/one/2026-11-29T031502Z-4f1c/"],
  ["one of a former cluster of its name", { uid: "two" }, "another-uid"],
  ["one that names another cluster", { cluster: "other.example.com" }, "another-cluster"],
  ["one whose id leads elsewhere", { id: "../../other.example.com" }, "not-expected"],
])("of backups a cluster may remove %s, or learns why not", (_, change, outcome) => {
  const own = { cluster: "prod.example.com", uid: "one" };
  const decision = Owned.decideBackup(own, { ...own, id: "2026-11-29T031502Z-4f1c", ...change });

  expect(decision instanceof Owned ? decision.id : decision.reason).toBe(outcome);
});
