import type * as ec2 from "@aws-sdk/client-ec2";
import { AwsError, type Handlers } from "../../wire/contract.ts";
import { arnOf, type Engine } from "../engine/engine.ts";
import { required } from "../engine/errors.ts";
import { select } from "../engine/filters.ts";
import { kinds } from "../engine/kinds.ts";
import type { SecurityGroup, SecurityGroupRule } from "../engine/state-network.ts";
import { type Tags, tagList, tagsOnCreate } from "../engine/tags.ts";
import { type Grant, isGroup, isIpv4, isIpv6, isList } from "./grants.ts";
import { grantsOf, type PermissionInput } from "./permissions.ts";
import { addRule, groupNamed, removeRule, rulesOf } from "./security-groups.ts";

interface GroupReference {
  readonly GroupId?: string | undefined;
  readonly GroupName?: string | undefined;
}

function groupOf(engine: Engine, input: GroupReference): SecurityGroup {
  const defaultVpc = engine.store.vpcs.list().find((vpc) => vpc.isDefault);
  return groupNamed(engine, defaultVpc?.id ?? "", { id: input.GroupId, name: input.GroupName });
}

function isSame(rule: SecurityGroupRule, grant: Grant, egress: boolean): boolean {
  return (
    rule.egress === egress &&
    rule.protocol === grant.protocol &&
    rule.fromPort === grant.fromPort &&
    rule.toPort === grant.toPort &&
    rule.peer === grant.peer
  );
}

/** All of the grants or none. @throws AwsError `InvalidPermission.Duplicate` */
function authorize(
  engine: Engine,
  input: PermissionInput & GroupReference,
  direction: { egress: boolean; tags: Tags },
): SecurityGroupRule[] {
  const group = groupOf(engine, input);
  const grants = grantsOf(engine, group, input);
  const present = rulesOf(engine, group.id);
  for (const [index, grant] of grants.entries()) {
    const isRepeated = grants.slice(0, index).some((earlier) => sameGrant(earlier, grant));
    if (isRepeated || present.some((rule) => isSame(rule, grant, direction.egress))) {
      throw new AwsError("InvalidPermission.Duplicate", `the specified rule "${sentence(grant)}" already exists`);
    }
  }
  return grants.map((grant) =>
    addRule(engine, { groupId: group.id, egress: direction.egress, ...grant }, { ...direction.tags }),
  );
}

function sameGrant(one: Grant, other: Grant): boolean {
  return (["protocol", "fromPort", "toPort", "peer"] as const).every((member) => one[member] === other[member]);
}

function sentence(grant: Grant): string {
  const protocol = grant.protocol === "-1" ? "ALL" : grant.protocol.toUpperCase();
  const ports = grant.fromPort < 0 ? "" : `, from port: ${grant.fromPort}, to port: ${grant.toPort}`;
  return `peer: ${grant.peer}, ${protocol}${ports}, ALLOW`;
}

/** All of the named rules or none. @throws AwsError `InvalidPermission.NotFound`, `InvalidSecurityGroupRuleId.NotFound` */
function revoke(
  engine: Engine,
  input: PermissionInput & GroupReference & { SecurityGroupRuleIds?: string[] | undefined },
  egress: boolean,
): void {
  const group = groupOf(engine, input);
  const rules = rulesOf(engine, group.id).filter((rule) => rule.egress === egress);
  const ids = input.SecurityGroupRuleIds ?? [];
  const doomed =
    ids.length > 0
      ? ids.map((id) => rules.find((rule) => rule.id === id) ?? unknownRule(id))
      : grantsOf(engine, group, input).map(
          (grant) => rules.find((rule) => isSame(rule, grant, egress)) ?? unknownPermission(),
        );
  for (const rule of doomed) removeRule(engine, rule);
}

function unknownRule(id: string): never {
  throw new AwsError(kinds.securityGroupRule.notFound, `The security group rule ID '${id}' does not exist`);
}

function unknownPermission(): never {
  throw new AwsError("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
}

export function securityGroupRuleHandlers(engine: Engine): Handlers<typeof ec2> {
  const { store } = engine;
  const authorized = (egress: boolean) => (input: ec2.AuthorizeSecurityGroupIngressCommandInput) => {
    const tags = tagsOnCreate(input.TagSpecifications, kinds.securityGroupRule);
    const rules = authorize(engine, input, { egress, tags });
    return { Return: true, SecurityGroupRules: rules.map((rule) => ruleView(engine, rule)) };
  };
  const revoked = (egress: boolean) => (input: ec2.RevokeSecurityGroupIngressCommandInput) => {
    revoke(engine, input, egress);
    return { Return: true, UnknownIpPermissions: [] };
  };
  return {
    AuthorizeSecurityGroupIngress: authorized(false),
    AuthorizeSecurityGroupEgress: (input) =>
      authorized(true)({ ...input, GroupId: required(input.GroupId, "GroupId") }),
    RevokeSecurityGroupIngress: revoked(false),
    RevokeSecurityGroupEgress: (input) => revoked(true)({ ...input, GroupId: required(input.GroupId, "GroupId") }),

    DescribeSecurityGroupRules(input) {
      const { items, ...next } = select(store.securityGroupRules, input.SecurityGroupRuleIds, input, {
        "group-id": (rule) => rule.groupId,
        "security-group-rule-id": (rule) => rule.id,
      });
      return { SecurityGroupRules: items.map((rule) => ruleView(engine, rule)), ...next };
    },
  };
}

function ruleView(engine: Engine, rule: SecurityGroupRule): ec2.SecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.id,
    SecurityGroupRuleArn: arnOf(engine, `security-group-rule/${rule.id}`),
    GroupId: rule.groupId,
    GroupOwnerId: engine.context.accountId,
    IsEgress: rule.egress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    ...(isIpv4(rule) && { CidrIpv4: rule.peer }),
    ...(isIpv6(rule) && { CidrIpv6: rule.peer }),
    ...(isList(rule) && { PrefixListId: rule.peer }),
    ...(isGroup(rule) && { ReferencedGroupInfo: { GroupId: rule.peer, UserId: engine.context.accountId } }),
    ...(rule.description !== undefined && { Description: rule.description }),
    Tags: tagList(rule.tags),
  };
}
