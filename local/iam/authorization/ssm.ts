import type * as ssm from "@aws-sdk/client-ssm";
import { arnIn, type CloudState } from "./cloud-state.ts";
import {
  type ConditionKeys,
  type Demand,
  type Demands,
  demand,
  type Mapping,
  mappingOf,
  requestTags,
  resourceTags,
} from "./demand.ts";

/** "Actions, resources, and condition keys for AWS Systems Manager". Commands are no resources. */
export function ssmMapping(cloud: CloudState): Mapping {
  const onEverything =
    /^(DescribeParameters|DescribeInstanceInformation|GetCommandInvocation|ListCommands|ListCommandInvocations)$/;
  return mappingOf<typeof ssm>("ssm", { ...parameterDemands(cloud), ...documentDemands(cloud) }, onEverything);
}

function parameterDemands(cloud: CloudState): Demands<typeof ssm> {
  const act = (action: string, name = "", keys: ConditionKeys = {}): Demand =>
    demand(`ssm:${action}`, parameterArn(cloud, name), {
      ...resourceTags(cloud.ssm().parameters[name]?.tags ?? {}, "ssm:resourceTag"),
      ...keys,
    });
  const decrypt = (name = "", decrypts = false): Demand[] =>
    decrypts ? useKey(cloud, "Decrypt", name, cloud.ssm().parameters[name]?.keyId) : [];
  return {
    GetParameter: ({ Name, WithDecryption }) => [act("GetParameter", Name), ...decrypt(Name, WithDecryption)],
    GetParameters: ({ Names = [], WithDecryption }) =>
      Names.flatMap((name) => [act("GetParameters", name), ...decrypt(name, WithDecryption)]),
    // The path itself is the resource, not what lies below it.
    GetParametersByPath: ({ Path = "", Recursive = false, WithDecryption }) => [
      act("GetParametersByPath", Path, { "ssm:Recursive": Recursive }),
      ...Object.keys(cloud.ssm().parameters)
        .filter((name) => name.startsWith(`${Path.replace(/\/$/, "")}/`))
        .flatMap((name) => decrypt(name, WithDecryption)),
    ],
    PutParameter: ({ Name, Tags, Overwrite = false, KeyId = cloud.ssm().parameters[Name ?? ""]?.keyId }) => [
      act("PutParameter", Name, { ...requestTags(Tags), "ssm:Overwrite": Overwrite }),
      ...(Tags && Tags.length > 0 ? [act("AddTagsToResource", Name, requestTags(Tags))] : []),
      ...useKey(cloud, "Encrypt", Name, KeyId),
    ],
    DeleteParameter: ({ Name }) => [act("DeleteParameter", Name)],
    DeleteParameters: ({ Names = [] }) => Names.map((name) => act("DeleteParameters", name)),
    AddTagsToResource: ({ ResourceType, ResourceId, Tags }) => [
      onTagged(cloud, "AddTagsToResource", ResourceType, ResourceId, requestTags(Tags)),
    ],
    RemoveTagsFromResource: ({ ResourceType, ResourceId, TagKeys = [] }) => [
      onTagged(cloud, "RemoveTagsFromResource", ResourceType, ResourceId, { "aws:TagKeys": TagKeys }),
    ],
    ListTagsForResource: ({ ResourceType, ResourceId }) => [
      onTagged(cloud, "ListTagsForResource", ResourceType, ResourceId, {}),
    ],
  };
}

/**
 * SSM encrypts and decrypts a standard parameter in its caller's name, with the parameter as context ("How AWS Systems Manager
 * Parameter Store uses AWS KMS"). The key of AWS's own lets everybody in the account.
 */
function useKey(cloud: CloudState, action: string, name = "", key = ""): Demand[] {
  const arn = cloud.kmsKey(key);
  if (arn === undefined) return [];
  const keys = {
    "aws:ViaAWSService": true,
    "kms:ViaService": `ssm.${cloud.region}.amazonaws.com`,
    "kms:CallerAccount": cloud.accountId,
    "kms:EncryptionContext:PARAMETER_ARN": parameterArn(cloud, name),
  };
  return [demand(`kms:${action}`, arn, keys)];
}

function documentDemands(cloud: CloudState): Demands<typeof ssm> {
  const act = (action: string, name = "", keys: ConditionKeys = {}): Demand =>
    demand(`ssm:${action}`, documentArn(cloud, name), {
      ...resourceTags(cloud.ssm().documents[name]?.tags ?? {}, "ssm:resourceTag"),
      ...keys,
    });
  return {
    CreateDocument: ({ Name, Tags }) => [act("CreateDocument", Name, requestTags(Tags))],
    GetDocument: ({ Name }) => [act("GetDocument", Name)],
    DescribeDocument: ({ Name }) => [act("DescribeDocument", Name)],
    DeleteDocument: ({ Name }) => [act("DeleteDocument", Name)],
    SendCommand: ({ DocumentName, InstanceIds = [], Targets = [] }) => [
      act("SendCommand", DocumentName),
      ...InstanceIds.map((id) => onInstance(cloud, id, cloud.ec2.instances.find(id)?.tags ?? {})),
      ...Targets.map((target) => onInstance(cloud, "*", targetTags(target))),
    ],
  };
}

/** Instances chosen by a tag are checked all at once, as something that has that tag. */
function targetTags({ Key = "", Values = [] }: ssm.Target): Record<string, string> {
  const [value] = Values;
  return Key.startsWith("tag:") && value !== undefined ? { [Key.slice("tag:".length)]: value } : {};
}

function onInstance(cloud: CloudState, id: string, tags: Readonly<Record<string, string>>): Demand {
  return demand("ssm:SendCommand", arnIn(cloud, "ec2", `instance/${id}`), resourceTags(tags, "ssm:resourceTag"));
}

function onTagged(
  cloud: CloudState,
  action: string,
  type: string | undefined,
  id = "",
  keys: ConditionKeys = {},
): Demand {
  const { parameters, documents } = cloud.ssm();
  const [resource, found] =
    type === "Document" ? [documentArn(cloud, id), documents[id]] : [parameterArn(cloud, id), parameters[id]];
  return demand(`ssm:${action}`, resource, { ...resourceTags(found?.tags ?? {}, "ssm:resourceTag"), ...keys });
}

/** Amazon's public parameters belong to no account. The slash before a name is not doubled. */
function parameterArn(cloud: CloudState, name: string): string {
  if (name.startsWith("arn:")) return name;
  const accountId = name.startsWith("/aws/service/") ? "" : cloud.accountId;
  return arnIn({ ...cloud, accountId }, "ssm", `parameter/${name.replace(/^\//, "")}`);
}

/** Amazon's documents (`AWS-RunShellScript`) belong to no account. */
function documentArn(cloud: CloudState, name: string): string {
  if (name.startsWith("arn:")) return name;
  const accountId = /^(AWS|Amazon)/.test(name) ? "" : cloud.accountId;
  return arnIn({ ...cloud, accountId }, "ssm", `document/${name}`);
}
