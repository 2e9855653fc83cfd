import type { IpPermission } from "@aws-sdk/client-ec2";
import { formatNetwork, parseNetwork } from "../engine/cidr.ts";
import type { Engine } from "../engine/engine.ts";
import { invalidCombination, invalidParameter, invalidValue, required } from "../engine/errors.ts";
import type { SecurityGroup } from "../engine/state-network.ts";
import type { Grant } from "./grants.ts";
import { groupNamed } from "./security-groups.ts";

/** The members that all four Authorize and Revoke calls share; the flat ones are the older way to say one rule. */
export interface PermissionInput {
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly CidrIp?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly IpProtocol?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
}

const protocolNames: Readonly<Record<string, string>> = {
  "1": "icmp",
  "6": "tcp",
  "17": "udp",
  "58": "icmpv6",
  all: "-1",
};

/** One grant for each network or group that the permissions name. @throws AwsError for what AWS would refuse */
export function grantsOf(engine: Engine, group: SecurityGroup, input: PermissionInput): Grant[] {
  const permissions = [...(input.IpPermissions ?? []), ...flatPermission(input)];
  if (permissions.length === 0) throw invalidCombination("Either 'ipPermissions' or a single rule must be given.");
  return permissions.flatMap((permission) => {
    const range = portRange(permission);
    const peers = peersOf(engine, group, permission);
    if (peers.length === 0) throw invalidValue("A rule must name at least one network, prefix list or security group.");
    return peers.map((peer) => ({ ...range, ...peer }));
  });
}

function flatPermission(input: PermissionInput): IpPermission[] {
  if (input.IpProtocol === undefined && input.SourceSecurityGroupName === undefined) return [];
  return [
    {
      IpProtocol: input.IpProtocol ?? "-1",
      FromPort: input.FromPort,
      ToPort: input.ToPort,
      ...(input.CidrIp !== undefined && { IpRanges: [{ CidrIp: input.CidrIp }] }),
      ...(input.SourceSecurityGroupName !== undefined && {
        UserIdGroupPairs: [{ GroupName: input.SourceSecurityGroupName }],
      }),
    },
  ];
}

function portRange(permission: IpPermission): Pick<Grant, "protocol" | "fromPort" | "toPort"> {
  const given = required(permission.IpProtocol, "IpProtocol").toLowerCase();
  const protocol = protocolNames[given] ?? given;
  if (!["tcp", "udp", "icmp", "icmpv6", "-1"].includes(protocol) && !/^\d{1,3}$/.test(protocol)) {
    throw invalidParameter(given, "IpProtocol", "Unrecognized protocol.");
  }
  const { FromPort: from, ToPort: to } = permission;
  if (protocol !== "tcp" && protocol !== "udp") {
    const isIcmp = protocol.startsWith("icmp");
    return { protocol, fromPort: isIcmp ? (from ?? -1) : -1, toPort: isIcmp ? (to ?? -1) : -1 };
  }
  const fromPort = required(from, "FromPort");
  const toPort = required(to, "ToPort");
  if (fromPort < 0 || toPort > 65_535 || fromPort > toPort) {
    throw invalidValue(`Invalid value '${fromPort}-${toPort}' for portRange. Ports must be between 0 and 65535.`);
  }
  return { protocol, fromPort, toPort };
}

function peersOf(
  engine: Engine,
  group: SecurityGroup,
  permission: IpPermission,
): Pick<Grant, "peer" | "description">[] {
  return [
    ...(permission.IpRanges ?? []).map((range) => ({
      peer: checkedNetwork(required(range.CidrIp, "CidrIp")),
      description: range.Description,
    })),
    ...(permission.Ipv6Ranges ?? []).map((range) => ({
      peer: required(range.CidrIpv6, "CidrIpv6"),
      description: range.Description,
    })),
    ...(permission.PrefixListIds ?? []).map((list) => ({
      peer: required(list.PrefixListId, "PrefixListId"),
      description: list.Description,
    })),
    ...(permission.UserIdGroupPairs ?? []).map((pair) => ({
      peer: groupNamed(engine, group.vpcId, { id: pair.GroupId, name: pair.GroupName }).id,
      description: pair.Description,
    })),
  ];
}

function checkedNetwork(cidr: string): string {
  const network = parseNetwork(cidr);
  if (!network) throw invalidValue(`CIDR block ${cidr} is malformed`);
  return formatNetwork(network);
}
