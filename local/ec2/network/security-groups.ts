import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { arnOf, type Engine } from "../engine/engine.ts";
import { invalidParameter, invalidValue, required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { SecurityGroup, SecurityGroupRule } from "../engine/state-network.ts";
import { newResource } from "../engine/store.ts";
import { type Tags, tagList, tagsOnCreate } from "../engine/tags.ts";
import { refreshGroup } from "./firewalls.ts";
import { permissionsOf } from "./grants.ts";

/** Adds a group that lets everything out, as every new group does. `id` is for groups that come from elsewhere. */
export function addGroup(
  engine: Engine,
  request: { vpcId: string; name: string; description: string; tags: Tags; id?: string },
): SecurityGroup {
  const { context, store } = engine;
  const group = store.securityGroups.add({
    ...newResource(context, kinds.securityGroup.prefix, request.tags),
    ...(request.id !== undefined && { id: request.id }),
    vpcId: request.vpcId,
    name: request.name,
    description: request.description,
    associations: [],
  });
  addRule(engine, { groupId: group.id, egress: true, protocol: "-1", fromPort: -1, toPort: -1, peer: "0.0.0.0/0" });
  return group;
}

/** The group that comes with a VPC: its members may reach each other. */
export function addDefaultGroup(engine: Engine, vpcId: string): void {
  const group = addGroup(engine, { vpcId, name: "default", description: "default VPC security group", tags: {} });
  addRule(engine, { groupId: group.id, egress: false, protocol: "-1", fromPort: -1, toPort: -1, peer: group.id });
}

export function addRule(
  engine: Engine,
  rule: Omit<SecurityGroupRule, "id" | "createdAt" | "tags">,
  tags: Tags = {},
): SecurityGroupRule {
  const { context, store } = engine;
  refreshGroup(engine, rule.groupId);
  return store.securityGroupRules.add({ ...newResource(context, kinds.securityGroupRule.prefix, tags), ...rule });
}

export function removeRule(engine: Engine, rule: SecurityGroupRule): void {
  engine.store.securityGroupRules.remove(rule.id);
  refreshGroup(engine, rule.groupId);
}

/** Takes a group away with its rules. */
export function removeGroup(engine: Engine, groupId: string): void {
  for (const rule of rulesOf(engine, groupId)) removeRule(engine, rule);
  engine.store.securityGroups.remove(groupId);
}

export function rulesOf(engine: Engine, groupId: string): SecurityGroupRule[] {
  return engine.store.securityGroupRules.list().filter((rule) => rule.groupId === groupId);
}

export function defaultGroupOf(engine: Engine, vpcId: string): SecurityGroup {
  const group = engine.store.securityGroups.list().find((each) => each.vpcId === vpcId && each.name === "default");
  if (!group) throw new Error(`VPC ${vpcId} has no default security group`);
  return group;
}

/** A group named by id, or by name in the given VPC. @throws AwsError `InvalidGroup.NotFound` */
export function groupNamed(
  engine: Engine,
  vpcId: string,
  reference: { id?: string | undefined; name?: string | undefined },
): SecurityGroup {
  const { store } = engine;
  if (reference.id !== undefined) return store.securityGroups.get(reference.id);
  const name = required(reference.name, "GroupId");
  const group = store.securityGroups.list().find((each) => each.vpcId === vpcId && each.name === name);
  if (!group)
    throw new AwsError("InvalidGroup.NotFound", `The security group '${name}' does not exist in VPC '${vpcId}'`);
  return group;
}

function defaultVpcId(engine: Engine): string {
  const vpc = engine.store.vpcs.list().find((each) => each.isDefault);
  if (!vpc) throw new AwsError("VPCIdNotSpecified", "No default VPC for this user");
  return vpc.id;
}

function deleteGroup(engine: Engine, group: SecurityGroup): void {
  const { store } = engine;
  if (group.name === "default") {
    throw new AwsError(
      "CannotDelete",
      `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
    );
  }
  const isReferenced = store.securityGroupRules
    .list()
    .some((rule) => rule.peer === group.id && rule.groupId !== group.id);
  const isInUse = store.networkInterfaces.list().some((each) => each.groupIds.includes(group.id));
  if (isReferenced || isInUse || group.associations.length > 0)
    throw new AwsError("DependencyViolation", `resource ${group.id} has a dependent object`);
  removeGroup(engine, group.id);
}

export function securityGroupHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  return {
    CreateSecurityGroup(input) {
      const name = required(input.GroupName, "GroupName");
      const description = required(input.Description, "GroupDescription");
      if (name.startsWith("sg-") || name.length > 255) throw invalidParameter(name, "GroupName");
      if (name === "default")
        throw new AwsError("InvalidParameterValue", "Cannot use reserved security group name: default");
      const vpcId = input.VpcId === undefined ? defaultVpcId(engine) : store.vpcs.get(input.VpcId).id;
      if (store.securityGroups.list().some((group) => group.vpcId === vpcId && group.name === name)) {
        throw new AwsError("InvalidGroup.Duplicate", `The security group '${name}' already exists for VPC '${vpcId}'`);
      }
      const tags = tagsOnCreate(input.TagSpecifications, kinds.securityGroup);
      const group = addGroup(engine, { vpcId, name, description, tags });
      return { GroupId: group.id, SecurityGroupArn: arnOf(engine, `security-group/${group.id}`), Tags: tagList(tags) };
    },

    DescribeSecurityGroups(input) {
      const names = input.GroupNames ?? [];
      const byName = names.map((name) => groupNamed(engine, defaultVpcId(engine), { name }).id);
      const ids = [...(input.GroupIds ?? []), ...byName];
      const { items, ...next } = select(store.securityGroups, ids, input, filters(engine));
      return { SecurityGroups: items.map((group) => groupView(engine, group)), ...next };
    },

    DeleteSecurityGroup(input) {
      const id = input.GroupId;
      if (id === undefined && input.GroupName === undefined) throw invalidValue("A security group must be named.");
      const group =
        id === undefined
          ? groupNamed(engine, defaultVpcId(engine), { name: input.GroupName })
          : store.securityGroups.get(id);
      deleteGroup(engine, group);
      return { Return: true, GroupId: group.id };
    },
  };
}

function filters(engine: Engine): FilterAttributes<SecurityGroup> {
  const rules = (group: SecurityGroup, egress: boolean) =>
    rulesOf(engine, group.id).filter((rule) => rule.egress === egress);
  const peers = (group: SecurityGroup, egress: boolean) => rules(group, egress).map((rule) => rule.peer);
  return {
    "group-id": (group) => group.id,
    "group-name": (group) => group.name,
    description: (group) => group.description,
    "vpc-id": (group) => group.vpcId,
    "owner-id": () => engine.context.accountId,
    "ip-permission.cidr": (group) => peers(group, false).filter((peer) => peer.includes("/")),
    "ip-permission.group-id": (group) => peers(group, false).filter((peer) => peer.startsWith("sg-")),
    "ip-permission.from-port": (group) => rules(group, false).map((rule) => rule.fromPort),
    "ip-permission.to-port": (group) => rules(group, false).map((rule) => rule.toPort),
    "ip-permission.protocol": (group) => rules(group, false).map((rule) => rule.protocol),
    "egress.ip-permission.cidr": (group) => peers(group, true).filter((peer) => peer.includes("/")),
    "egress.ip-permission.group-id": (group) => peers(group, true).filter((peer) => peer.startsWith("sg-")),
  };
}

function groupView(engine: Engine, group: SecurityGroup): ec2.SecurityGroup {
  const rules = rulesOf(engine, group.id);
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    VpcId: group.vpcId,
    OwnerId: engine.context.accountId,
    SecurityGroupArn: arnOf(engine, `security-group/${group.id}`),
    IpPermissions: permissionsOf(
      engine,
      rules.filter((rule) => !rule.egress),
    ),
    IpPermissionsEgress: permissionsOf(
      engine,
      rules.filter((rule) => rule.egress),
    ),
    Tags: tagList(group.tags),
  };
}
