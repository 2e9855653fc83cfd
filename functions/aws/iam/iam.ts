import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { AccessMissing } from "../../domain/cluster/errors.ts";
import { type Owner, ownerTags } from "../../domain/cluster/naming.ts";
import type { RoleFacts } from "../../domain/drift/machine-drift.ts";
import { profileDifferences, requireOwn, roleDifferences, tagDifferences } from "../../domain/ownership/adoption.ts";
import { type PolicyDocument, policyText } from "../../domain/permissions/instance-policies.ts";
import { call, ignoring } from "../common/aws-errors.ts";
import { fromTags, toTags } from "../ec2/client.ts";

/** A role that does not exist has no path, and only what is below ours may be read: IAM then answers with a denial. */
const GONE = ["NoSuchEntity", "NoSuchEntityException", "AccessDenied", "AccessDeniedException"];
const EXISTS = ["EntityAlreadyExists", "EntityAlreadyExistsException"];

export interface InstanceRoleRequest {
  /** Name of role and profile. */
  readonly name: string;
  readonly resource: string;
  readonly policy: PolicyDocument;
  readonly permissionsBoundaryArn: string;
}

/** Of the policy that each role has written into it. */
const POLICY = "cluster";
/** Attached to roles that were made before their own policy let the management agent work. */
const AGENT_POLICY = "AmazonSSMManagedInstanceCore";

/** IAM path of everything that clusters own; the functions' permissions end at it. */
export const PATH = "/holdfast/";

const TRUST = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
};

/**
 * An instance role with its profile. Names are the keys, so creating again is harmless; what has one of the names
 * already must be the cluster's own, or it would get the cluster's permissions.
 */
export async function ensureInstanceRole(iam: IAMClient, owner: Owner, request: InstanceRoleRequest): Promise<void> {
  const [, hasRole] = await Promise.all([ensureRole(iam, owner, request), ensureProfile(iam, owner, request)]);
  await Promise.all([
    call(
      iam.send(
        new PutRolePolicyCommand({
          RoleName: request.name,
          PolicyName: POLICY,
          PolicyDocument: policyText(request.policy),
        }),
      ),
    ),
    hasRole ? undefined : fillProfile(iam, owner, request),
  ]);
}

/** Which of its policies a role still has; undefined if it does not exist. */
export async function readRole(iam: IAMClient, RoleName: string): Promise<RoleFacts | undefined> {
  const [attached, inline] = await Promise.all([
    ignoring(GONE, iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))),
    ignoring(GONE, iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: POLICY }))),
  ]);
  return (
    attached && {
      name: RoleName,
      hasPolicy: inline !== undefined,
      agentMayWork:
        // IAM answers with it URL-encoded.
        decodeURIComponent(inline?.PolicyDocument ?? "").includes("ssm:UpdateInstanceInformation") ||
        (attached.AttachedPolicies ?? []).some(({ PolicyName }) => PolicyName === AGENT_POLICY),
    }
  );
}

async function ensureRole(iam: IAMClient, owner: Owner, request: InstanceRoleRequest): Promise<void> {
  const made = await ignoring(
    EXISTS,
    iam.send(
      new CreateRoleCommand({
        RoleName: request.name,
        Path: PATH,
        AssumeRolePolicyDocument: JSON.stringify(TRUST),
        PermissionsBoundary: request.permissionsBoundaryArn,
        Tags: toTags(ownerTags(owner, request.resource)),
      }),
    ),
  );
  if (made) return;
  const thing = `role ${request.name}`;
  const { Role } = await look(thing, owner, iam.send(new GetRoleCommand({ RoleName: request.name })));
  const found = {
    path: Role?.Path,
    boundaryArn: Role?.PermissionsBoundary?.PermissionsBoundaryArn,
    // IAM answers with it URL-encoded.
    trust: JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "null")),
  };
  requireOwn(thing, owner, [
    ...tagDifferences(owner, request.resource, fromTags(Role?.Tags)),
    ...roleDifferences({ path: PATH, boundaryArn: request.permissionsBoundaryArn, trust: TRUST }, found),
  ]);
}

/** Resolves with whether the profile already has its role. */
async function ensureProfile(iam: IAMClient, owner: Owner, request: InstanceRoleRequest): Promise<boolean> {
  const Tags = toTags(ownerTags(owner, request.resource));
  const made = await ignoring(
    EXISTS,
    iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: request.name, Path: PATH, Tags })),
  );
  return made ? false : readOwnProfile(iam, owner, request);
}

/**
 * A profile holds one role, and a second one answers LimitExceeded. The SDK takes that for throttling and repeats the
 * call for up to a minute, so it is called only where there is no role yet.
 */
async function fillProfile(iam: IAMClient, owner: Owner, request: InstanceRoleRequest): Promise<void> {
  const added = await ignoring(
    ["LimitExceeded", "LimitExceededException", ...EXISTS],
    iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: request.name, RoleName: request.name })),
  );
  if (!added) await readOwnProfile(iam, owner, request);
}

/** Whether the profile has its role. Throws OwnershipConflict if the profile, or a role in it, is not the cluster's. */
async function readOwnProfile(
  iam: IAMClient,
  owner: Owner,
  { name, resource }: Pick<InstanceRoleRequest, "name" | "resource">,
): Promise<boolean> {
  const thing = `instance profile ${name}`;
  const get = iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }));
  const { InstanceProfile: found } = await look(thing, owner, get);
  const roles = (found?.Roles ?? []).map(({ RoleName = "" }) => RoleName);
  requireOwn(thing, owner, [
    ...tagDifferences(owner, resource, fromTags(found?.Tags)),
    ...profileDifferences({ path: PATH, role: name }, { path: found?.Path, roles }),
  ]);
  return roles.length > 0;
}

/** Names are unique over all paths, but only below ours may be read: what must not be looked at is under another. */
async function look<T>(thing: string, owner: Owner, send: Promise<T>): Promise<T> {
  try {
    return await call(send);
  } catch (error) {
    if (error instanceof AccessMissing) requireOwn(thing, owner, [`its path is not ${PATH}`]);
    throw error;
  }
}
