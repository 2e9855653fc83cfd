import {
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  paginateListInstanceProfiles,
  paginateListRoles,
  RemoveRoleFromInstanceProfileCommand,
  type Tag,
} from "@aws-sdk/client-iam";
import { TAG } from "../../domain/cluster/naming.ts";
import type { FoundResource } from "../../domain/deletion/deletion.ts";
import type { Owned } from "../../domain/ownership/ownership.ts";
import { collect, ignoring, unlessGone } from "../common/aws-errors.ts";
import { fromTags } from "../ec2/client.ts";
import { PATH } from "./iam.ts";

const GONE = ["NoSuchEntity", "NoSuchEntityException"];

/** Roles of ours that `mayBe` picks by name, with their tags. Lists carry none, so each is looked at. */
export async function listRoles(iam: IAMClient, mayBe: (name: string) => boolean): Promise<FoundResource<"role">[]> {
  const roles = await collect(paginateListRoles({ client: iam }, { PathPrefix: PATH }), (page) => page.Roles);
  const found = roles
    .flatMap(({ RoleName: name }) => (name !== undefined && mayBe(name) ? [name] : []))
    .map(async (RoleName) => {
      const answer = await ignoring(GONE, iam.send(new GetRoleCommand({ RoleName })));
      return answer?.Role ? [toFound("role", RoleName, answer.Role.Tags)] : [];
    });
  return (await Promise.all(found)).flat();
}

/** The same of instance profiles. */
export async function listProfiles(
  iam: IAMClient,
  mayBe: (name: string) => boolean,
): Promise<FoundResource<"instance-profile">[]> {
  const pages = paginateListInstanceProfiles({ client: iam }, { PathPrefix: PATH });
  const profiles = await collect(pages, (page) => page.InstanceProfiles);
  const found = profiles
    .flatMap(({ InstanceProfileName: name }) => (name !== undefined && mayBe(name) ? [name] : []))
    .map(async (InstanceProfileName) => {
      const answer = await ignoring(GONE, iam.send(new GetInstanceProfileCommand({ InstanceProfileName })));
      const profile = answer?.InstanceProfile;
      return profile ? [toFound("instance-profile", InstanceProfileName, profile.Tags)] : [];
    });
  return (await Promise.all(found)).flat();
}

function toFound<K extends "role" | "instance-profile">(kind: K, id: string, tagList: readonly Tag[] = []) {
  const tags = fromTags(tagList);
  return { kind, id, name: tags[TAG.resource] ?? id, tags };
}

/** A profile, once it holds no role. */
export async function deleteInstanceProfile(
  iam: IAMClient,
  { id: InstanceProfileName }: Owned<"instance-profile">,
): Promise<void> {
  const answer = await ignoring(GONE, iam.send(new GetInstanceProfileCommand({ InstanceProfileName })));
  await Promise.all(
    (answer?.InstanceProfile?.Roles ?? []).map(({ RoleName }) =>
      unlessGone(iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }))),
    ),
  );
  await unlessGone(iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })));
}

/** A role with its policies; NotReadyYet while a profile holds it. */
export async function deleteRole(iam: IAMClient, { id: RoleName }: Owned<"role">): Promise<void> {
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
}
