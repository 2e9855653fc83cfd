import {
  AuthorizeSecurityGroupEgressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  type ResourceType,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from "@aws-sdk/client-ec2";
import { ZoneUnavailable } from "../../domain/cluster/errors.ts";
import { clientToken, type Owner, ownerTags, TAG } from "../../domain/cluster/naming.ts";
import { placeDifferences, requireOwn } from "../../domain/ownership/adoption.ts";
import { call, ignoring, present } from "../common/aws-errors.ts";
import { byResource, createOnce, type Ec2, fromTags, ownedBy, tagDifferencesOf, tagged } from "./client.ts";
import { describeInstances, type InstanceFacts } from "./compute.ts";

/** Its logical name. */
const GROUP = "security-group/drill";

/** To AWS, and to where software comes from. Nothing to a master: their ports are others. */
const OUT: readonly IpPermission[] = [
  [443, "AWS, and releases of etcd"],
  [80, "packages of the image's distribution"],
].map(([port, why]) => ({
  IpProtocol: "tcp",
  FromPort: Number(port),
  ToPort: Number(port),
  IpRanges: [{ CidrIp: "0.0.0.0/0", Description: String(why) }],
}));

export interface DrillGroup {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Rules that EC2 gives every new group: they let everything out. */
  readonly surplus: readonly IpPermission[];
}

/** The security group of a cluster's drills: nothing comes in, and the web is reached from within. */
export async function ensureDrillGroup(ec2: Ec2, owner: Owner, VpcId: string): Promise<DrillGroup> {
  const { SecurityGroups = [] } = await call(ec2.send(new DescribeSecurityGroupsCommand({ Filters: ownedBy(owner) })));
  const existing = byResource(SecurityGroups, (group) => group.GroupId ?? "").get(GROUP);
  if (existing) {
    requireOwn(`security group ${existing.GroupId}`, owner, [
      ...tagDifferencesOf(owner, GROUP, existing),
      ...placeDifferences(VpcId, { vpcId: existing.VpcId }),
    ]);
  }
  const id = present(existing?.GroupId ?? (await createGroup(ec2, owner, VpcId)), "a security group id");
  const rules = existing?.IpPermissionsEgress ?? [EVERYWHERE];
  const missing = OUT.filter(({ FromPort }) => !rules.some((rule) => rule.FromPort === FromPort));
  if (missing.length > 0)
    await ignoring(
      ["InvalidPermission.Duplicate"],
      ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId: id, IpPermissions: missing })),
    );
  const surplus = rules.filter(({ IpProtocol }) => IpProtocol === "-1");
  return { id, tags: existing ? fromTags(existing.Tags) : ownerTags(owner, GROUP), surplus };
}

async function createGroup(ec2: Ec2, owner: Owner, VpcId: string): Promise<string | undefined> {
  const { GroupId } = await createOnce(
    ec2.once.send(
      new CreateSecurityGroupCommand({
        VpcId,
        GroupName: `drill.${owner.cluster}`,
        Description: `drills of backups of Kubernetes cluster ${owner.cluster}`,
        TagSpecifications: tagged("security-group", owner, GROUP),
      }),
    ),
  );
  return GroupId;
}

/** What EC2 gives every new group. */
const EVERYWHERE: IpPermission = { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] };

export interface DrillHostRequest {
  /** Logical name; the same with the same type and subnet is one host. */
  readonly resource: string;
  readonly imageId: string;
  readonly rootDevice: string;
  readonly instanceType: string;
  readonly subnetId: string;
  readonly securityGroupId: string;
  readonly instanceProfile: string;
  /** Plain text; encoded here. */
  readonly userData: string;
  readonly rootVolumeGiB: number;
  /** ISO 8601: from then on the reconciler ends it. */
  readonly expiresAt: string;
}

/**
 * Launches the host of a drill. It is terminated when it powers itself off. Throws ZoneUnavailable where the zone has
 * no capacity, or not this type; QuotaReached.
 */
export async function launchDrillHost(ec2: Ec2, owner: Owner, request: DrillHostRequest): Promise<string> {
  const { resource, instanceType, subnetId, expiresAt } = request;
  const input: RunInstancesCommandInput = {
    MinCount: 1,
    MaxCount: 1,
    ClientToken: clientToken(owner, `${resource}/${instanceType}/${subnetId}`),
    ImageId: request.imageId,
    InstanceType: instanceType as NonNullable<RunInstancesCommandInput["InstanceType"]>,
    SubnetId: subnetId,
    SecurityGroupIds: [request.securityGroupId],
    IamInstanceProfile: { Name: request.instanceProfile },
    InstanceInitiatedShutdownBehavior: "terminate",
    UserData: Buffer.from(request.userData).toString("base64"),
    MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1, HttpEndpoint: "enabled" },
    BlockDeviceMappings: [
      {
        DeviceName: request.rootDevice,
        Ebs: { VolumeSize: request.rootVolumeGiB, VolumeType: "gp3", Encrypted: true, DeleteOnTermination: true },
      },
    ],
    TagSpecifications: [
      ...tagged("instance", owner, resource, { [TAG.expires]: expiresAt }),
      ...PARTS.flatMap(([type, part]) => tagged(type, owner, `${part}-of/${resource}`)),
    ],
  };
  try {
    const { Instances: [instance] = [] } = await ec2.send(new RunInstancesCommand(input));
    return present(instance?.InstanceId, "an instance id");
  } catch (error) {
    if (error instanceof Error && error.name === "Unsupported")
      throw new ZoneUnavailable(`${error.name}: ${error.message}`, { cause: error });
    return call(Promise.reject(error));
  }
}

const PARTS: readonly (readonly [ResourceType, string])[] = [
  ["volume", "root"],
  ["network-interface", "interface"],
];

/** Instances of a cluster with this logical name that are not ended, nor ending. */
export async function findDrillHosts(ec2: Ec2, owner: Owner, resource: string): Promise<InstanceFacts[]> {
  const named = { Name: `tag:${TAG.resource}`, Values: [resource] };
  const live = { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] };
  return describeInstances(ec2, [...ownedBy(owner), named, live]);
}
