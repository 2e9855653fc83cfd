import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type LaunchTemplateTagSpecificationRequest,
  type LaunchTemplateVersion,
  ModifyLaunchTemplateCommand,
  type RequestLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { NotReadyYet } from "../../domain/cluster/errors.ts";
import { clientToken, type Owner, ownerTags } from "../../domain/cluster/naming.ts";
import { requireOwn, templateDifferences } from "../../domain/ownership/adoption.ts";
import { call, ignoring, present } from "../common/aws-errors.ts";
import { tagDifferencesOf, tagged, toTags } from "./client.ts";

export interface TemplateRequest {
  readonly name: string;
  readonly resource: string;
  readonly imageId: string;
  /** Name under which the image knows its root volume. */
  readonly rootDevice: string;
  readonly instanceType: string;
  readonly instanceProfile: string;
  /** Plain text; encoded here. */
  readonly userData: string;
  readonly rootVolumeGiB: number;
  /** Either the member's own interface as the primary one, or groups for an interface made with each instance. */
  readonly network: { readonly interfaceId: string } | { readonly securityGroupIds: readonly string[] };
  readonly tags: Readonly<Record<string, string>>;
}

function templateData(owner: Owner, request: TemplateRequest): RequestLaunchTemplateData {
  return {
    ImageId: request.imageId,
    InstanceType: request.instanceType as NonNullable<RequestLaunchTemplateData["InstanceType"]>,
    IamInstanceProfile: { Name: request.instanceProfile },
    UserData: Buffer.from(request.userData).toString("base64"),
    // IMDSv2 only, one hop: pods cannot reach the instance's credentials (docs/references/aws.md#kubelet).
    MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1, HttpEndpoint: "enabled" },
    BlockDeviceMappings: [
      {
        DeviceName: request.rootDevice,
        Ebs: { VolumeSize: request.rootVolumeGiB, VolumeType: "gp3", Encrypted: true, DeleteOnTermination: true },
      },
    ],
    ...("interfaceId" in request.network
      ? { NetworkInterfaces: primaryInterface(request.network.interfaceId) }
      : { SecurityGroupIds: [...request.network.securityGroupIds] }),
    TagSpecifications: launchTags(owner, request),
  };
}

/** It outlives the instance. */
function primaryInterface(NetworkInterfaceId: string) {
  return [{ DeviceIndex: 0, NetworkInterfaceId, DeleteOnTermination: false }];
}

/**
 * An instance is `master-a` or `node`; what is made with it is a part of it. A master's interface has its own tags
 * already.
 */
function launchTags(owner: Owner, request: TemplateRequest): LaunchTemplateTagSpecificationRequest[] {
  const instance = request.resource.replace("launch-template/", "");
  const specification = (ResourceType: "instance" | "volume" | "network-interface", tags: Record<string, string>) => ({
    ResourceType,
    Tags: toTags(tags),
  });
  return [
    specification("instance", ownerTags(owner, instance, request.tags)),
    specification("volume", ownerTags(owner, `root-of/${instance}`)),
    ...("interfaceId" in request.network
      ? []
      : [specification("network-interface", ownerTags(owner, `interface-of/${instance}`))]),
  ];
}

/**
 * Creates the launch template, or finds it by its name, which is unique in account and Region. If type, root
 * volume or groups differ, a new default version has them; running instances do not change.
 */
export async function ensureLaunchTemplate(ec2: EC2Client, owner: Owner, request: TemplateRequest): Promise<string> {
  // There cannot be one yet, unless a first run of the step made it; then the name is taken.
  const made = owner.blank ? await createTemplate(ec2, owner, request) : undefined;
  if (made !== undefined) return made;
  const described = await ignoring(
    ["InvalidLaunchTemplateName.NotFoundException"],
    ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName: request.name, Versions: ["$Default"] })),
  );
  const current = described?.LaunchTemplateVersions?.[0];
  if (current) await requireOwnTemplate(ec2, owner, request, current);
  if (current) return updateTemplate(ec2, owner, request, current);
  const created = await createTemplate(ec2, owner, request);
  // Made a moment ago by a run of this step that died; a read that lags did not show it.
  if (created === undefined) throw new NotReadyYet(`launch template ${request.name} is not to be seen yet`);
  return created;
}

/** Undefined if the name is taken. */
async function createTemplate(ec2: EC2Client, owner: Owner, request: TemplateRequest): Promise<string | undefined> {
  const created = await ignoring(
    ["InvalidLaunchTemplateName.AlreadyExistsException"],
    ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: request.name,
        ClientToken: clientToken(owner, request.resource),
        LaunchTemplateData: templateData(owner, request),
        TagSpecifications: tagged("launch-template", owner, request.resource),
      }),
    ),
  );
  return created && present(created.LaunchTemplate?.LaunchTemplateId, "a launch template id");
}

/** Versions bear no tags: those are the template's. */
async function requireOwnTemplate(
  ec2: EC2Client,
  owner: Owner,
  request: TemplateRequest,
  { LaunchTemplateData: data }: LaunchTemplateVersion,
): Promise<void> {
  const { LaunchTemplates: [template] = [] } = await call(
    ec2.send(
      new DescribeLaunchTemplatesCommand({ Filters: [{ Name: "launch-template-name", Values: [request.name] }] }),
    ),
  );
  if (!template) throw new NotReadyYet(`launch template ${request.name} is not listed yet`);
  const found = {
    instanceProfile: data?.IamInstanceProfile?.Name,
    interfaceId: data?.NetworkInterfaces?.[0]?.NetworkInterfaceId,
  };
  const interfaceId = "interfaceId" in request.network ? request.network.interfaceId : undefined;
  requireOwn(`launch template ${request.name}`, owner, [
    ...tagDifferencesOf(owner, request.resource, template),
    ...templateDifferences({ instanceProfile: request.instanceProfile, interfaceId }, found),
  ]);
}

async function updateTemplate(
  ec2: EC2Client,
  owner: Owner,
  request: TemplateRequest,
  current: LaunchTemplateVersion,
): Promise<string> {
  const LaunchTemplateId = present(current.LaunchTemplateId, "a launch template id");
  const { InstanceType, SecurityGroupIds = [], BlockDeviceMappings } = templateData(owner, request);
  const {
    InstanceType: type,
    SecurityGroupIds: groups = [],
    BlockDeviceMappings: disks,
  } = current.LaunchTemplateData ?? {};
  const isSameRoot = disks?.[0]?.Ebs?.VolumeSize === request.rootVolumeGiB;
  if (type === InstanceType && isSameRoot && isDeepStrictEqual(groups, SecurityGroupIds)) return LaunchTemplateId;
  const data = {
    InstanceType,
    ...(SecurityGroupIds.length > 0 ? { SecurityGroupIds } : {}),
    ...(isSameRoot ? {} : { BlockDeviceMappings }),
  };
  const root = isSameRoot ? [] : [`${request.rootVolumeGiB}GiB`];
  await addDefaultVersion(ec2, owner, current, data, [request.resource, InstanceType, ...root, ...SecurityGroupIds]);
  return LaunchTemplateId;
}

/**
 * A new default version with some of its data changed. The token names the version that it is made from: what was
 * changed and changed back since is not mistaken for it.
 */
async function addDefaultVersion(
  ec2: EC2Client,
  owner: Owner,
  current: LaunchTemplateVersion,
  data: RequestLaunchTemplateData,
  token: readonly (string | undefined)[],
): Promise<void> {
  const LaunchTemplateId = present(current.LaunchTemplateId, "a launch template id");
  const SourceVersion = String(present(current.VersionNumber, "a version number"));
  const { LaunchTemplateVersion: made } = await call(
    ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId,
        SourceVersion,
        LaunchTemplateData: data,
        ClientToken: clientToken(owner, [...token, SourceVersion].join("/")),
      }),
    ),
  );
  const DefaultVersion = String(present(made?.VersionNumber, "a version number"));
  await call(ec2.send(new ModifyLaunchTemplateCommand({ LaunchTemplateId, DefaultVersion })));
}

async function defaultVersion(ec2: EC2Client, LaunchTemplateName: string): Promise<LaunchTemplateVersion> {
  const { LaunchTemplateVersions = [] } = await call(
    ec2.send(new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, Versions: ["$Default"] })),
  );
  return present(LaunchTemplateVersions[0], "a default version");
}

/**
 * Makes a new default version with this type. A template that names an interface cannot be used with mixed instances,
 * whose groups need subnets (docs/references/aws.md#fixed-interface).
 */
export async function setTemplateType(ec2: EC2Client, owner: Owner, name: string, instanceType: string): Promise<void> {
  const current = await defaultVersion(ec2, name);
  if (current.LaunchTemplateData?.InstanceType === instanceType) return;
  const InstanceType = instanceType as NonNullable<RequestLaunchTemplateData["InstanceType"]>;
  await addDefaultVersion(ec2, owner, current, { InstanceType }, [`launch-template/${name}`, instanceType]);
}

/**
 * What a master's template launches from now on reads other user data, made from what is there, and has the interface,
 * if one is given.
 */
export async function readdressTemplate(
  ec2: EC2Client,
  owner: Owner,
  name: string,
  change: (userData: string) => string,
  interfaceId?: string,
): Promise<void> {
  const current = await defaultVersion(ec2, name);
  const { UserData = "", NetworkInterfaces = [] } = current.LaunchTemplateData ?? {};
  const text = Buffer.from(change(Buffer.from(UserData, "base64").toString("utf8"))).toString("base64");
  const known = NetworkInterfaces[0]?.NetworkInterfaceId;
  if (text === UserData && (interfaceId === undefined || interfaceId === known)) return;
  const network = interfaceId === undefined ? {} : { NetworkInterfaces: primaryInterface(interfaceId) };
  const digest = createHash("sha256").update(`${text} ${interfaceId}`).digest("hex");
  await addDefaultVersion(ec2, owner, current, { UserData: text, ...network }, [`launch-template/${name}`, digest]);
}
