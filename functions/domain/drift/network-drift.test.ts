import { expect, test } from "vitest";
import { activeCluster } from "../../../test/support/active-cluster.ts";
import { masterTemplateName, nodeTemplateName } from "../cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../cluster/records.ts";
import { clusterFlows } from "../network/flows.ts";
import { findNetworkDrift, type NetworkFacts, type RuleFacts } from "./network-drift.ts";

const active = activeCluster(
  { "--topology": "private", "--admin-access": "203.0.113.0/24" },
  "2026-11-29T12:00:00.000Z",
);
const { plan } = active;
const subnets = Object.fromEntries(plan.subnets.map(({ name }) => [name, `subnet-${name}`]));
const groups = { masters: "sg-m", nodes: "sg-n", api: "sg-a" };
const cluster: ClusterRecord = {
  ...active,
  network: {
    vpcId: "vpc-1",
    internetGatewayId: "igw-1",
    subnets,
    masterGroupId: groups.masters,
    nodeGroupId: groups.nodes,
    apiGroupId: groups.api,
  },
};
const owner = ownerOf(cluster);

function rulesOf(kind: keyof typeof groups): RuleFacts[] {
  return clusterFlows(["172.20.0.0/16"], ["203.0.113.0/24"])
    .filter(({ to }) => to === kind)
    .map(({ protocol, ports, from }) => ({
      protocol,
      ...(ports && { ports }),
      peer: typeof from === "string" ? groups[from] : from.cidr,
    }));
}

const fromNat: RuleFacts = { protocol: "tcp", ports: [443, 443], peer: "198.51.100.7/32" };
function named(name: string) {
  return { uid: "u1", name };
}

function table(name: string, target: string, subnet: string) {
  return {
    ...named(`route-table/${name}`),
    subnetIds: [`subnet-${subnet}`],
    defaultRoute: { target, active: true },
  };
}

const publicTable = table("public", "igw-1", "utility-us-west-2a");
const privateTable = table("private-us-west-2a", "nat-1", "us-west-2a");
const whole: NetworkFacts = {
  groups: new Map([
    [groups.masters, rulesOf("masters")],
    [groups.nodes, rulesOf("nodes")],
    [groups.api, [...rulesOf("api"), fromNat]],
  ]),
  routeTables: [publicTable, privateTable],
  natGateways: [{ ...named("nat-gateway/us-west-2a"), state: "available" }],
  addresses: [{ ...named("address/us-west-2a"), publicIp: "198.51.100.7", interfaceId: "eni-nat" }],
  templates: new Set([masterTemplateName(owner, "a"), nodeTemplateName(owner)]),
};
function found(change: Partial<NetworkFacts>): string[] {
  return findNetworkDrift(cluster, [], { ...whole, ...change }).map(({ message }) => message);
}

function withGroup(id: string, rules: RuleFacts[]) {
  return { groups: new Map([...whole.groups, [id, rules]]) };
}

test("R14: nothing is missing of a whole network, and what others added is theirs", () => {
  expect(found({})).toEqual([]);
  expect(
    found(withGroup(groups.nodes, [...rulesOf("nodes"), { protocol: "tcp", ports: [22, 22], peer: "0.0.0.0/0" }])),
  ).toEqual([]);
  expect(found({ natGateways: [...whole.natGateways, { uid: "u2", name: "nat-gateway/x", state: "failed" }] })).toEqual(
    [],
  );
});

test("U2: each rule that was revoked is named by what it is for", () => {
  const without = (why: (rule: RuleFacts) => boolean) => rulesOf("masters").filter((rule) => !why(rule));
  expect(
    found(
      withGroup(
        groups.masters,
        without(({ ports }) => ports?.[0] === 6443),
      ),
    ),
  ).toEqual([
    'security group sg-m (masters) lacks the rule "load balancer to API server": TCP 6443 from 172.20.0.0/16',
  ]);
  expect(
    found(
      withGroup(
        groups.masters,
        without(({ peer }) => peer === groups.masters),
      ),
    ),
  ).toEqual(['security group sg-m (masters) lacks the rule "control plane and etcd peers": all from masters']);
  expect(found(withGroup(groups.nodes, []))).toEqual([
    'security group sg-n (nodes) lacks the rule "pods and services between nodes": all from nodes',
    'security group sg-n (nodes) lacks the rule "kubelets and webhooks": all from masters',
  ]);
  expect(found(withGroup(groups.api, rulesOf("api")))).toEqual([
    'security group sg-a (api) lacks the rule "the cluster itself, by a NAT gateway": TCP 443 from 198.51.100.7/32',
  ]);
});

test("MINOR 15: a cluster that was made before the ICMP rule is whole without it", () => {
  expect(
    found(
      withGroup(
        groups.masters,
        rulesOf("masters").filter(({ protocol }) => protocol !== "icmp"),
      ),
    ),
  ).toEqual([]);
});

test("18: rules of a block that was added to the VPC are wanted, too", () => {
  const grown = {
    ...cluster,
    plan: { ...plan, network: { ...plan.network, furtherCidrs: ["172.21.0.0/16"] } },
  };

  expect(findNetworkDrift(grown, [], whole).map(({ message }) => message)).toEqual([
    'security group sg-m (masters) lacks the rule "load balancer to API server": TCP 6443 from 172.21.0.0/16',
    'security group sg-a (api) lacks the rule "the cluster itself": TCP 443 from 172.21.0.0/16',
  ]);
});

test("U2: a security group that is gone is named once, without its rules", () => {
  expect(found({ groups: new Map([...whole.groups].filter(([id]) => id !== groups.nodes)) })).toEqual([
    "security group sg-n (nodes) is gone, or has lost its tags",
  ]);
});

test("R14: a NAT gateway that is gone is said once, though its route leads nowhere then", () => {
  const deadEnd = { ...privateTable, defaultRoute: { target: "nat-1", active: false } };
  expect(found({ natGateways: [], routeTables: [publicTable, deadEnd] })).toEqual([
    "the NAT gateway of us-west-2a is gone: its machines have no way out",
  ]);
  expect(found({ natGateways: [{ ...named("nat-gateway/us-west-2a"), state: "deleting" }] })).toEqual([
    "the NAT gateway of us-west-2a is gone: its machines have no way out",
  ]);
  expect(found({ addresses: [] })).toEqual(["the Elastic IP address of the NAT gateway of us-west-2a was released"]);
});

test("R14: routes, tables and their subnets", () => {
  expect(found({ routeTables: [publicTable, { ...privateTable, defaultRoute: null }] })).toEqual([
    "route table private-us-west-2a has no default route that leads anywhere",
  ]);
  expect(
    found({ routeTables: [{ ...publicTable, defaultRoute: { target: "igw-1", active: false } }, privateTable] }),
  ).toEqual(["route table public has no default route that leads anywhere"]);
  expect(found({ routeTables: [publicTable, { ...privateTable, subnetIds: [] }] })).toEqual([
    "subnet us-west-2a does not use its route table private-us-west-2a",
  ]);
  expect(found({ routeTables: [publicTable] })).toEqual([
    "route table private-us-west-2a is gone, or has lost its tags",
  ]);
});

test("R4: launch templates", () => {
  expect(found({ templates: new Set([masterTemplateName(owner, "a")]) })).toEqual([
    `launch template ${nodeTemplateName(owner)} is gone, or has lost its tags`,
  ]);
});

test("R14: a master's Elastic IP that was released, lost its tags or was taken from its interface is named", () => {
  const open: ClusterRecord = { ...cluster, spec: { ...cluster.spec, topology: "public" } };
  const member: MemberRecord = {
    ...{ member: "a", volumeId: "vol-1", interfaceId: "eni-1", instanceId: "i-1" },
    ...{ generation: 1, health: "healthy", observedAt: null },
  };
  const own = { ...named("address/master-a"), publicIp: "198.51.100.8", interfaceId: "eni-1" };
  const of = (topology: ClusterRecord, ...masters: NetworkFacts["addresses"]) =>
    findNetworkDrift(topology, [member], { ...whole, addresses: [...whole.addresses, ...masters] })
      .filter(({ key }) => key === "address/master-a")
      .map(({ message }) => message);

  expect(of(open, own)).toEqual([]);
  expect(of(cluster)).toEqual([]);
  expect(of(open)).toEqual(["the Elastic IP of master a was released, or has lost its tags"]);
  expect(of(open, { ...own, uid: "u2" })).toEqual(["the Elastic IP of master a was released, or has lost its tags"]);
  expect(of(open, { ...own, interfaceId: null })).toEqual([
    "the Elastic IP 198.51.100.8 of master a was taken from its interface eni-1",
  ]);
});
