import type * as iam from "@aws-sdk/client-iam";
import type { CloudState } from "./cloud-state.ts";
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

/** "Actions, resources, and condition keys for AWS Identity and Access Management". */
export function iamMapping(cloud: CloudState): Mapping {
  const demands: Demands<typeof iam> = { ...roleDemands(cloud), ...profileDemands(cloud), ...policyDemands(cloud) };
  // Lists of everything know no resource; those of one role are in the table.
  return mappingOf("iam", demands, /^List/);
}

function arn(cloud: CloudState, kind: string, path: string | undefined, name: string | undefined): string {
  return `arn:aws:iam::${cloud.accountId}:${kind}${path ?? "/"}${name ?? ""}`;
}

function roleDemands(cloud: CloudState): Demands<typeof iam> {
  const act = (action: string, name: string | undefined, keys: ConditionKeys = {}): Demand[] => {
    const role = cloud.iam().roles[name ?? ""];
    const boundary = role?.boundaryArn === undefined ? {} : { "iam:PermissionsBoundary": role.boundaryArn };
    const own = role ? { ...resourceTags(role.tags, "iam:ResourceTag"), ...boundary } : {};
    return [demand(`iam:${action}`, role?.arn ?? arn(cloud, "role", "/", name), { ...own, ...keys })];
  };
  const policyArn = (value: string | undefined): ConditionKeys =>
    value === undefined ? {} : { "iam:PolicyARN": value };
  return {
    CreateRole: (input) => {
      const resource = arn(cloud, "role", input.Path, input.RoleName);
      const boundary = input.PermissionsBoundary;
      const keys = {
        ...requestTags(input.Tags),
        ...(boundary !== undefined && { "iam:PermissionsBoundary": boundary }),
      };
      return [demand("iam:CreateRole", resource, keys), ...tagOnCreate("iam:TagRole", resource, input.Tags)];
    },
    CreateServiceLinkedRole: ({ AWSServiceName = "" }) => [
      demand("iam:CreateServiceLinkedRole", arn(cloud, "role", `/aws-service-role/${AWSServiceName}/`, "*"), {
        "iam:AWSServiceName": AWSServiceName,
      }),
    ],
    GetRole: (input) => act("GetRole", input.RoleName),
    DeleteRole: (input) => act("DeleteRole", input.RoleName),
    UpdateAssumeRolePolicy: (input) => act("UpdateAssumeRolePolicy", input.RoleName),
    TagRole: (input) => act("TagRole", input.RoleName, requestTags(input.Tags)),
    UntagRole: (input) => act("UntagRole", input.RoleName, input.TagKeys ? { "aws:TagKeys": input.TagKeys } : {}),
    ListRoleTags: (input) => act("ListRoleTags", input.RoleName),
    PutRolePolicy: (input) => act("PutRolePolicy", input.RoleName),
    GetRolePolicy: (input) => act("GetRolePolicy", input.RoleName),
    ListRolePolicies: (input) => act("ListRolePolicies", input.RoleName),
    DeleteRolePolicy: (input) => act("DeleteRolePolicy", input.RoleName),
    AttachRolePolicy: (input) => act("AttachRolePolicy", input.RoleName, policyArn(input.PolicyArn)),
    DetachRolePolicy: (input) => act("DetachRolePolicy", input.RoleName, policyArn(input.PolicyArn)),
    ListAttachedRolePolicies: (input) => act("ListAttachedRolePolicies", input.RoleName),
    ListInstanceProfilesForRole: (input) => act("ListInstanceProfilesForRole", input.RoleName),
  };
}

function profileDemands(cloud: CloudState): Demands<typeof iam> {
  const act = (action: string, name: string | undefined, keys: ConditionKeys = {}): Demand[] => {
    const profile = cloud.iam().profiles[name ?? ""];
    const own = profile ? resourceTags(profile.tags, "iam:ResourceTag") : {};
    const resource = profile?.arn ?? arn(cloud, "instance-profile", "/", name);
    return [demand(`iam:${action}`, resource, { ...own, ...keys })];
  };
  return {
    CreateInstanceProfile: (input) => {
      const resource = arn(cloud, "instance-profile", input.Path, input.InstanceProfileName);
      return [
        demand("iam:CreateInstanceProfile", resource, requestTags(input.Tags)),
        ...tagOnCreate("iam:TagInstanceProfile", resource, input.Tags),
      ];
    },
    GetInstanceProfile: (input) => act("GetInstanceProfile", input.InstanceProfileName),
    DeleteInstanceProfile: (input) => act("DeleteInstanceProfile", input.InstanceProfileName),
    TagInstanceProfile: (input) => act("TagInstanceProfile", input.InstanceProfileName, requestTags(input.Tags)),
    // What gets the profile gets the role: so it is passed here already.
    AddRoleToInstanceProfile: (input) => [
      ...act("AddRoleToInstanceProfile", input.InstanceProfileName),
      demand("iam:PassRole", cloud.iam().roles[input.RoleName ?? ""]?.arn ?? arn(cloud, "role", "/", input.RoleName), {
        "iam:PassedToService": "ec2.amazonaws.com",
      }),
    ],
    RemoveRoleFromInstanceProfile: (input) => act("RemoveRoleFromInstanceProfile", input.InstanceProfileName),
  };
}

function policyDemands(cloud: CloudState): Demands<typeof iam> {
  return {
    CreatePolicy: (input) => {
      const resource = arn(cloud, "policy", input.Path, input.PolicyName);
      return [
        demand("iam:CreatePolicy", resource, requestTags(input.Tags)),
        ...tagOnCreate("iam:TagPolicy", resource, input.Tags),
      ];
    },
    GetPolicy: ({ PolicyArn = "" }) => [demand("iam:GetPolicy", PolicyArn)],
    GetPolicyVersion: ({ PolicyArn = "" }) => [demand("iam:GetPolicyVersion", PolicyArn)],
    DeletePolicy: ({ PolicyArn = "" }) => [demand("iam:DeletePolicy", PolicyArn)],
  };
}

function tagOnCreate(action: string, resource: string, tags: readonly iam.Tag[] | undefined): Demand[] {
  return tags && tags.length > 0 ? [demand(action, resource, requestTags(tags))] : [];
}
