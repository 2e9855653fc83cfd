import {
  AccessMissing,
  InstanceGone,
  NotReadyYet,
  OwnershipConflict,
  QuotaReached,
  ZoneUnavailable,
} from "../domain/errors.ts";
import { quotaReached } from "../domain/quotas.ts";

/**
 * AWS's error codes become our names here and nowhere else. What is not listed stays as it is and reaches the catch-all
 * of the flow under its own name. Codes: aws-facts §2.3, §3.2, §4.1–4.3.
 */
const NOT_READY = new Set([
  "VolumeInUse",
  "IncorrectState",
  "IncorrectInstanceState",
  "InvalidNetworkInterface.InUse",
  "InvalidParameterValue.InstanceProfileNotReady",
  "InvalidVpcID.NotFound",
  "InvalidSubnetID.NotFound",
  "InvalidSubnet.NotFound",
  "InvalidGroup.NotFound",
  "InvalidVolume.NotFound",
  "InvalidNetworkInterfaceID.NotFound",
  "InvalidInternetGatewayID.NotFound",
  "InvalidRouteTableID.NotFound",
  "InvalidAllocationID.NotFound",
  "InvalidNatGatewayID.NotFound",
  "NatGatewayNotFound",
  "NoSuchEntity",
  "NoSuchEntityException",
  "ResourceContention",
  "ResourceContentionFault",
  "ScalingActivityInProgress",
  "ScalingActivityInProgressFault",
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "PriorRequestNotComplete",
  "DependencyViolation",
  "DeleteConflict",
  "DeleteConflictException",
  "ResourceInUse",
  "ResourceInUseFault",
  "ResourceInUseException",
  "InvalidIPAddress.InUse",
  "TooManyUpdates",
  "LoadBalancerNotFoundException",
  "TargetGroupNotFoundException",
  "InvocationDoesNotExist",
]);
const GONE = new Set(["InvalidInstanceID.NotFound", "InvalidInstanceId", "IdempotentInstanceTerminated"]);
const ZONE = new Set(["InsufficientInstanceCapacity", "InsufficientVolumeCapacity", "InsufficientCapacity"]);
/** A name or token of ours stands for something else. */
const TAKEN = new Set([
  "IdempotentParameterMismatch",
  "DuplicateLoadBalancerNameException",
  "DuplicateTargetGroupNameException",
]);
const DENIED = new Set(["UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "AuthorizationError"]);

export const toDomainError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const message = `${error.name}: ${error.message}`;
  const options = { cause: error };
  if (NOT_READY.has(error.name)) return new NotReadyYet(message, options);
  if (GONE.has(error.name)) return new InstanceGone(message, options);
  if (ZONE.has(error.name)) return new ZoneUnavailable(message, options);
  if (DENIED.has(error.name)) return new AccessMissing(message, options);
  const quota = quotaReached(error.name);
  if (quota !== undefined) return new QuotaReached(`${message} ${quota}`, options);
  if (TAKEN.has(error.name)) return new OwnershipConflict(message, options);
  return error;
};

/** Runs one call; its error becomes a domain error. */
export const call = async <T>(send: Promise<T>): Promise<T> => {
  try {
    return await send;
  } catch (error) {
    throw toDomainError(error);
  }
};

/** `undefined` instead of an error of one of these names: for what may be there already, or gone already. */
export const ignoring = async <T>(names: readonly string[], send: Promise<T>): Promise<T | undefined> => {
  try {
    return await send;
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw toDomainError(error);
  }
};

const GONE_ALREADY = /NotFound(Exception|Fault)?$|NotFoundException|^NoSuchEntity(Exception)?$/;

/** For a call that removes something: what is not there any more is removed. */
export const unlessGone = async (send: Promise<unknown>): Promise<void> => {
  try {
    await send;
  } catch (error) {
    if (error instanceof Error && GONE_ALREADY.test(error.name)) return;
    throw toDomainError(error);
  }
};

/** All items of a paginated list. */
export const collect = async <Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> => {
  const found: Item[] = [];
  try {
    for await (const page of pages) found.push(...(items(page) ?? []));
  } catch (error) {
    throw toDomainError(error);
  }
  return found;
};

/** A member that AWS documents as always present, though the SDK's types do not say so. */
export const present = <T>(value: T | undefined | null, what: string): T => {
  if (value === undefined || value === null) throw new Error(`AWS answered without ${what}`);
  return value;
};
