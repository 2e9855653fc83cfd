import { randomBytes } from "node:crypto";
import type { CloudContext } from "../context/context.ts";
import { AwsError } from "../wire/contract.ts";
import type { IamState, InstanceProfile, ManagedPolicy, Role } from "./model.ts";
import { parsePolicy } from "./policy.ts";

export interface RoleRequest {
  readonly name: string;
  /** JSON text. */
  readonly trustPolicy: string;
  readonly path?: string | undefined;
  readonly description?: string | undefined;
  readonly maxSessionSeconds?: number | undefined;
  readonly boundaryArn?: string | undefined;
  readonly tags?: Record<string, string> | undefined;
}

/** Makes an id as IAM does: four letters for the kind, then seventeen more characters. */
export function uniqueId(prefix: "AROA" | "AIPA" | "ANPA"): string {
  return `${prefix}${randomBytes(11).toString("hex").toUpperCase().slice(0, 17)}`;
}

/** @throws AwsError `EntityAlreadyExistsException`, or `MalformedPolicyDocumentException`. */
export function addRole(context: CloudContext, state: IamState, request: RoleRequest): Role {
  const { name, path = "/" } = request;
  checkEntityName(name, "roleName");
  if (state.roles[name]) throw alreadyExists(`Role with name ${name} already exists.`);
  parsePolicy(request.trustPolicy);
  const role: Role = {
    name,
    id: uniqueId("AROA"),
    arn: `arn:aws:iam::${context.accountId}:role${path}${name}`,
    path,
    createdAt: context.clock.now(),
    description: request.description ?? "",
    maxSessionSeconds: request.maxSessionSeconds ?? 3_600,
    trustPolicy: request.trustPolicy,
    inlinePolicies: {},
    attachedPolicyArns: [],
    tags: request.tags ?? {},
    ...(request.boundaryArn === undefined ? {} : { boundaryArn: request.boundaryArn }),
  };
  state.roles[name] = role;
  return role;
}

export function checkEntityName(name: string, member: string): void {
  if (/^[\w+=,.@-]{1,128}$/.test(name)) return;
  throw new AwsError(
    "ValidationError",
    `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  );
}

export function alreadyExists(message: string): AwsError {
  return new AwsError("EntityAlreadyExistsException", message, { status: 409 });
}

function noSuchEntity(message: string): AwsError {
  return new AwsError("NoSuchEntityException", message, { status: 404 });
}

export function deleteConflict(message: string): AwsError {
  return new AwsError("DeleteConflictException", message, { status: 409 });
}

export function getRole(state: IamState, name: string): Role {
  const role = state.roles[name];
  if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

export function getProfile(state: IamState, name: string): InstanceProfile {
  const profile = state.profiles[name];
  if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return profile;
}

export function getPolicy(state: IamState, arn: string): ManagedPolicy {
  const policy = state.policies[arn];
  if (!policy) throw noSuchEntity(`Policy ${arn} was not found.`);
  return policy;
}

/** An AWS managed policy exists for every name that looks like one: the local cloud does not keep their texts. */
export function checkAttachable(state: IamState, arn: string): void {
  if (!arn.startsWith("arn:aws:iam::aws:policy/")) getPolicy(state, arn);
}

export function getInlinePolicy(role: Role, name: string): string {
  const document = role.inlinePolicies[name];
  if (document === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
  return document;
}

/** @throws AwsError `InvalidInputException` for keys that differ in case only: IAM calls those the same. */
export function toTags(tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined) {
  const keys = (tags ?? []).map(({ Key = "" }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw new AwsError(
      "InvalidInputException",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  }
  return Object.fromEntries((tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}
