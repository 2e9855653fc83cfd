import type * as iam from "@aws-sdk/client-iam";
import type * as sts from "@aws-sdk/client-sts";
import type { CloudContext } from "../context/context.ts";
import type { Handlers } from "../wire/contract.ts";
import { accountHandlers } from "./account-handlers.ts";
import { AWS_MANAGED_POLICIES } from "./managed-policies.ts";
import type { IamState, Role } from "./model.ts";
import { type PolicyDocument, parsePolicy } from "./policy.ts";
import { policyHandlers } from "./policy-handlers.ts";
import { addProfile, profileHandlers } from "./profile-handlers.ts";
import { roleHandlers } from "./role-handlers.ts";
import { addServiceLinkedRole, type ServiceWithRole, serviceLinkedRoleName } from "./service-linked-roles.ts";
import { addRole, type RoleRequest } from "./store.ts";
import { type AssumeRole, assumeRole, stsHandlers } from "./sts.ts";

export interface Iam {
  readonly handlers: Handlers<typeof iam>;
  readonly stsHandlers: Handlers<typeof sts>;
  /** A role of this account for a caller of any account; undefined where there is none, or it does not trust him. */
  readonly assumeRole: AssumeRole;
  /**
   * The role that an instance profile, by ARN or name, gives to an instance, as other services see it; undefined
   * without profile or role, and for as long as news of them are on their way.
   */
  instanceRole(profileArnOrName: string): InstanceRole | undefined;
  role(arn: string): Role | undefined;
  /** All that a role may do by its inline and managed policies, its boundary aside. */
  policiesOf(arn: string): PolicyDocument[];
  /**
   * The most that a role may do; undefined without a permissions boundary. A boundary without a text permits nothing.
   */
  boundaryOf(arn: string): PolicyDocument | undefined;
  /** Creates a role or brings it to this state, as CloudFormation would. Policies are JSON text, by name. */
  putRole(request: RoleRequest & { inlinePolicies?: Record<string, string>; attachedPolicyArns?: string[] }): Role;
  /** Creates an instance profile or brings it to this role, as CloudFormation would. Returns its ARN. */
  putInstanceProfile(request: { name: string; roleName: string; path?: string }): string;
  /** A service makes its own role with the first call that needs it; the caller's permission was checked before. */
  ensureServiceLinkedRole(service: ServiceWithRole): void;
  snapshot(): IamState;
}

export interface InstanceRole {
  readonly roleName: string;
  readonly roleArn: string;
  readonly profileName: string;
  readonly profileArn: string;
}

/**
 * AWS Identity and Access Management and the Security Token Service. It stores; who checks calls asks `evaluate.ts`.
 * Other services learn of an instance profile's role `propagation` milliseconds late ("Troubleshoot IAM": changes are
 * not always immediately visible).
 */
export function createIam(
  context: CloudContext,
  restored?: IamState,
  { propagation = 0, elsewhere }: { propagation?: number; elsewhere?: AssumeRole } = {},
): Iam {
  const state = restored ?? { roles: {}, profiles: {}, policies: {} };
  const role = (arn: string) => Object.values(state.roles).find((each) => each.arn === arn);
  const managed = (arn: string): PolicyDocument[] => {
    const own = state.policies[arn]?.document;
    return own === undefined ? [AWS_MANAGED_POLICIES[arn] ?? []].flat() : [parsePolicy(own)];
  };
  const policiesOf = (arn: string): PolicyDocument[] => {
    const found = role(arn);
    if (!found) return [];
    return [...Object.values(found.inlinePolicies).map(parsePolicy), ...found.attachedPolicyArns.flatMap(managed)];
  };
  return {
    handlers: {
      ...roleHandlers(context, state),
      ...profileHandlers(context, state),
      ...policyHandlers(context, state),
      ...accountHandlers(context, state, policiesOf),
    },
    stsHandlers: stsHandlers(context, state, elsewhere),
    assumeRole: (input, caller) => assumeRole(context, state, input, caller),
    instanceRole: (profile) => {
      const found = Object.values(state.profiles).find(({ arn, name }) => arn === profile || name === profile);
      const isYoung = context.clock.now() - (found?.roleSince ?? 0) < propagation;
      const held = found?.roleName === undefined || isYoung ? undefined : state.roles[found.roleName];
      return found && held
        ? { roleName: held.name, roleArn: held.arn, profileName: found.name, profileArn: found.arn }
        : undefined;
    },
    role,
    policiesOf,
    boundaryOf: (arn) => {
      const boundary = role(arn)?.boundaryArn;
      return boundary === undefined
        ? undefined
        : { Statement: managed(boundary).flatMap(({ Statement }) => Statement) };
    },
    putRole: (request) => putRole(context, state, request),
    putInstanceProfile: ({ name, roleName, path }) => {
      const profile = state.profiles[name] ?? addProfile(context, state, { name, path });
      profile.roleName = roleName;
      return profile.arn;
    },
    ensureServiceLinkedRole: (service) => {
      if (!state.roles[serviceLinkedRoleName(service)]) addServiceLinkedRole(context, state, service);
    },
    snapshot: () => state,
  };
}

function putRole(context: CloudContext, state: IamState, request: Parameters<Iam["putRole"]>[0]): Role {
  for (const document of Object.values(request.inlinePolicies ?? {})) parsePolicy(document);
  const role = state.roles[request.name] ?? addRole(context, state, request);
  parsePolicy(request.trustPolicy);
  role.trustPolicy = request.trustPolicy;
  role.description = request.description ?? role.description;
  role.maxSessionSeconds = request.maxSessionSeconds ?? role.maxSessionSeconds;
  role.inlinePolicies = request.inlinePolicies ?? {};
  role.attachedPolicyArns = request.attachedPolicyArns ?? [];
  role.tags = request.tags ?? {};
  if (request.boundaryArn === undefined) delete role.boundaryArn;
  else role.boundaryArn = request.boundaryArn;
  return role;
}
