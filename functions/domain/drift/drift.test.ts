import { describe, expect, test } from "vitest";
import { activeCluster } from "../../../test/support/active-cluster.ts";
import { masterGroupName, nodeGroupName } from "../cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../cluster/records.ts";
import { changesDrift, mayDrift, mergeDrift, turnOf } from "./drift.ts";
import { type Drift, NO_DRIFT } from "./drift-records.ts";
import { findEndpointDrift, unregistered } from "./endpoint-drift.ts";
import type { GroupFacts } from "./group-drift.ts";
import { findGroupDrift, findMachineDrift, hookedGroupsOf, rolesOf } from "./machine-drift.ts";

const NOW = new Date("2026-11-29T12:00:00.000Z");
function later(seconds: number) {
  return new Date(NOW.getTime() + seconds * 1_000);
}

const cluster: ClusterRecord = {
  ...activeCluster({ "--node-count": "2" }, NOW.toISOString()),
  network: { vpcId: "vpc-1", internetGatewayId: "igw-1", subnets: {}, masterGroupId: "sg-m", nodeGroupId: "sg-n" },
  endpoint: { loadBalancerArn: "lb", targetGroupArn: "tg", host: "api" },
};
const owner = ownerOf(cluster);
function messages(found: readonly Drift[]) {
  return found.map(({ message }) => message);
}

describe("R14: what a look has shown", () => {
  const gateway: Drift = { key: "nat-gateway/us-west-2a", area: "network", message: "the NAT gateway is gone" };
  const hook: Drift = { key: "hook/a", area: "machines", message: "no hook" };
  const slow: Drift = { key: "target-health/a", area: "endpoint", message: "unhealthy" };
  const reported = (drift: Drift) => ({ ...drift, since: NOW.toISOString(), reported: true });

  test("is due once, and is known from then on", () => {
    const first = mergeDrift(NO_DRIFT, { areas: ["network"], found: [gateway] }, NOW);
    expect(first.due).toEqual([{ ...gateway, since: NOW.toISOString(), reported: false }]);

    const state = { version: 2, fullAt: null, found: [reported(gateway)] };
    const second = mergeDrift(state, { areas: ["network"], found: [gateway] }, later(60));
    expect(second).toEqual({ found: [reported(gateway)], due: [], cleared: [] });
    expect(changesDrift(state, second)).toBe(false);
  });

  test("stays for areas that were not looked at, and is cleared by a look that does not find it", () => {
    const state = { version: 2, fullAt: null, found: [reported(gateway), reported(hook)] };

    expect(mergeDrift(state, { areas: ["network"], found: [] }, later(60))).toEqual({
      found: [reported(hook)],
      due: [],
      cleared: [reported(gateway)],
    });
  });

  test("changes nothing where the same is found in another order", () => {
    const state = { version: 2, fullAt: null, found: [reported(hook), reported(gateway)] };
    const again = mergeDrift(state, { areas: ["network"], found: [gateway] }, later(60));

    expect(changesDrift(state, again)).toBe(false);
    expect(changesDrift(state, mergeDrift(state, { areas: ["network"], found: [] }, later(60)))).toBe(true);
    const other = { ...gateway, message: "it failed" };
    expect(changesDrift(state, mergeDrift(state, { areas: ["network"], found: [other] }, later(60)))).toBe(true);
  });

  test("a target that is unhealthy for less than 90 s is not reported, and nothing is cleared that was not reported", () => {
    const { found, due } = mergeDrift(NO_DRIFT, { areas: ["endpoint"], found: [slow] }, NOW);
    const state = { version: 1, fullAt: null, found };

    expect(due).toEqual([]);
    expect(mergeDrift(state, { areas: ["endpoint"], found: [slow] }, later(89)).due).toEqual([]);
    expect(mergeDrift(state, { areas: ["endpoint"], found: [slow] }, later(90)).due).toEqual(found);
    expect(mergeDrift(state, { areas: ["endpoint"], found: [] }, later(60)).cleared).toEqual([]);
  });

  test("a difference that was not reported yet is due again with the time at which it was first seen", () => {
    const { found } = mergeDrift(NO_DRIFT, { areas: ["network"], found: [gateway] }, NOW);

    expect(
      mergeDrift({ version: 1, fullAt: null, found }, { areas: ["network"], found: [gateway] }, later(60)).due,
    ).toEqual(found);
  });

  test("nothing is looked at while an operation holds the cluster, or outside of what Holdfast watches", () => {
    expect(mayDrift(cluster)).toBe(true);
    expect(mayDrift({ ...cluster, status: "DEGRADED" })).toBe(true);
    expect(mayDrift({ ...cluster, operation: "repair-1" })).toBe(false);
    expect(mayDrift({ ...cluster, status: "DELETING" })).toBe(false);
  });

  test("each has its turn", () => {
    const all = ["a", "b", "c", "d", "e"];
    expect([0, 1, 2].map((minute) => turnOf(all, minute, 2))).toEqual([
      ["a", "b"],
      ["c", "d"],
      ["e", "a"],
    ]);
    expect(turnOf(all, 7, 5)).toEqual(all);
  });
});

describe("U2: the API's targets", () => {
  const address = cluster.plan.members[0]?.address ?? "";
  const member: MemberRecord = {
    member: "a",
    volumeId: "vol-1",
    interfaceId: "eni-1",
    instanceId: "i-1",
    generation: 1,
    health: "healthy",
    observedAt: null,
  };
  const target = (state: string, reason: string | null = null) => [{ address, state, reason }];

  test("a master that is not among them, or on its way out, is to be registered", () => {
    expect(unregistered(cluster, []).map(({ name }) => name)).toEqual(["a"]);
    expect(unregistered(cluster, target("draining")).map(({ name }) => name)).toEqual(["a"]);
    expect(unregistered(cluster, target("initial"))).toEqual([]);
  });

  test("20: one that a migration brings or takes away is that migration's to register, also where it has stopped", () => {
    const migration = { from: ["us-west-2b"], to: ["us-west-2a"], done: [], current: null, noRoll: false };
    const changes = [{ change: "swap" as const, slot: "a", zone: "us-west-2a", replaces: "z" }];
    const leaving = [{ change: "shrink" as const, slot: "a", zone: "us-west-2a" }];

    expect(unregistered({ ...cluster, migration: { ...migration, changes } }, [])).toEqual([]);
    expect(unregistered({ ...cluster, migration: { ...migration, changes: leaving } }, [])).toEqual([]);
    expect(unregistered({ ...cluster, migration: { ...migration, changes, done: changes } }, [])).toHaveLength(1);
  });

  test("healthy and initial ones are no difference; an unhealthy one is a difference only while its master is healthy", () => {
    expect(findEndpointDrift(cluster, [member], target("healthy"))).toEqual([]);
    expect(findEndpointDrift(cluster, [member], target("initial"))).toEqual([]);
    expect(messages(findEndpointDrift(cluster, [member], target("unhealthy")))).toEqual([
      `the API's load balancer finds healthy master a (${address}) unhealthy`,
    ]);
    expect(findEndpointDrift(cluster, [{ ...member, health: "unhealthy" }], target("unhealthy"))).toEqual([]);
  });

  test("R4: a group that no listener uses, and one that is not there", () => {
    expect(messages(findEndpointDrift(cluster, [member], target("unused", "Target.NotInUse")))).toEqual([
      "no listener of the API's load balancer forwards to the masters: the API is unreachable",
    ]);
    expect(messages(findEndpointDrift(cluster, [member], undefined))).toEqual([
      "the target group of the API's load balancer is gone",
    ]);
  });
});

describe("U2: Auto Scaling groups", () => {
  const group = (name: string, size: number): [string, GroupFacts] => [
    name,
    {
      name,
      uid: "u1",
      launchTemplateId: "lt-1",
      minSize: size,
      maxSize: size,
      desired: size,
      suspended: [],
      instances: [],
    },
  ];
  const [masters, nodes] = [masterGroupName(owner, "a"), nodeGroupName(owner, "us-west-2a")];

  test("nodes of another number, and groups that are gone", () => {
    expect(findGroupDrift(cluster, new Map([group(masters, 1), group(nodes, 2)]))).toEqual([]);
    expect(messages(findGroupDrift(cluster, new Map([group(masters, 1), group(nodes, 0)])))).toEqual([
      `Auto Scaling group ${nodes} has min 0, max 0, desired 0; asked for are 2`,
    ]);
    expect(messages(findGroupDrift(cluster, new Map()))).toEqual([
      `Auto Scaling group ${masters} is gone, or has lost its tags`,
      `Auto Scaling group ${nodes} is gone, or has lost its tags`,
    ]);
  });

  test("a number that an update has not brought about yet is no drift", () => {
    expect(findGroupDrift({ ...cluster, pending: { fields: ["nodeCount"] } }, new Map([group(masters, 1)]))).toEqual(
      [],
    );
  });
});

describe("R4: hooks, roles and parameters", () => {
  const role = (name: string) => ({ name, hasPolicy: true, agentMayWork: true });
  const parameters = ["control/authorities", "masters/shared", "masters/a", "masters/a-volume"].map(
    (name) => `/holdfast/x.example.com/${name}`,
  );
  const whole = { hooked: hookedGroupsOf(cluster), roles: rolesOf(cluster).map(role), parameters };

  test("nothing is missing of a whole cluster", () => {
    expect(findMachineDrift(cluster, whole)).toEqual([]);
  });

  test("each that is missing is named", () => {
    const [master = "", node = ""] = rolesOf(cluster);
    expect(messages(findMachineDrift(cluster, { ...whole, hooked: [] }))).toEqual([
      `Auto Scaling group ${masterGroupName(owner, "a")} has no launch hook`,
    ]);
    expect(
      messages(
        findMachineDrift(cluster, { ...whole, roles: [{ ...role(master), hasPolicy: false, agentMayWork: false }] }),
      ),
    ).toEqual([
      `role ${master} has lost its policy`,
      `role ${master} does not let the management agent work`,
      `role ${node} is gone, or is not Holdfast's any more`,
    ]);
    expect(messages(findMachineDrift(cluster, { ...whole, parameters: parameters.slice(0, 3) }))).toEqual([
      "parameter /holdfast/x.example.com/masters/a-volume is gone",
    ]);
  });
});
