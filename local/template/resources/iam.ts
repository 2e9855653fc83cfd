import * as z from "zod";
import { callService } from "../../context/service-call.ts";
import { operator, type Provision, unlessExists } from "../resource-type.ts";

const ALREADY = ["EntityAlreadyExistsException"];
const Document = z.record(z.string(), z.unknown()).transform((document) => JSON.stringify(document));
const Path = z.string().default("/");

const RoleProperties = z.object({
  RoleName: z.string().optional(),
  Path,
  Description: z.string().optional(),
  AssumeRolePolicyDocument: Document,
  PermissionsBoundary: z.string().optional(),
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(z.object({ PolicyName: z.string(), PolicyDocument: Document })).default([]),
});

/** `AWS::IAM::Role` with its inline and managed policies. */
export const provisionRole: Provision = (request, { iam }) => {
  const properties = RoleProperties.parse(request.properties);
  const name = properties.RoleName ?? request.name();
  const role = iam.putRole({
    name,
    path: properties.Path,
    trustPolicy: properties.AssumeRolePolicyDocument,
    inlinePolicies: Object.fromEntries(properties.Policies.map((policy) => [policy.PolicyName, policy.PolicyDocument])),
    attachedPolicyArns: properties.ManagedPolicyArns,
    ...(properties.Description !== undefined && { description: properties.Description }),
    ...(properties.PermissionsBoundary !== undefined && { boundaryArn: properties.PermissionsBoundary }),
  });
  return { ref: name, attributes: { Arn: role.arn, RoleId: role.id } };
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
    await callService(services.iam.handlers, "PutRolePolicy", input, operator(services.context, "iam"));
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
  const creation = callService(services.iam.handlers, "CreatePolicy", { PolicyName, Path, PolicyDocument }, caller);
  if (!(await unlessExists(creation, ALREADY)))
    services.context.log(`iam: the policy ${PolicyName} keeps the text that it has in the data directory`);
  const PolicyArn = `arn:aws:iam::${services.context.accountId}:policy${Path}${PolicyName}`;
  for (const RoleName of Roles)
    await callService(services.iam.handlers, "AttachRolePolicy", { RoleName, PolicyArn }, caller);
  return { ref: PolicyArn, attributes: { PolicyArn } };
};

const ProfileProperties = z.object({
  InstanceProfileName: z.string().optional(),
  Path,
  Roles: z.tuple([z.string()]),
});

/** `AWS::IAM::InstanceProfile` with its one role. */
export const provisionInstanceProfile: Provision = (request, { iam }) => {
  const { InstanceProfileName: name = request.name(128), Path, Roles } = ProfileProperties.parse(request.properties);
  return { ref: name, attributes: { Arn: iam.putInstanceProfile({ name, path: Path, roleName: Roles[0] }) } };
};
