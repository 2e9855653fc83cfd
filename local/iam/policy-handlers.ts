import type * as iam from "@aws-sdk/client-iam";
import type { CloudContext } from "../context/context.ts";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { IamState, ManagedPolicy } from "./model.ts";
import { parsePolicy } from "./policy.ts";
import { alreadyExists, checkEntityName, deleteConflict, getPolicy, toTags, uniqueId } from "./store.ts";
import { encodeDocument, viewPolicy } from "./views.ts";

/** Customer managed policies, each with its one current version. */
export function policyHandlers(context: CloudContext, state: IamState): Handlers<typeof iam> {
  const policyOf = (input: { PolicyArn: string | undefined }) =>
    getPolicy(state, required(input.PolicyArn, "PolicyArn"));
  return {
    CreatePolicy: (input) => ({ Policy: viewPolicy(state, createPolicy(context, state, input)) }),
    GetPolicy: (input) => ({ Policy: viewPolicy(state, policyOf(input)) }),
    GetPolicyVersion: (input) => {
      const policy = policyOf(input);
      if (input.VersionId !== `v${policy.version}`) {
        throw new AwsError(
          "NoSuchEntityException",
          `Policy ${policy.arn} version ${input.VersionId} does not exist or is not attachable.`,
          {
            status: 404,
          },
        );
      }
      return {
        PolicyVersion: {
          Document: encodeDocument(policy.document),
          VersionId: `v${policy.version}`,
          IsDefaultVersion: true,
          CreateDate: new Date(policy.createdAt),
        },
      };
    },
    ListPolicies: (input) => {
      const all = input.Scope === "AWS" ? [] : Object.values(state.policies);
      const page = paginate(all, { limit: input.MaxItems ?? 100, token: input.Marker, tokenError: "ValidationError" });
      return {
        Policies: page.items.map((policy) => viewPolicy(state, policy)),
        IsTruncated: page.nextToken !== undefined,
        Marker: page.nextToken,
      };
    },
    DeletePolicy: (input) => {
      const policy = policyOf(input);
      const users = Object.values(state.roles).filter(({ attachedPolicyArns }) =>
        attachedPolicyArns.includes(policy.arn),
      );
      if (users.length > 0) throw deleteConflict("Cannot delete a policy attached to entities.");
      delete state.policies[policy.arn];
      return {};
    },
  };
}

function createPolicy(context: CloudContext, state: IamState, input: iam.CreatePolicyRequest): ManagedPolicy {
  const name = required(input.PolicyName, "PolicyName");
  const document = required(input.PolicyDocument, "PolicyDocument");
  checkEntityName(name, "policyName");
  parsePolicy(document);
  const path = input.Path ?? "/";
  const arn = `arn:aws:iam::${context.accountId}:policy${path}${name}`;
  if (state.policies[arn])
    throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  const policy: ManagedPolicy = {
    name,
    id: uniqueId("ANPA"),
    arn,
    path,
    createdAt: context.clock.now(),
    description: input.Description ?? "",
    document,
    version: 1,
    tags: toTags(input.Tags),
  };
  state.policies[arn] = policy;
  return policy;
}
