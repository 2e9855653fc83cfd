import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { hasLaunchHook } from "../../aws/auto-scaling/instances.ts";
import { iam } from "../../aws/iam/client.ts";
import { readRole } from "../../aws/iam/iam.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { listParameterNames } from "../../aws/ssm/parameters.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import { changesDrift, type DriftChange, type DriftLook, mergeDrift } from "../../domain/drift/drift.ts";
import {
  DRIFT_AREAS,
  type Drift,
  type DriftArea,
  type DriftRecord,
  NO_DRIFT,
} from "../../domain/drift/drift-records.ts";
import { type EndpointFacts, findEndpointDrift } from "../../domain/drift/endpoint-drift.ts";
import type { GroupFacts } from "../../domain/drift/group-drift.ts";
import {
  findGroupDrift,
  findMachineDrift,
  hookedGroupsOf,
  type MachineFacts,
  rolesOf,
} from "../../domain/drift/machine-drift.ts";
import { findNetworkDrift, type NetworkFacts } from "../../domain/drift/network-drift.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { recordEventCalls, recordEventOnce } from "../operations/record-event.ts";

export const driftCalls = {
  ...recordEventCalls,
  ...bind(autoScaling, { hasLaunchHook }),
  ...bind(iam, { readRole }),
  ...bind(ssm, { listParameterNames }),
};

type Collaborators = Deps<typeof driftCalls>;

/** What was read; an area that is absent was not looked at, or could not be. */
export interface DriftFacts {
  readonly network?: NetworkFacts | undefined;
  readonly groups?: ReadonlyMap<string, GroupFacts> | undefined;
  /** In an object, since a target group that does not exist is a fact too. */
  readonly endpoint?: { readonly targets: EndpointFacts } | undefined;
  readonly machines?: MachineFacts | undefined;
}

/** Hooks, roles and parameters of one cluster: a call or two for each. */
export async function readMachines(deps: Collaborators, cluster: ClusterRecord): Promise<MachineFacts> {
  const groups = hookedGroupsOf(cluster);
  const [hooks, roles, parameters] = await Promise.all([
    Promise.all(groups.map(deps.aws.hasLaunchHook)),
    Promise.all(rolesOf(cluster).map(deps.aws.readRole)),
    deps.aws.listParameterNames(cluster.name),
  ]);
  return {
    hooked: groups.filter((_, index) => hooks[index]),
    roles: roles.filter((role) => role !== undefined),
    parameters,
  };
}

export function evaluateDrift(
  cluster: ClusterRecord,
  members: readonly MemberRecord[],
  { network, groups, endpoint, machines }: DriftFacts,
): DriftLook {
  const looks: readonly [DriftArea, readonly Drift[] | undefined][] = [
    ["network", network && findNetworkDrift(cluster, members, network)],
    ["groups", groups && findGroupDrift(cluster, groups)],
    ["endpoint", endpoint && findEndpointDrift(cluster, members, endpoint.targets)],
    ["machines", machines && findMachineDrift(cluster, machines)],
  ];
  return {
    areas: looks.filter(([, found]) => found !== undefined).map(([area]) => area),
    found: looks.flatMap(([, found]) => found ?? []),
  };
}

/**
 * Records the findings, reports new ones once and corrected ones once. They are recorded first, then reported, then
 * marked as reported. A run that dies in between is repeated by the next one, under the same ids.
 */
export async function keepDrift(
  deps: Collaborators,
  cluster: ClusterRecord,
  look: DriftLook,
  now: Date,
): Promise<void> {
  const before = cluster.drift ?? NO_DRIFT;
  const change = mergeDrift(before, look, now);
  const isFull = DRIFT_AREAS.every((area) => look.areas.includes(area));
  if (!isFull && !changesDrift(before, change)) return;
  const fullAt = isFull ? now.toISOString() : before.fullAt;
  const first = { version: before.version + 1, fullAt, found: change.found };
  await recordChanges(deps, cluster.name, "drift-cleared", change.cleared, now);
  if (!(await deps.store.recordDrift(cluster.name, before.version, first)) || change.due.length === 0) return;
  await recordChanges(deps, cluster.name, "drift-found", change.due, now);
  await deps.store.recordDrift(cluster.name, first.version, {
    ...first,
    version: first.version + 1,
    found: withReported(change),
  });
}

function withReported({ found, due }: DriftChange): DriftRecord[] {
  return found.map((record) => (due.some(({ key }) => key === record.key) ? { ...record, reported: true } : record));
}

async function recordChanges(
  deps: Collaborators,
  cluster: string,
  type: "drift-found" | "drift-cleared",
  drifts: readonly DriftRecord[],
  now: Date,
): Promise<void> {
  for (const { key, message, since } of drifts) {
    const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
    const event = {
      time: now.toISOString(),
      type,
      message: type === "drift-found" ? sentence : `Right again: ${message}.`,
      member: null,
      operation: null,
    };
    await recordEventOnce(deps, cluster, event, `${type}#${key}#${since}`);
  }
}
