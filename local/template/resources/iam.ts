import * as z from "zod";
import { callService } from "../../kernel/service-call.ts";
import { operator, type Provision, type StackServices, unlessExists } from "../resource-type.ts";

const ALREADY = ["EntityAlreadyExists", "EntityAlreadyExistsException"];
const Document = z.record(z.string(), z.unknown()).transform((document) => JSON.stringify(document));
const InlinePolicies = z.array(z.object({ PolicyName: z.string(), PolicyDocument: Document })).default([]);
const Path = z.string().default("/");

const RoleProperties = z.object({
  RoleName: z.string().optional(),
  Path,
  Description: z.string().optional(),
  AssumeRolePolicyDocument: Document,
  PermissionsBoundary: z.string().optional(),
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: InlinePolicies,
});

/** `AWS::IAM::Role` with its inline and managed policies. */
export const provisionRole: Provision = async (request, services) => {
  const properties = RoleProperties.parse(request.properties);
  const RoleName = properties.RoleName ?? request.name();
  const caller = operator(services.context, "iam");
  const { AssumeRolePolicyDocument, PermissionsBoundary, Path, Description } = properties;
  const input = { RoleName, AssumeRolePolicyDocument, PermissionsBoundary, Path, Description };
  await unlessExists(callService(services.iam, "CreateRole", input, caller), ALREADY);
  for (const PolicyArn of properties.ManagedPolicyArns)
    await callService(services.iam, "AttachRolePolicy", { RoleName, PolicyArn }, caller);
  for (const policy of properties.Policies)
    await callService(services.iam, "PutRolePolicy", { RoleName, ...policy }, caller);
  const { Role } = await callService(services.iam, "GetRole", { RoleName }, caller);
  return { ref: RoleName, attributes: { Arn: Role?.Arn ?? "", RoleId: Role?.RoleId ?? "" } };
};

const PolicyProperties = z.object({
  PolicyName: z.string(),
  PolicyDocument: Document,
  Roles: z.array(z.string()).default([]),
});

/** `AWS::IAM::Policy`: an inline policy of each of its roles. */
export const provisionPolicy: Provision = async (request, services) => {
  const { PolicyName, PolicyDocument, Roles } = PolicyProperties.parse(request.properties);
  for (const RoleName of Roles) {
    const input = { RoleName, PolicyName, PolicyDocument };
    await callService(services.iam, "PutRolePolicy", input, operator(services.context, "iam"));
  }
  return { ref: request.name(), attributes: {} };
};

const ManagedPolicyProperties = z.object({
  ManagedPolicyName: z.string().optional(),
  Path,
  PolicyDocument: Document,
  Roles: z.array(z.string()).default([]),
});

/** `AWS::IAM::ManagedPolicy`, attached to its roles. */
export const provisionManagedPolicy: Provision = async (request, services) => {
  const { ManagedPolicyName, Path, PolicyDocument, Roles } = ManagedPolicyProperties.parse(request.properties);
  const PolicyName = ManagedPolicyName ?? request.name(128);
  const caller = operator(services.context, "iam");
  await unlessExists(callService(services.iam, "CreatePolicy", { PolicyName, Path, PolicyDocument }, caller), ALREADY);
  const PolicyArn = `arn:aws:iam::${services.context.accountId}:policy${Path}${PolicyName}`;
  for (const RoleName of Roles) await callService(services.iam, "AttachRolePolicy", { RoleName, PolicyArn }, caller);
  return { ref: PolicyArn, attributes: { PolicyArn } };
};

const ProfileProperties = z.object({ InstanceProfileName: z.string().optional(), Path, Roles: z.array(z.string()) });

/** `AWS::IAM::InstanceProfile` with its one role. */
export const provisionInstanceProfile: Provision = async (request, services) => {
  const { InstanceProfileName: name = request.name(128), Path, Roles } = ProfileProperties.parse(request.properties);
  await ensureInstanceProfile(services, { InstanceProfileName: name, Path }, Roles);
  const Arn = `arn:aws:iam::${services.context.accountId}:instance-profile${Path}${name}`;
  return { ref: name, attributes: { Arn } };
};

async function ensureInstanceProfile(
  { iam, context }: StackServices,
  profile: { readonly InstanceProfileName: string; readonly Path: string },
  roles: readonly string[],
): Promise<void> {
  const caller = operator(context, "iam");
  const created = await unlessExists(callService(iam, "CreateInstanceProfile", profile, caller), ALREADY);
  if (!created) return;
  const { InstanceProfileName } = profile;
  for (const RoleName of roles)
    await callService(iam, "AddRoleToInstanceProfile", { InstanceProfileName, RoleName }, caller);
}
