import {
  masterGroupName,
  masterRoleName,
  masterTemplateName,
  nodeGroupName,
  nodeRoleName,
  nodeTemplateName,
  ownerTags,
  TAG,
} from "../cluster/naming.ts";
import { type ClusterRecord, type MemberRecord, ownerOf } from "../cluster/records.ts";
import { groupDifferences, type Tags, type TemplateFacts, templateDifferences } from "../ownership/adoption.ts";
import { isUntagged } from "./member-drift.ts";

/** A resource with the tags that it has now. An Auto Scaling group's id is its name. */
export interface Tagged {
  readonly id: string;
  readonly tags: Tags;
}
export interface TaggedGroup extends Tagged {
  readonly launchTemplateId: string | undefined;
}
export interface TaggedTemplate extends Tagged, TemplateFacts {
  readonly name: string;
}

/** What was read of resources that may have lost their owner's tags; what has them need not be here. */
export interface TagFacts {
  /** Masters' instances. */
  readonly instances: readonly Tagged[];
  readonly securityGroups: readonly Tagged[];
  /** Load balancers and target groups. */
  readonly balancing: readonly Tagged[];
  readonly groups: readonly TaggedGroup[];
  readonly templates: readonly TaggedTemplate[];
}

/** Owner's tags that must be put back. */
export interface LostTags extends Tagged {
  readonly service: "ec2" | "auto-scaling" | "load-balancing";
}

/** Security groups on record, by id, with their logical names. */
export function securityGroupsOf({ network }: ClusterRecord): ReadonlyMap<string, string> {
  return new Map([
    ...(network ? [[network.masterGroupId, "security-group/masters"] as const] : []),
    ...(network ? [[network.nodeGroupId, "security-group/nodes"] as const] : []),
    ...(network?.apiGroupId === undefined ? [] : [[network.apiGroupId, "security-group/api"] as const]),
  ]);
}

/** Masters' instances on record, by id, with the names of their members. */
export function instancesOf(members: readonly MemberRecord[]): ReadonlyMap<string, string> {
  return new Map(
    members.flatMap(({ member, instanceId }) => (instanceId === null ? [] : [[instanceId, member] as const])),
  );
}

/** Load balancer and target group on record, by ARN, with their logical names. */
export function balancingOf({ endpoint }: ClusterRecord): ReadonlyMap<string, string> {
  return new Map(
    endpoint
      ? [
          [endpoint.loadBalancerArn, "load-balancer"],
          [endpoint.targetGroupArn, "target-group"],
        ]
      : [],
  );
}

/** An Auto Scaling group and its launch template. Their names end in a hash of the uid, so no other cluster gives them. */
export interface Launcher {
  readonly group: { readonly name: string; readonly resource: string };
  readonly template: { readonly name: string; readonly resource: string };
  /** What only this cluster's template names. */
  readonly launches: TemplateFacts;
}

export function launchersOf(cluster: ClusterRecord, members: readonly MemberRecord[]): Launcher[] {
  const owner = ownerOf(cluster);
  const masters = cluster.plan.members.map(({ name }): Launcher => {
    const interfaceId = members.find(({ member }) => member === name)?.interfaceId ?? "";
    return {
      group: { name: masterGroupName(owner, name), resource: `group/master-${name}` },
      template: { name: masterTemplateName(owner, name), resource: `launch-template/master-${name}` },
      launches: { instanceProfile: masterRoleName(owner, name), interfaceId },
    };
  });
  const nodes = cluster.plan.nodes.map(
    ({ zone }): Launcher => ({
      group: { name: nodeGroupName(owner, zone), resource: `group/nodes-${zone}` },
      template: { name: nodeTemplateName(owner), resource: "launch-template/node" },
      launches: { instanceProfile: nodeRoleName(owner), interfaceId: undefined },
    }),
  );
  return [...masters, ...nodes];
}

/**
 * The tags to put back on what has no owner and is provably the cluster's. Of instances, security groups, balancers and target
 * groups the id is on record. A template has the cluster's name, profile and interface, and a group launches from that template.
 */
export function lostTagsOf(cluster: ClusterRecord, members: readonly MemberRecord[], facts: TagFacts): LostTags[] {
  const ofRecord = (service: LostTags["service"], names: ReadonlyMap<string, string>, found: readonly Tagged[]) =>
    found.filter(isUntagged).flatMap(({ id }) => {
      const resource = names.get(id);
      return resource === undefined ? [] : [lost(cluster, service, id, resource)];
    });
  const names = instancesOf(members);
  const instances = facts.instances.filter(isUntagged).flatMap(({ id }) => {
    const member = names.get(id);
    return member === undefined ? [] : [lost(cluster, "ec2", id, `master-${member}`, { [TAG.member]: member })];
  });
  const launchers = launchersOf(cluster, members).flatMap((launcher) => lostOfLauncher(cluster, launcher, facts));
  const all = [
    ...instances,
    ...ofRecord("ec2", securityGroupsOf(cluster), facts.securityGroups),
    ...ofRecord("load-balancing", balancingOf(cluster), facts.balancing),
    ...launchers,
  ];
  // Groups of nodes share one template.
  return [...new Map(all.map((each) => [each.id, each])).values()];
}

function lostOfLauncher(cluster: ClusterRecord, launcher: Launcher, { groups, templates }: TagFacts): LostTags[] {
  const template = templates.find(({ name }) => name === launcher.template.name);
  if (!template || templateDifferences(launcher.launches, template).length > 0) return [];
  const group = groups.find(({ id }) => id === launcher.group.name);
  const isOurs = group && groupDifferences(template.id, group).length === 0;
  return [
    ...(isUntagged(template) ? [lost(cluster, "ec2", template.id, launcher.template.resource)] : []),
    ...(isOurs && isUntagged(group) ? [lost(cluster, "auto-scaling", group.id, launcher.group.resource)] : []),
  ];
}

/** Without labels: a permission to put any key would be one to put others' owner tags. */
function lost(
  cluster: ClusterRecord,
  service: LostTags["service"],
  id: string,
  ...[resource, more]: [string, Tags?]
): LostTags {
  return { service, id, tags: ownerTags({ ...ownerOf(cluster), labels: {} }, resource, more) };
}
