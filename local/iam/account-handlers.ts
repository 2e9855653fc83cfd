import type * as iam from "@aws-sdk/client-iam";
import type { CloudContext } from "../context/context.ts";
import { required } from "../context/input.ts";
import type { Handlers } from "../wire/contract.ts";
import { evaluate } from "./evaluate.ts";
import type { IamState } from "./model.ts";
import type { PolicyDocument } from "./policy.ts";
import { getPolicy } from "./store.ts";

/** The account itself and its one user, who policies are attached to, and what a role would be allowed. */
export function accountHandlers(
  context: CloudContext,
  state: IamState,
  policiesOf: (roleArn: string) => PolicyDocument[],
): Handlers<typeof iam> {
  const operator: iam.User = {
    Path: "/",
    UserName: "holdfast",
    UserId: "AIDAHOLDFASTOPERATOR0",
    Arn: `arn:aws:iam::${context.accountId}:user/holdfast`,
    CreateDate: new Date(0),
  };
  return {
    ListUsers: () => ({ Users: [operator], IsTruncated: false }),
    GetUser: () => ({ User: operator }),
    ListGroups: () => ({ Groups: [], IsTruncated: false }),
    ListAccountAliases: () => ({ AccountAliases: [], IsTruncated: false }),
    GetAccountSummary: () => ({
      SummaryMap: {
        Users: 1,
        Groups: 0,
        Roles: Object.keys(state.roles).length,
        Policies: Object.keys(state.policies).length,
        InstanceProfiles: Object.keys(state.profiles).length,
        AccountMFAEnabled: 0,
        RolesQuota: 1_000,
        PoliciesQuota: 1_500,
        InstanceProfilesQuota: 1_000,
      },
    }),
    ListPolicyVersions: (input) => {
      const { version, createdAt } = getPolicy(state, required(input.PolicyArn, "PolicyArn"));
      const only = { VersionId: `v${version}`, IsDefaultVersion: true, CreateDate: new Date(createdAt) };
      return { Versions: [only], IsTruncated: false };
    },
    ListEntitiesForPolicy: (input) => {
      const { arn } = getPolicy(state, required(input.PolicyArn, "PolicyArn"));
      const holders = Object.values(state.roles).filter((role) => role.attachedPolicyArns.includes(arn));
      const roles = holders.map(({ name, id }) => ({ RoleName: name, RoleId: id }));
      return { PolicyGroups: [], PolicyUsers: [], PolicyRoles: roles, IsTruncated: false };
    },
    SimulatePrincipalPolicy: (input) => ({ EvaluationResults: simulate(policiesOf, input), IsTruncated: false }),
  };
}

/** By the role's own policies, without its boundary, as AWS does where none is given. */
function simulate(
  policiesOf: (roleArn: string) => PolicyDocument[],
  { PolicySourceArn = "", ActionNames = [], ResourceArns = ["*"] }: iam.SimulatePrincipalPolicyRequest,
): iam.EvaluationResult[] {
  const policies = policiesOf(PolicySourceArn);
  return ActionNames.flatMap((action) =>
    ResourceArns.map((resource) => {
      const { decision } = evaluate(policies, { action, resource, context: {} });
      const decisions = { allow: "allowed", deny: "explicitDeny", implicitDeny: "implicitDeny" } as const;
      return {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: decisions[decision],
        MatchedStatements: [],
        MissingContextValues: [],
      };
    }),
  );
}
