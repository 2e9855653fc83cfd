import { autoScaling } from "../../aws/auto-scaling/client.ts";
import { ec2 } from "../../aws/ec2/client.ts";
import { putTags } from "../../aws/ec2/members.ts";
import { elb } from "../../aws/load-balancing/client.ts";
import {
  findBalancingTags,
  findGroupTags,
  findInstanceTags,
  findSecurityGroupTags,
  findTemplateTags,
  putBalancingTags,
  putGroupTags,
  readTemplate,
} from "../../aws/tags/lost-tags.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import type { GroupFacts } from "../../domain/drift/group-drift.ts";
import { isUntagged } from "../../domain/drift/member-drift.ts";
import {
  balancingOf,
  instancesOf,
  type LostTags,
  launchersOf,
  lostTagsOf,
  securityGroupsOf,
  type TagFacts,
  type TaggedGroup,
  type TaggedTemplate,
} from "../../domain/drift/tag-drift.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { recordEvent, recordEventCalls } from "../operations/record-event.ts";

export const tagDriftCalls = {
  ...recordEventCalls,
  ...bind(ec2, { findInstanceTags, findSecurityGroupTags, findTemplateTags, readTemplate, putTags }),
  ...bind(elb, { findBalancingTags, putBalancingTags }),
  ...bind(autoScaling, { findGroupTags, putGroupTags }),
};

type Collaborators = Deps<typeof tagDriftCalls>;

interface Look {
  readonly cluster: ClusterRecord;
  readonly members: readonly MemberRecord[];
}

/** What lists by tag have shown: it has its owner, and is not looked at again. */
interface Seen {
  readonly ids: ReadonlySet<string>;
  readonly groups: ReadonlyMap<string, GroupFacts>;
}

/**
 * Reads the tags of what these clusters share among their members and of what launches them, except of what was seen.
 */
export async function readTags(deps: Collaborators, looks: readonly Look[], seen: Seen): Promise<TagFacts> {
  const unseen = (ids: readonly string[]): string[] => ids.filter((id) => !seen.ids.has(id));
  const launchers = looks.flatMap(({ cluster, members }) => launchersOf(cluster, members));
  const names = launchers.map(({ group }) => group.name);
  const [instances, securityGroups, balancing, groups] = await Promise.all([
    deps.aws.findInstanceTags(unseen(looks.flatMap(({ members }) => [...instancesOf(members).keys()]))),
    deps.aws.findSecurityGroupTags(unseen(looks.flatMap(({ cluster }) => [...securityGroupsOf(cluster).keys()]))),
    deps.aws.findBalancingTags(looks.flatMap(({ cluster }) => [...balancingOf(cluster).keys()])),
    deps.aws.findGroupTags(names.filter((name) => !seen.groups.has(name))),
  ]);
  const byName = new Map(groups.map((group) => [group.id, group]));
  const isSuspect = (name: string): boolean => {
    const group = byName.get(name);
    const id = (group ?? seen.groups.get(name))?.launchTemplateId;
    return (group !== undefined && isUntagged(group)) || (id !== undefined && !seen.ids.has(id));
  };
  const suspects = launchers.filter(({ group }) => isSuspect(group.name)).map(({ template }) => template.name);
  return {
    instances,
    securityGroups,
    balancing,
    groups,
    templates: await readTemplates(deps, [...new Set(suspects)], launchers, byName),
  };
}

/** What a template names is read only where something depends on it: a call for each. */
async function readTemplates(
  deps: Collaborators,
  names: readonly string[],
  launchers: ReturnType<typeof launchersOf>,
  groups: ReadonlyMap<string, TaggedGroup>,
): Promise<TaggedTemplate[]> {
  const found = await deps.aws.findTemplateTags(names);
  const ofBareGroups = launchers.filter(({ group: { name } }) => {
    const group = groups.get(name);
    return group !== undefined && isUntagged(group);
  });
  const needed = new Set(ofBareGroups.map(({ template }) => template.name));
  const wanted = found.filter((template) => isUntagged(template) || needed.has(template.name));
  return Promise.all(wanted.map(async (template) => ({ ...template, ...(await deps.aws.readTemplate(template.id)) })));
}

/**
 * Puts back the owner's tags of instances, security groups, groups, launch templates and balancers. Each is recorded as
 * an event.
 */
export async function putTagsBack(deps: Collaborators, cluster: ClusterRecord, operation: string): Promise<void> {
  const members = await deps.store.listMembers(cluster.name);
  const facts = await readTags(deps, [{ cluster, members }], { ids: new Set(), groups: new Map() });
  for (const lost of lostTagsOf(cluster, members, facts)) {
    await putLostTags(deps, lost);
    const message = `Tags of ${lost.id} were removed; they are restored.`;
    const event = { time: deps.clock.now().toISOString(), type: "tags-restored", message, member: null, operation };
    await recordEvent(deps, cluster.name, event, `${operation}#tags-restored#${lost.id}`);
  }
}

function putLostTags({ aws }: Collaborators, { service, id, tags }: LostTags): Promise<void> {
  if (service === "ec2") return aws.putTags(id, tags);
  return service === "load-balancing" ? aws.putBalancingTags(id, tags) : aws.putGroupTags(id, tags);
}
