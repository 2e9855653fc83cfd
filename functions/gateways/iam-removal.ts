import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  paginateListInstanceProfiles,
  paginateListRoles,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import type { OwnedResource } from "../domain/deletion.ts";
import { TAG } from "../domain/naming.ts";
import { collect, ignoring, unlessGone } from "./aws-errors.ts";
import { fromTags } from "./ec2/client.ts";
import { PATH } from "./iam.ts";

const iam = new IAMClient({});
const GONE = ["NoSuchEntity", "NoSuchEntityException"];

/** Roles and instance profiles of ours whose names begin so. Lists carry no tags, so each is looked at. */
export const listIdentity = async (prefix: string): Promise<OwnedResource[]> => {
  const [roles, profiles] = await Promise.all([
    collect(paginateListRoles({ client: iam }, { PathPrefix: PATH }), ({ Roles }) => Roles),
    collect(paginateListInstanceProfiles({ client: iam }, { PathPrefix: PATH }), (page) => page.InstanceProfiles),
  ]);
  const mine = (names: (string | undefined)[]) => names.filter((name) => name?.startsWith(prefix));
  const found = await Promise.all([
    ...mine(roles.map(({ RoleName }) => RoleName)).map(async (RoleName) => {
      const answer = await ignoring(GONE, iam.send(new GetRoleCommand({ RoleName })));
      return toOwned("role", RoleName, answer?.Role?.Tags);
    }),
    ...mine(profiles.map(({ InstanceProfileName }) => InstanceProfileName)).map(async (InstanceProfileName) => {
      const answer = await ignoring(GONE, iam.send(new GetInstanceProfileCommand({ InstanceProfileName })));
      return toOwned("instance-profile", InstanceProfileName, answer?.InstanceProfile?.Tags);
    }),
  ]);
  return found.flat();
};

const toOwned = (
  kind: "role" | "instance-profile",
  id = "",
  tags: Parameters<typeof fromTags>[0] = undefined,
): OwnedResource[] => {
  const own = fromTags(tags);
  return tags === undefined ? [] : [{ kind, id, name: own[TAG.resource] ?? id, uid: own[TAG.uid] ?? "" }];
};

/** A profile, once it holds no role. */
export const deleteInstanceProfile = async (InstanceProfileName: string): Promise<void> => {
  const answer = await ignoring(GONE, iam.send(new GetInstanceProfileCommand({ InstanceProfileName })));
  await Promise.all(
    (answer?.InstanceProfile?.Roles ?? []).map(({ RoleName }) =>
      unlessGone(iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }))),
    ),
  );
  await unlessGone(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })));
};

/** A role with its policies; NotReadyYet while a profile holds it. */
export const deleteRole = async (RoleName: string): Promise<void> => {
  const [attached, inline] = await Promise.all([
    ignoring(GONE, iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))),
    ignoring(GONE, iam.send(new ListRolePoliciesCommand({ RoleName }))),
  ]);
  await Promise.all([
    ...(attached?.AttachedPolicies ?? []).map(({ PolicyArn }) =>
      unlessGone(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }))),
    ),
    ...(inline?.PolicyNames ?? []).map((PolicyName) =>
      unlessGone(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }))),
    ),
  ]);
  await unlessGone(iam.send(new DeleteRoleCommand({ RoleName })));
};
