import type { IpPermission } from "@aws-sdk/client-ec2";
import type { Engine } from "../engine/engine.ts";
import type { SecurityGroupRule } from "../engine/state-network.ts";

/** What a rule allows, apart from the group that it belongs to. */
export type Grant = Pick<SecurityGroupRule, "protocol" | "fromPort" | "toPort" | "peer" | "description">;

/** Rules as `IpPermissions`: one entry a protocol and port range, with all its networks and groups. */
export function permissionsOf(engine: Engine, rules: readonly SecurityGroupRule[]): IpPermission[] {
  const byRange = Map.groupBy(rules, (rule) => `${rule.protocol}/${rule.fromPort}/${rule.toPort}`);
  return [...byRange.values()].map((same) => permission(engine, same));
}

function permission(engine: Engine, rules: readonly SecurityGroupRule[]): IpPermission {
  const [first] = rules;
  const hasPorts = first?.protocol !== "-1" && !/^\d+$/.test(first?.protocol ?? "");
  const withDescription = (rule: SecurityGroupRule) =>
    rule.description === undefined ? {} : { Description: rule.description };
  return {
    IpProtocol: first?.protocol,
    ...(hasPorts && { FromPort: first?.fromPort, ToPort: first?.toPort }),
    IpRanges: rules.filter(isIpv4).map((rule) => ({ CidrIp: rule.peer, ...withDescription(rule) })),
    Ipv6Ranges: rules.filter(isIpv6).map((rule) => ({ CidrIpv6: rule.peer, ...withDescription(rule) })),
    PrefixListIds: rules.filter(isList).map((rule) => ({ PrefixListId: rule.peer, ...withDescription(rule) })),
    UserIdGroupPairs: rules
      .filter(isGroup)
      .map((rule) => ({ GroupId: rule.peer, UserId: engine.context.accountId, ...withDescription(rule) })),
  };
}

export function isIpv4(rule: Pick<Grant, "peer">): boolean {
  return rule.peer.includes("/") && !rule.peer.includes(":");
}

export function isIpv6(rule: Pick<Grant, "peer">): boolean {
  return rule.peer.includes(":");
}

export function isList(rule: Pick<Grant, "peer">): boolean {
  return rule.peer.startsWith("pl-");
}

export function isGroup(rule: Pick<Grant, "peer">): boolean {
  return rule.peer.startsWith("sg-");
}
