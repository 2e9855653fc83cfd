import type * as iam from "@aws-sdk/client-iam";
import type { CloudContext } from "../context/context.ts";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { IamState } from "./model.ts";
import { parsePolicy } from "./policy.ts";
import { addServiceLinkedRole } from "./service-linked-roles.ts";
import { addRole, checkAttachable, deleteConflict, getInlinePolicy, getRole, toTags } from "./store.ts";
import { encodeDocument, viewRole, viewTags } from "./views.ts";

const PAGE = 100;
const MAX_INLINE_CHARACTERS = 10_240;

export function roleHandlers(context: CloudContext, state: IamState): Handlers<typeof iam> {
  const roleOf = (input: { RoleName: string | undefined }) => getRole(state, required(input.RoleName, "RoleName"));
  return {
    CreateRole: (input) => {
      const role = addRole(context, state, {
        name: required(input.RoleName, "RoleName"),
        trustPolicy: required(input.AssumeRolePolicyDocument, "AssumeRolePolicyDocument"),
        path: input.Path,
        description: input.Description,
        maxSessionSeconds: input.MaxSessionDuration,
        boundaryArn: input.PermissionsBoundary,
        tags: toTags(input.Tags),
      });
      return { Role: viewRole(role) };
    },
    CreateServiceLinkedRole: (input) => {
      const service = required(input.AWSServiceName, "AWSServiceName");
      return { Role: viewRole(addServiceLinkedRole(context, state, service)) };
    },
    GetRole: (input) => ({ Role: viewRole(roleOf(input)) }),
    ListRoles: (input) => {
      const roles = Object.values(state.roles)
        .filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"))
        .toSorted((a, b) => a.name.localeCompare(b.name));
      const page = paginate(roles, {
        limit: input.MaxItems ?? PAGE,
        token: input.Marker,
        tokenError: "ValidationError",
      });
      // ListRoles leaves out tags and boundaries (API reference).
      const views = page.items.map((role) => ({ ...viewRole(role), Tags: undefined, PermissionsBoundary: undefined }));
      return { Roles: views, IsTruncated: page.nextToken !== undefined, Marker: page.nextToken };
    },
    DeleteRole: (input) => {
      const role = roleOf(input);
      const conflict = `Cannot delete entity, must`;
      if (Object.values(state.profiles).some(({ roleName }) => roleName === role.name)) {
        throw deleteConflict(`${conflict} remove roles from instance profile first.`);
      }
      if (role.attachedPolicyArns.length > 0) throw deleteConflict(`${conflict} detach all policies first.`);
      if (Object.keys(role.inlinePolicies).length > 0) throw deleteConflict(`${conflict} delete policies first.`);
      delete state.roles[role.name];
      return {};
    },
    UpdateAssumeRolePolicy: (input) => {
      const document = required(input.PolicyDocument, "PolicyDocument");
      parsePolicy(document);
      roleOf(input).trustPolicy = document;
      return {};
    },
    TagRole: (input) => {
      Object.assign(roleOf(input).tags, toTags(input.Tags));
      return {};
    },
    UntagRole: (input) => {
      const { tags } = roleOf(input);
      for (const key of input.TagKeys ?? []) delete tags[key];
      return {};
    },
    ListRoleTags: (input) => ({ Tags: viewTags(roleOf(input).tags), IsTruncated: false }),
    ...rolePolicyHandlers(state),
  };
}

/** The sum of a role's inline policies, without white space (IAM user guide, "IAM and AWS STS quotas"). */
function checkInlineSize(role: string, documents: readonly string[]): void {
  const size = documents.join("").replaceAll(/\s/g, "").length;
  if (size <= MAX_INLINE_CHARACTERS) return;
  throw new AwsError(
    "LimitExceededException",
    `Maximum policy size of ${MAX_INLINE_CHARACTERS} bytes exceeded for role ${role}`,
    { status: 409 },
  );
}

function rolePolicyHandlers(state: IamState): Handlers<typeof iam> {
  const roleOf = (input: { RoleName: string | undefined }) => getRole(state, required(input.RoleName, "RoleName"));
  return {
    PutRolePolicy: (input) => {
      const document = required(input.PolicyDocument, "PolicyDocument");
      parsePolicy(document);
      const role = roleOf(input);
      const policies = { ...role.inlinePolicies, [required(input.PolicyName, "PolicyName")]: document };
      checkInlineSize(role.name, Object.values(policies));
      role.inlinePolicies = policies;
      return {};
    },
    GetRolePolicy: (input) => {
      const role = roleOf(input);
      const name = required(input.PolicyName, "PolicyName");
      return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeDocument(getInlinePolicy(role, name)) };
    },
    ListRolePolicies: (input) => ({ PolicyNames: Object.keys(roleOf(input).inlinePolicies), IsTruncated: false }),
    DeleteRolePolicy: (input) => {
      const role = roleOf(input);
      const name = required(input.PolicyName, "PolicyName");
      getInlinePolicy(role, name);
      delete role.inlinePolicies[name];
      return {};
    },
    AttachRolePolicy: (input) => {
      const role = roleOf(input);
      const arn = required(input.PolicyArn, "PolicyArn");
      checkAttachable(state, arn);
      if (!role.attachedPolicyArns.includes(arn)) role.attachedPolicyArns.push(arn);
      return {};
    },
    DetachRolePolicy: (input) => {
      const role = roleOf(input);
      const arn = required(input.PolicyArn, "PolicyArn");
      checkAttachable(state, arn);
      role.attachedPolicyArns = role.attachedPolicyArns.filter((other) => other !== arn);
      return {};
    },
    ListAttachedRolePolicies: (input) => ({
      AttachedPolicies: roleOf(input).attachedPolicyArns.map((arn) => ({
        PolicyArn: arn,
        PolicyName: arn.split("/").at(-1),
      })),
      IsTruncated: false,
    }),
  };
}
