import { masterGroupName, masterRoleName, nodeGroupName, nodeRoleName, parameterName } from "../cluster/naming.ts";
import { type ClusterRecord, ownerOf } from "../cluster/records.ts";
import { spreadNodes } from "../plan/spread-nodes.ts";
import type { Drift } from "./drift-records.ts";
import type { GroupFacts } from "./group-drift.ts";

/**
 * Groups that were deleted, and groups of nodes that have another size. Sizes of masters' groups are corrected by
 * repairs.
 */
export function findGroupDrift(cluster: ClusterRecord, groups: ReadonlyMap<string, GroupFacts>): Drift[] {
  const owner = ownerOf(cluster);
  const { spec, plan, pending } = cluster;
  const drift = (name: string, message: string): Drift => ({ key: `group/${name}`, area: "groups", message });
  const gone = (name: string) => drift(name, `Auto Scaling group ${name} is gone, or has lost its tags`);
  const masters = plan.members.map(({ name }) => masterGroupName(owner, name)).filter((name) => !groups.has(name));
  // Changes that an update has not completed are no drift.
  const shares = pending ? [] : spreadNodes(spec.nodeCount, spec.zones);
  const nodes = shares.flatMap(({ zone, count }) => {
    const name = nodeGroupName(owner, zone);
    const group = groups.get(name);
    if (!group) return count === 0 ? [] : [gone(name)];
    const { minSize, maxSize, desired } = group;
    if ([minSize, maxSize, desired].every((size) => size === count)) return [];
    const sizes = `min ${minSize}, max ${maxSize}, desired ${desired}`;
    return [drift(name, `Auto Scaling group ${name} has ${sizes}; asked for are ${count}`)];
  });
  return [...masters.map(gone), ...nodes];
}

export interface RoleFacts {
  readonly name: string;
  /** The policy that names what the cluster's machines may do. */
  readonly hasPolicy: boolean;
  /** AWS's policy for the agent of Systems Manager. */
  /** Its policies let the management agent work. */
  readonly agentMayWork: boolean;
}

/** What is there by name, and takes a call each to look at. */
export interface MachineFacts {
  /** Masters' groups that have their launch hook. */
  readonly hooked: readonly string[];
  /** Roles that exist. */
  readonly roles: readonly RoleFacts[];
  readonly parameters: readonly string[];
}

export function hookedGroupsOf(cluster: ClusterRecord): string[] {
  return cluster.plan.members.map(({ name }) => masterGroupName(ownerOf(cluster), name));
}

export function rolesOf(cluster: ClusterRecord): string[] {
  const owner = ownerOf(cluster);
  return [...cluster.plan.members.map(({ name }) => masterRoleName(owner, name)), nodeRoleName(owner)];
}

function parametersOf({ name: cluster, plan }: ClusterRecord): string[] {
  return [
    parameterName.authorities({ cluster }),
    parameterName.masters({ cluster }),
    ...plan.members.flatMap(({ name }) => [
      parameterName.member({ cluster }, name),
      parameterName.volume({ cluster }, name),
    ]),
  ];
}

/** Launch hooks, roles with their policies, and parameters that are missing. */
export function findMachineDrift(cluster: ClusterRecord, facts: MachineFacts): Drift[] {
  const drift = (key: string, message: string): Drift => ({ key, area: "machines", message });
  const hooks = hookedGroupsOf(cluster)
    .filter((group) => !facts.hooked.includes(group))
    .map((group) => drift(`hook/${group}`, `Auto Scaling group ${group} has no launch hook`));
  const roles = rolesOf(cluster).flatMap((name) => {
    const role = facts.roles.find((each) => each.name === name);
    if (!role) return [drift(`role/${name}`, `role ${name} is gone, or is not Holdfast's any more`)];
    return [
      ...(role.hasPolicy ? [] : [drift(`role-policy/${name}`, `role ${name} has lost its policy`)]),
      ...(role.agentMayWork
        ? []
        : [drift(`role-agent-policy/${name}`, `role ${name} does not let the management agent work`)]),
    ];
  });
  const parameters = parametersOf(cluster)
    .filter((name) => !facts.parameters.includes(name))
    .map((name) => drift(`parameter/${name}`, `parameter ${name} is gone`));
  return [...hooks, ...roles, ...parameters];
}
