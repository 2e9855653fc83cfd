import { DeleteAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import {
  DeleteInternetGatewayCommand,
  DeleteLaunchTemplateCommand,
  DeleteNatGatewayCommand,
  DeleteNetworkInterfaceCommand,
  DeleteRouteTableCommand,
  DeleteSecurityGroupCommand,
  DeleteSnapshotCommand,
  DeleteSubnetCommand,
  DeleteVolumeCommand,
  DeleteVpcCommand,
  DescribeInternetGatewaysCommand,
  DescribeSecurityGroupRulesCommand,
  DetachInternetGatewayCommand,
  ReleaseAddressCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { DeleteLoadBalancerCommand, DeleteTargetGroupCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { DeleteParameterCommand } from "@aws-sdk/client-ssm";
import { type Leftover, leftovers } from "./leftovers.ts";
import { type clientsFor, waitFor } from "./tools.ts";

type Clients = ReturnType<typeof clientsFor>;

const LIMIT_MINUTES = 20;

/**
 * Removes by force what carries the run's tag, where the product's own deletion did not: in AWS's order, and again for
 * what was still in use. Returns what is left after twenty minutes.
 */
export async function sweep(aws: Clients, run: string, say: (line: string) => void): Promise<Leftover[]> {
  let left = await leftovers(aws, run);
  if (left.length === 0) return left;
  say(`${left.length} resources of ${run} are left; they are removed by their tag`);
  await waitFor(
    async () => {
      // In use, or gone already: the next look shows it.
      for (const { type, remove } of removals(aws))
        for (const each of left.filter((candidate) => candidate.type === type))
          await remove(each.id).catch(() => undefined);
      left = await leftovers(aws, run);
      return left.length === 0 ? left : undefined;
    },
    { what: "everything is removed", minutes: LIMIT_MINUTES },
  ).catch(() => undefined);
  return left;
}

interface Removal {
  readonly type: string;
  readonly remove: (id: string) => Promise<unknown>;
}

/** Groups before instances, which they would launch again; what holds something before what it holds. */
function removals(aws: Clients): Removal[] {
  const { autoScaling, ec2, elb, ssm } = aws;
  const of = (type: string, remove: Removal["remove"]): Removal => ({ type, remove });
  return [
    of("group", (id) =>
      autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: true })),
    ),
    of("instance", (id) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))),
    of("load-balancer", (id) => elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: id }))),
    of("target-group", (id) => elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: id }))),
    of("natgateway", (id) => ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: id }))),
    of("elastic-ip", (id) => ec2.send(new ReleaseAddressCommand({ AllocationId: id }))),
    of("network-interface", (id) => ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }))),
    of("volume", (id) => ec2.send(new DeleteVolumeCommand({ VolumeId: id }))),
    of("snapshot", (id) => ec2.send(new DeleteSnapshotCommand({ SnapshotId: id }))),
    of("launch-template", (id) => ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: id }))),
    of("security-group", (id) => removeSecurityGroup(aws, id)),
    of("subnet", (id) => ec2.send(new DeleteSubnetCommand({ SubnetId: id }))),
    of("route-table", (id) => ec2.send(new DeleteRouteTableCommand({ RouteTableId: id }))),
    of("internet-gateway", (id) => removeInternetGateway(aws, id)),
    of("vpc", (id) => ec2.send(new DeleteVpcCommand({ VpcId: id }))),
    of("instance-profile", (id) => removeProfile(aws, id)),
    of("role", (id) => removeRole(aws, id)),
    of("parameter", (id) => ssm.send(new DeleteParameterCommand({ Name: id }))),
  ];
}

async function removeInternetGateway({ ec2 }: Clients, InternetGatewayId: string): Promise<void> {
  const found = await ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [InternetGatewayId] }));
  for (const { VpcId } of found.InternetGateways?.[0]?.Attachments ?? [])
    await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId }));
}

/** A group that is named in another's rules cannot be deleted, and those of masters and nodes name each other. */
async function removeSecurityGroup({ ec2 }: Clients, GroupId: string): Promise<void> {
  const Filters = [{ Name: "group-id", Values: [GroupId] }];
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  const idsOf = (egress: boolean) =>
    SecurityGroupRules.filter(({ IsEgress }) => IsEgress === egress).flatMap((rule) => rule.SecurityGroupRuleId ?? []);
  const [ingress, egress] = [idsOf(false), idsOf(true)];
  if (ingress.length > 0)
    await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: ingress }));
  if (egress.length > 0)
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds: egress }));
  await ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
}

async function removeProfile({ iam }: Clients, InstanceProfileName: string): Promise<void> {
  const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
  for (const { RoleName } of InstanceProfile?.Roles ?? [])
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
  await iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
}

async function removeRole({ iam }: Clients, RoleName: string): Promise<void> {
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  for (const PolicyName of PolicyNames) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  for (const { PolicyArn } of AttachedPolicies) await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
}
