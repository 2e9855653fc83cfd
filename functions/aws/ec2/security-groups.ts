import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  AssociateSecurityGroupVpcCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeAddressesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSecurityGroupVpcAssociationsCommand,
  type IpPermission,
} from "@aws-sdk/client-ec2";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Owner } from "../../domain/cluster/naming.ts";
import { apiFlow, type FlowRule, type GroupKind } from "../../domain/network/flows.ts";
import { placeDifferences, requireOwn } from "../../domain/ownership/adoption.ts";
import { call, ignoring, present, toDomainError } from "../common/aws-errors.ts";
import type { Ec2 } from "./client.ts";
import { byResource, createOnce, lookUp, ownedBy, tagDifferencesOf, tagged } from "./client.ts";

/** The cluster's own security groups with exactly these flows; returns their ids. */
export async function ensureSecurityGroups(
  ec2: Ec2,
  owner: Owner,
  VpcId: string,
  rules: readonly FlowRule[],
): Promise<{ masters: string; nodes: string; api?: string }> {
  const { SecurityGroups = [] } = await lookUp(owner, () =>
    ec2.send(new DescribeSecurityGroupsCommand({ Filters: ownedBy(owner) })),
  );
  const found = byResource(SecurityGroups, ({ GroupId }) => GroupId ?? "");
  const ensure = async (kind: GroupKind): Promise<string> => {
    const resource = `security-group/${kind}`;
    const existing = found.get(resource);
    if (existing) {
      requireOwn(`security group ${existing.GroupId}`, owner, [
        ...tagDifferencesOf(owner, resource, existing),
        ...placeDifferences(VpcId, { vpcId: existing.VpcId }),
      ]);
      return present(existing.GroupId, "a security group id");
    }
    const { GroupId } = await createOnce(
      ec2.once.send(
        new CreateSecurityGroupCommand({
          VpcId,
          GroupName: `${kind}.${owner.cluster}`,
          Description: `${kind} of Kubernetes cluster ${owner.cluster}`,
          TagSpecifications: tagged("security-group", owner, resource),
        }),
      ),
    );
    return present(GroupId, "a security group id");
  };
  const hasApi = rules.some(({ to }) => to === "api");
  const [masters, nodes, api] = await Promise.all([
    ensure("masters"),
    ensure("nodes"),
    hasApi ? ensure("api") : undefined,
  ]);
  const groups = { masters, nodes };
  const authorize = async (kind: GroupKind, GroupId: string): Promise<void> => {
    const IpPermissions = rules.filter((rule) => rule.to === kind).map((rule) => permissionOf(rule, groups));
    const existing = found.get(`security-group/${kind}`)?.IpPermissions ?? [];
    if (existing.length > 0) return; // one call carries all rules, and it is atomic: some means all
    await ignoring(
      ["InvalidPermission.Duplicate"],
      ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
    );
  };
  await Promise.all([
    authorize("masters", masters),
    authorize("nodes", nodes),
    ...(api === undefined ? [] : [authorize("api", api)]),
  ]);
  return { ...groups, ...(api === undefined ? {} : { api }) };
}

function permissionOf(rule: FlowRule, groups: { masters: string; nodes: string }): IpPermission {
  return {
    IpProtocol: rule.protocol,
    ...(rule.ports ? { FromPort: rule.ports[0], ToPort: rule.ports[1] } : {}),
    ...(rule.protocol === "icmp" ? { FromPort: -1, ToPort: -1 } : {}),
    ...(typeof rule.from === "string"
      ? { UserIdGroupPairs: [{ GroupId: groups[rule.from], Description: rule.why }] }
      : { IpRanges: [{ CidrIp: rule.from.cidr, Description: rule.why }] }),
  };
}

/** Lets flows in, each by itself: those that are there already stay. */
export async function admitFlows(
  ec2: EC2Client,
  flows: readonly FlowRule[],
  ids: { readonly masters: string; readonly nodes: string; readonly api?: string | undefined },
): Promise<void> {
  for (const flow of flows) {
    const GroupId = ids[flow.to];
    if (GroupId === undefined) continue;
    await ignoring(
      ["InvalidPermission.Duplicate"],
      ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permissionOf(flow, ids)] })),
    );
  }
}

/** Lets addresses of the cluster's NAT gateways, `count` of them, in to the API's load balancer: its machines come from there. */
export async function admitAddresses(ec2: EC2Client, owner: Owner, GroupId: string, count: number): Promise<void> {
  const { Addresses = [] } = await call(ec2.send(new DescribeAddressesCommand({ Filters: ownedBy(owner) })));
  if (Addresses.length < count) throw new NotReadyYet("the addresses of the NAT gateways are not all listed yet");
  await Promise.all(
    Addresses.map(({ PublicIp }) => {
      const flow = apiFlow(`${present(PublicIp, "an address")}/32`, "the cluster itself, by a NAT gateway");
      const IpPermissions = [permissionOf(flow, { masters: "", nodes: "" })];
      return ignoring(
        ["InvalidPermission.Duplicate"],
        ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
      );
    }),
  );
}

/**
 * Makes security groups of another VPC usable in this one (EC2's security group VPC associations), so that groups which
 * the user brings fit a VPC that did not exist when they were made.
 */
export async function associateSecurityGroups(
  ec2: EC2Client,
  groupIds: readonly string[],
  VpcId: string,
): Promise<void> {
  await Promise.all(
    groupIds.map(async (GroupId) => {
      try {
        await ec2.send(new AssociateSecurityGroupVpcCommand({ GroupId, VpcId }));
      } catch (error) {
        await requireAssociation(ec2, GroupId, VpcId, error);
      }
    }),
  );
}

/** EC2 does not say with which error it refuses what is associated already: so it is asked. Throws `refusal` if it is not. */
async function requireAssociation(ec2: EC2Client, GroupId: string, VpcId: string, refusal: unknown): Promise<void> {
  const { SecurityGroupVpcAssociations = [] } = await call(
    ec2.send(
      new DescribeSecurityGroupVpcAssociationsCommand({
        Filters: [
          { Name: "group-id", Values: [GroupId] },
          { Name: "vpc-id", Values: [VpcId] },
        ],
      }),
    ),
  );
  if (SecurityGroupVpcAssociations.some(({ State }) => State === "associating" || State === "associated")) return;
  throw toDomainError(refusal);
}
