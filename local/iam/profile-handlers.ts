import type * as iam from "@aws-sdk/client-iam";
import type { CloudContext } from "../context/context.ts";
import { paginate, required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import type { IamState, InstanceProfile } from "./model.ts";
import { alreadyExists, checkEntityName, deleteConflict, getProfile, getRole, toTags, uniqueId } from "./store.ts";
import { viewProfile } from "./views.ts";

export function profileHandlers(context: CloudContext, state: IamState): Handlers<typeof iam> {
  const profileOf = (input: { InstanceProfileName: string | undefined }) =>
    getProfile(state, required(input.InstanceProfileName, "InstanceProfileName"));
  return {
    CreateInstanceProfile: (input) => {
      const name = required(input.InstanceProfileName, "InstanceProfileName");
      const profile = addProfile(context, state, { name, path: input.Path, tags: toTags(input.Tags) });
      return { InstanceProfile: viewProfile(state, profile) };
    },
    GetInstanceProfile: (input) => ({ InstanceProfile: viewProfile(state, profileOf(input)) }),
    DeleteInstanceProfile: (input) => {
      const profile = profileOf(input);
      if (profile.roleName !== undefined) {
        throw deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
      }
      delete state.profiles[profile.name];
      return {};
    },
    AddRoleToInstanceProfile: (input) => {
      const profile = profileOf(input);
      const role = getRole(state, required(input.RoleName, "RoleName"));
      if (profile.roleName !== undefined) {
        throw new AwsError("LimitExceededException", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", {
          status: 409,
        });
      }
      profile.roleName = role.name;
      profile.roleSince = context.clock.now();
      return {};
    },
    RemoveRoleFromInstanceProfile: (input) => {
      const profile = profileOf(input);
      getRole(state, required(input.RoleName, "RoleName"));
      if (profile.roleName !== input.RoleName) {
        throw new AwsError(
          "NoSuchEntityException",
          `The role with name ${input.RoleName} cannot be found in instance profile ${profile.name}.`,
          { status: 404 },
        );
      }
      delete profile.roleName;
      return {};
    },
    ListInstanceProfiles: (input) => {
      const all = Object.values(state.profiles)
        .filter(({ path }) => path.startsWith(input.PathPrefix ?? "/"))
        .toSorted((a, b) => a.name.localeCompare(b.name));
      const page = paginate(all, { limit: input.MaxItems ?? 100, token: input.Marker, tokenError: "ValidationError" });
      return {
        InstanceProfiles: page.items.map((profile) => viewProfile(state, profile)),
        IsTruncated: page.nextToken !== undefined,
        Marker: page.nextToken,
      };
    },
    ListInstanceProfilesForRole: (input) => {
      const role = getRole(state, required(input.RoleName, "RoleName"));
      const wanted = Object.values(state.profiles).filter(({ roleName }) => roleName === role.name);
      return { InstanceProfiles: wanted.map((profile) => viewProfile(state, profile)), IsTruncated: false };
    },
    TagInstanceProfile: (input) => {
      Object.assign(profileOf(input).tags, toTags(input.Tags));
      return {};
    },
  };
}

/** @throws AwsError `EntityAlreadyExistsException`. */
export function addProfile(
  context: CloudContext,
  state: IamState,
  request: { name: string; path?: string | undefined; tags?: Record<string, string> },
): InstanceProfile {
  const { name, path = "/", tags = {} } = request;
  checkEntityName(name, "instanceProfileName");
  if (state.profiles[name]) throw alreadyExists(`Instance Profile ${name} already exists.`);
  const profile: InstanceProfile = {
    name,
    id: uniqueId("AIPA"),
    arn: `arn:aws:iam::${context.accountId}:instance-profile${path}${name}`,
    path,
    createdAt: context.clock.now(),
    tags,
  };
  state.profiles[name] = profile;
  return profile;
}
