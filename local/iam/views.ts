import type * as iam from "@aws-sdk/client-iam";
import type { IamState, InstanceProfile, ManagedPolicy, Role } from "./model.ts";

/** Documents are read back URL-encoded as RFC 3986 says (IAM API reference). */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replaceAll(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function viewTags(tags: Record<string, string>): iam.Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function viewRole(role: Role): iam.Role {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.createdAt),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionSeconds,
    PermissionsBoundary: role.boundaryArn
      ? { PermissionsBoundaryType: "PermissionsBoundaryPolicy", PermissionsBoundaryArn: role.boundaryArn }
      : undefined,
    Tags: viewTags(role.tags),
  };
}

export function viewProfile(state: IamState, profile: InstanceProfile): iam.InstanceProfile {
  const role = profile.roleName === undefined ? undefined : state.roles[profile.roleName];
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAt),
    Roles: role ? [viewRole(role)] : [],
    Tags: viewTags(profile.tags),
  };
}

export function viewPolicy(state: IamState, policy: ManagedPolicy): iam.Policy {
  const roles = Object.values(state.roles);
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: `v${policy.version}`,
    AttachmentCount: roles.filter((role) => role.attachedPolicyArns.includes(policy.arn)).length,
    PermissionsBoundaryUsageCount: roles.filter((role) => role.boundaryArn === policy.arn).length,
    IsAttachable: true,
    Description: policy.description,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.createdAt),
    Tags: viewTags(policy.tags),
  };
}
