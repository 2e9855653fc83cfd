import { expect, test } from "vitest";
import type { ClusterRecord, MemberRecord } from "../cluster/records.ts";
import { recoverRecord } from "../deletion/deletion.ts";
import { balancingOf, instancesOf, launchersOf, lostTagsOf, securityGroupsOf, type TagFacts } from "./tag-drift.ts";

const found = { name: "x.example.com", uid: "u1", region: "us-west-2", zones: ["us-west-2a"] };
const recovered = recoverRecord(found, new Date("2026-11-25T12:00:00Z"));
const cluster: ClusterRecord = {
  ...recovered,
  spec: { ...recovered.spec, cloudLabels: { Team: "Dev" } },
  plan: {
    ...recovered.plan,
    members: [{ name: "a", zone: "us-west-2a", subnet: "us-west-2a", address: "10.0.0.10" }],
    nodes: [
      { zone: "us-west-2a", subnet: "us-west-2a", count: 1 },
      { zone: "us-west-2b", subnet: "us-west-2b", count: 1 },
    ],
  },
  network: {
    vpcId: "vpc-1",
    internetGatewayId: "igw-1",
    subnets: {},
    masterGroupId: "sg-1",
    nodeGroupId: "sg-2",
    apiGroupId: "sg-3",
  },
  endpoint: { loadBalancerArn: "arn:lb", targetGroupArn: "arn:tg", host: "lb.example.com" },
};
const member: MemberRecord = {
  member: "a",
  volumeId: "vol-1",
  interfaceId: "eni-1",
  instanceId: "i-1",
  generation: 1,
  health: "healthy",
  observedAt: null,
};
const HASH = "bb82030d";
const MASTER_GROUP = `a.masters.x.example.com.${HASH}`;
const NODE_TEMPLATE = `nodes.x.example.com.${HASH}`;
const MASTER_PROFILE = `holdfast-x.example.com-masters-a-${HASH}`;
const NODE_PROFILE = `holdfast-x.example.com-nodes-${HASH}`;

function tagsOf(Name: string, resource: string) {
  return {
    Name: `${Name}.x.example.com`,
    "kubernetes.io/cluster/x.example.com": "owned",
    "holdfast:cluster": "x.example.com",
    "holdfast:uid": "u1",
    "holdfast:resource": resource,
  };
}

const bare = { Team: "Dev" };
const owned = { "holdfast:uid": "u1" };
const stranger = { "holdfast:uid": "u2" };

const template = {
  id: "lt-1",
  name: MASTER_GROUP,
  tags: bare,
  instanceProfile: MASTER_PROFILE as string | undefined,
  interfaceId: "eni-1" as string | undefined,
};
const nodeTemplate = {
  ...template,
  id: "lt-2",
  name: NODE_TEMPLATE,
  instanceProfile: NODE_PROFILE,
  interfaceId: undefined,
};
const group = { id: MASTER_GROUP, tags: bare, launchTemplateId: "lt-1" };
function nodeGroup(zone: string) {
  return {
    id: `nodes-${zone}.x.example.com.${HASH}`,
    tags: bare,
    launchTemplateId: "lt-2",
  };
}

const nothing: TagFacts = { instances: [], securityGroups: [], balancing: [], groups: [], templates: [] };
function lost(facts: Partial<TagFacts>, members = [member]) {
  return lostTagsOf(cluster, members, { ...nothing, ...facts });
}

function idsOf(facts: Partial<TagFacts>, members = [member]) {
  return lost(facts, members).map(({ id }) => id);
}

test("what the record knows, by id: nothing before there is a network, an endpoint or an instance", () => {
  const { network: _, endpoint: __, ...before } = cluster;
  const { apiGroupId: ___, ...open } = cluster.network ?? { apiGroupId: "" };

  expect([...securityGroupsOf(cluster)]).toEqual([
    ["sg-1", "security-group/masters"],
    ["sg-2", "security-group/nodes"],
    ["sg-3", "security-group/api"],
  ]);
  expect(
    securityGroupsOf({ ...cluster, ...(cluster.network && { network: { ...cluster.network, ...open } }) }).size,
  ).toBe(3);
  expect([...balancingOf(cluster)]).toEqual([
    ["arn:lb", "load-balancer"],
    ["arn:tg", "target-group"],
  ]);
  expect([securityGroupsOf(before).size, balancingOf(before).size]).toEqual([0, 0]);
  expect([...instancesOf([member, { ...member, member: "b", instanceId: null }])]).toEqual([["i-1", "a"]]);
});

test("each master has a group and a template of its own, and groups of nodes share one template", () => {
  const other = { ...member, member: "b", interfaceId: "eni-2" };

  expect(launchersOf(cluster, [other, member])).toEqual([
    {
      group: { name: MASTER_GROUP, resource: "group/master-a" },
      template: { name: MASTER_GROUP, resource: "launch-template/master-a" },
      launches: { instanceProfile: MASTER_PROFILE, interfaceId: "eni-1" },
    },
    {
      group: { name: `nodes-us-west-2a.x.example.com.${HASH}`, resource: "group/nodes-us-west-2a" },
      template: { name: NODE_TEMPLATE, resource: "launch-template/node" },
      launches: { instanceProfile: NODE_PROFILE, interfaceId: undefined },
    },
    {
      group: { name: `nodes-us-west-2b.x.example.com.${HASH}`, resource: "group/nodes-us-west-2b" },
      template: { name: NODE_TEMPLATE, resource: "launch-template/node" },
      launches: { instanceProfile: NODE_PROFILE, interfaceId: undefined },
    },
  ]);
});

test("R6: the tags that are put back say whose a thing is and what, without labels", () => {
  expect(
    lost({
      instances: [{ id: "i-1", tags: bare }],
      securityGroups: [{ id: "sg-1", tags: bare }],
      balancing: [{ id: "arn:tg", tags: {} }],
      templates: [template],
      groups: [group],
    }),
  ).toEqual([
    { service: "ec2", id: "i-1", tags: { ...tagsOf("master-a", "master-a"), "holdfast:member": "a" } },
    { service: "ec2", id: "sg-1", tags: tagsOf("security-group-masters", "security-group/masters") },
    { service: "load-balancing", id: "arn:tg", tags: tagsOf("target-group", "target-group") },
    { service: "ec2", id: "lt-1", tags: tagsOf("launch-template-master-a", "launch-template/master-a") },
    { service: "auto-scaling", id: MASTER_GROUP, tags: tagsOf("group-master-a", "group/master-a") },
  ]);
});

test("R6: two groups of nodes and the template that they share are put back once each", () => {
  const groups = [nodeGroup("us-west-2a"), nodeGroup("us-west-2b")];

  expect(idsOf({ groups, templates: [nodeTemplate] })).toEqual([
    "lt-2",
    `nodes-us-west-2a.x.example.com.${HASH}`,
    `nodes-us-west-2b.x.example.com.${HASH}`,
  ]);
});

test.each([owned, stranger])("R6: what names an owner is left alone, whoever that is: %o", (tags) => {
  expect(
    idsOf({
      instances: [{ id: "i-1", tags }],
      securityGroups: [{ id: "sg-1", tags }],
      balancing: [{ id: "arn:lb", tags }],
      templates: [{ ...template, tags }],
      groups: [{ ...group, tags }],
    }),
  ).toEqual([]);
});

test("R6: what the record does not know is nobody's to tag", () => {
  expect(
    idsOf({
      instances: [{ id: "i-9", tags: bare }],
      securityGroups: [{ id: "sg-9", tags: bare }],
      balancing: [{ id: "arn:other", tags: bare }],
      templates: [{ ...template, name: "a.masters.x.example.com" }],
      groups: [{ ...group, id: "a.masters.x.example.com" }],
    }),
  ).toEqual([]);
});

test.each<[string, Partial<typeof template>, Partial<typeof group>, string[]]>([
  ["another profile", { instanceProfile: NODE_PROFILE }, {}, []],
  ["no profile", { instanceProfile: undefined }, {}, []],
  ["another interface", { interfaceId: "eni-2" }, {}, []],
  ["no interface", { interfaceId: undefined }, {}, []],
  ["the template of another group", {}, { launchTemplateId: "lt-2" }, ["lt-1"]],
  ["a template that has its owner", { tags: owned as never }, {}, [MASTER_GROUP]],
  ["a group that has its owner", {}, { tags: owned as never }, ["lt-1"]],
])("R6: a template and its group prove each other: %s", (_, ofTemplate, ofGroup, ids) => {
  const facts = { templates: [{ ...template, ...ofTemplate }], groups: [{ ...group, ...ofGroup }] };

  expect(idsOf(facts)).toEqual(ids);
});

test("R6: a group without its template is left alone, and so is a template whose member has no interface on record", () => {
  expect(idsOf({ groups: [group] })).toEqual([]);
  expect(idsOf({ templates: [template] })).toEqual(["lt-1"]);
  expect(idsOf({ templates: [template] }, [])).toEqual([]);
  expect(idsOf({ templates: [{ ...template, interfaceId: undefined }] }, [{ ...member, interfaceId: null }])).toEqual(
    [],
  );
});
