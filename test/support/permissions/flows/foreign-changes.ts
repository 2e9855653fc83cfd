import {
  DeleteTagsCommand as DeleteGroupTagsCommand,
  DescribeAutoScalingGroupsCommand,
  DetachInstancesCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  AuthorizeSecurityGroupEgressCommand,
  CreateNetworkInterfaceCommand,
  CreateSecurityGroupCommand,
  CreateVolumeCommand,
  DeleteTagsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  ModifyNetworkInterfaceAttributeCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  RemoveTagsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateInstanceProfileCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { toTags } from "../../../../functions/aws/ec2/client.ts";
import {
  DRIVER_TAG,
  masterRoleName,
  ownerTags,
  parameterName,
  WORKLOAD_UID_TAG,
} from "../../../../functions/domain/cluster/naming.ts";
import { ownerOf } from "../../../../functions/domain/cluster/records.ts";
import { ORPHAN_GRACE_SECONDS } from "../../../../functions/domain/deletion/orphans.ts";
import { findCluster } from "../../../../functions/store/clusters.ts";
import { readOrphans, writeOrphans } from "../../../../functions/store/reconcile.ts";
import { heartbeatOf, heartbeatTable } from "../../table-name.ts";
import type { Account } from "../account.ts";
import { MAIN, memberOf } from "./flow.ts";

// What users and other programs do to an account beside Holdfast.

const OWNED = { Key: `kubernetes.io/cluster/${MAIN}`, Value: "owned" };

export async function subnetOf(account: Account) {
  const Filters = [{ Name: "tag:holdfast:cluster", Values: [MAIN] }];
  const { Subnets = [] } = await account.ec2.send(new DescribeSubnetsCommand({ Filters }));
  const [subnet] = Subnets;
  if (!subnet) throw new Error(`${MAIN} has no subnet`);
  return subnet;
}

/** As the EBS driver tags what it makes. */
async function volumeTags(account: Account) {
  return [
    OWNED,
    { Key: DRIVER_TAG, Value: "true" },
    { Key: WORKLOAD_UID_TAG, Value: (await findCluster(account.table, MAIN))?.uid },
  ];
}

/** What Kubernetes makes for services and claims. */
export async function makeWorkloads(account: Account): Promise<void> {
  const { SubnetId = "", VpcId = "" } = await subnetOf(account);
  const balancer = { Name: "a1b2c3", Type: "network" as const, Subnets: [SubnetId], Tags: [OWNED] };
  await account.elb.send(new CreateLoadBalancerCommand(balancer));
  await account.elb.send(
    new CreateTargetGroupCommand({ Name: "k8s-a1b2c3", Protocol: "TCP", Port: 80, VpcId, Tags: [OWNED] }),
  );
  await account.ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: "us-west-2a",
      Size: 1,
      TagSpecifications: [{ ResourceType: "volume", Tags: await volumeTags(account) }],
    }),
  );
  await account.ec2.send(
    new CreateNetworkInterfaceCommand({
      SubnetId,
      TagSpecifications: [{ ResourceType: "network-interface", Tags: [OWNED] }],
    }),
  );
  const { GroupId = "" } = await account.ec2.send(
    new CreateSecurityGroupCommand({
      VpcId,
      GroupName: "k8s-elb-a1b2c3",
      Description: "for Kubernetes",
      TagSpecifications: [{ ResourceType: "security-group", Tags: [OWNED] }],
    }),
  );
  await letOut(account, GroupId, GroupId);
}

/** A rule by which traffic leaves one group for another; it keeps the other from being deleted. */
async function letOut(account: Account, GroupId: string, to: string): Promise<void> {
  const IpPermissions = [{ IpProtocol: "tcp", FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId: to }] }];
  await account.ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
}

/** Somebody makes one of a cluster's own groups name another. */
export async function tieGroups(account: Account, cluster: string): Promise<void> {
  const Filters = [{ Name: "tag:holdfast:cluster", Values: [cluster] }];
  const { SecurityGroups = [] } = await account.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const [one = "", other = ""] = SecurityGroups.map(({ GroupId }) => GroupId);
  await letOut(account, one, other);
}

/** Somebody takes a node out of its group; it runs on, and nothing of the group's ends it. */
export async function detachNode(account: Account): Promise<void> {
  const Filters = [{ Name: "tag:holdfast:cluster", Values: [MAIN] }];
  const { AutoScalingGroups = [] } = await account.autoScaling.send(new DescribeAutoScalingGroupsCommand({ Filters }));
  const nodes = AutoScalingGroups.find(
    ({ AutoScalingGroupName = "", Instances = [] }) => AutoScalingGroupName.includes("nodes") && Instances.length > 0,
  );
  await account.autoScaling.send(
    new DetachInstancesCommand({
      AutoScalingGroupName: nodes?.AutoScalingGroupName,
      InstanceIds: nodes?.Instances?.flatMap(({ InstanceId = "" }) => InstanceId),
      ShouldDecrementDesiredCapacity: false,
    }),
  );
}

/** A creation that was overruled made them late: after they were looked for, before it is looked once more. */
export async function identityShowsUp(account: Account): Promise<void> {
  const cluster = await findCluster(account.table, MAIN);
  if (!cluster) throw new Error(`there is no cluster ${MAIN}`);
  const owner = ownerOf(cluster);
  const Tags = toTags(ownerTags(owner, "role/master-a"));
  const name = masterRoleName(owner, "a");
  const late = { Name: parameterName.volume(owner, "a"), Value: "late", Type: "String" as const };
  await account.ssm.send(new PutParameterCommand({ ...late, Tags: toTags(ownerTags(owner, "parameter/a-volume")) }));
  const AssumeRolePolicyDocument = '{"Statement":[]}';
  await account.iam.send(new CreateRoleCommand({ RoleName: name, Path: "/holdfast/", AssumeRolePolicyDocument, Tags }));
  await account.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: name, Path: "/holdfast/", Tags }));
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** As a master would write that its etcd has been unhealthy for a minute. */
export async function sayUnhealthy(account: Account, member: string): Promise<void> {
  const { uid } = await account.untilStatus(MAIN, "ACTIVE");
  const { instanceId } = await memberOf(account, MAIN, member);
  const key = heartbeatOf(account.cloud, uid, instanceId ?? "");
  const Item = { ...key, member, instanceId, healthy: false, since: now() - 60, at: now() };
  await account.table.client.send(new PutCommand({ TableName: heartbeatTable(account.cloud), Item }));
}

async function groupsOf(account: Account, interfaceId: string): Promise<string[]> {
  const NetworkInterfaceIds = [interfaceId];
  const { NetworkInterfaces = [] } = await account.ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds }),
  );
  return NetworkInterfaces.flatMap(({ Groups = [] }) => Groups.map(({ GroupId = "" }) => GroupId));
}

export async function spoilResources(account: Account, member: string): Promise<void> {
  const { interfaceId, volumeId } = await memberOf(account, MAIN, member);
  const { network } = await account.untilStatus(MAIN, "ACTIVE");
  const Groups = [network?.nodeGroupId ?? ""];
  await account.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: interfaceId ?? "", Groups }));
  await account.ec2.send(new DeleteTagsCommand({ Resources: [volumeId ?? ""], Tags: [{ Key: "holdfast:uid" }] }));
  await removeTags(account);
}

/** The owner's tag goes from what members share, and from what launches them. */
async function removeTags(account: Account): Promise<void> {
  const { network, endpoint } = await account.untilStatus(MAIN, "ACTIVE");
  const { instanceId } = await memberOf(account, MAIN, "b");
  const { AutoScalingGroups = [] } = await account.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  const group = AutoScalingGroups.find(({ AutoScalingGroupName = "" }) =>
    AutoScalingGroupName.startsWith(`b.masters.${MAIN}.`),
  );
  const ResourceId = group?.AutoScalingGroupName ?? "";
  const Resources = [instanceId ?? "", network?.masterGroupId ?? "", group?.LaunchTemplate?.LaunchTemplateId ?? ""];
  await account.ec2.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: "holdfast:uid" }] }));
  const tag = { ResourceId, ResourceType: "auto-scaling-group", Key: "holdfast:uid" };
  await account.autoScaling.send(new DeleteGroupTagsCommand({ Tags: [tag] }));
  const ResourceArns = [endpoint?.loadBalancerArn ?? "", endpoint?.targetGroupArn ?? ""];
  await account.elb.send(new RemoveTagsCommand({ ResourceArns, TagKeys: ["holdfast:uid"] }));
}

export async function areResourcesCorrect(account: Account, member: string): Promise<boolean> {
  const { interfaceId, volumeId } = await memberOf(account, MAIN, member);
  const cluster = await findCluster(account.table, MAIN);
  const Filters = [{ Name: "tag:holdfast:uid", Values: [cluster?.uid ?? ""] }];
  const { Volumes = [] } = await account.ec2.send(new DescribeVolumesCommand({ Filters }));
  const groups = await groupsOf(account, interfaceId ?? "");
  return (
    groups.includes(cluster?.network?.masterGroupId ?? "") && Volumes.some(({ VolumeId }) => VolumeId === volumeId)
  );
}

/** Time goes by for what the reconciler has seen. */
export async function ageOrphans(account: Account): Promise<void> {
  const { table } = account;
  const record = await readOrphans(table);
  const seen = Object.fromEntries(Object.keys(record.seen).map((id) => [id, now() - ORPHAN_GRACE_SECONDS - 1]));
  await writeOrphans(table, { ...record, seen });
}
