import {
  AccessMissing,
  DefaultVpcMissing,
  DeletionBlocked,
  HoldfastError,
  InstanceGone,
  NotReadyYet,
  OwnershipConflict,
  QuotaReached,
  RequestRefused,
  ZoneUnavailable,
} from "../../domain/cluster/errors.ts";
import { quotaReached } from "../../domain/plan/quotas.ts";

/**
 * AWS's errors become our names here and nowhere else: those that are listed by what to do next, any other refusal as
 * RequestRefused with AWS's own words. Codes: docs/references/aws.md, and the API references of the calls.
 */
const NOT_READY = new Set([
  "VolumeInUse",
  "IncorrectState",
  "IncorrectStateException",
  "IncorrectInstanceState",
  "InvalidState",
  "InvalidNetworkInterface.InUse",
  "InvalidVpcID.NotFound",
  "InvalidSubnetID.NotFound",
  "InvalidSubnet.NotFound",
  "InvalidGroup.NotFound",
  "InvalidVolume.NotFound",
  "InvalidNetworkInterfaceID.NotFound",
  "InvalidInternetGatewayID.NotFound",
  "InvalidGatewayID.NotFound",
  "InvalidRouteTableID.NotFound",
  "InvalidAllocationID.NotFound",
  "InvalidNatGatewayID.NotFound",
  "NatGatewayNotFound",
  "NoSuchEntity",
  "NoSuchEntityException",
  "ResourceContention",
  "ResourceContentionFault",
  // "The service-linked role is not yet ready for use" (CreateAutoScalingGroup).
  "ServiceLinkedRoleFailure",
  "ServiceLinkedRoleFailureFault",
  "ScalingActivityInProgress",
  "ScalingActivityInProgressFault",
  "RequestLimitExceeded",
  // A volume's next snapshot has to wait for 15 s; the one before is found by then.
  "SnapshotCreationPerVolumeRateExceeded",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
  "ConcurrentModification",
  "ConcurrentModificationException",
  "ConcurrentTagAccess",
  "EntityTemporarilyUnmodifiable",
  "EntityTemporarilyUnmodifiableException",
  "OperationInProgress",
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
const DENIED = new Set([
  "UnauthorizedOperation",
  "AccessDenied",
  "AccessDeniedException",
  "AuthorizationError",
  // An answer to HeadObject has no body: the SDK knows the status alone.
  "403",
  "Forbidden",
]);

/**
 * IAM's news reach EC2 and Auto Scaling late: what is new there is refused as if it did not exist, with codes that mean
 * anything (hashicorp/terraform-provider-aws#4769, #24910, #29866; eksctl-io/eksctl#8039).
 */
const YOUNG =
  /Invalid IAM Instance Profile|has no associated IAM Roles|service-linked role .*(not|cannot|unable)|role .*(cannot|could not) be assumed/i;
const REFUSED_AS_YOUNG = new Set(["ValidationError", "InvalidParameterValue"]);

function isYoung({ name, message }: Error): boolean {
  return REFUSED_AS_YOUNG.has(name) && YOUNG.test(message);
}

/** A group of a zone alone, or its launch, was looked for a place in the default VPC; several codes say so. */
const NO_DEFAULT_VPC = /no default (vpc|subnet)|no subnets found for the default vpc/i;

/** Limits of services that have no entry of their own in `quotas.ts`. */
const LIMIT = /LimitExceeded(Exception|Fault)?$|^TooMany\w+$/;

/** What the SDK marks as an answer of AWS: a refusal, or a fault of the server, which passes. */
function faultOf(error: Error): unknown {
  return "$fault" in error ? error.$fault : undefined;
}

export function toDomainError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof HoldfastError) return error;
  const message = `${error.name}: ${error.message}`;
  const options = { cause: error };
  if (NOT_READY.has(error.name) || isYoung(error)) return new NotReadyYet(message, options);
  if (NO_DEFAULT_VPC.test(error.message)) return new DefaultVpcMissing(message, options);
  if (GONE.has(error.name)) return new InstanceGone(message, options);
  if (ZONE.has(error.name)) return new ZoneUnavailable(message, options);
  if (DENIED.has(error.name)) return new AccessMissing(message, options);
  const quota = quotaReached(error.name);
  if (quota !== undefined) return new QuotaReached(`${message} ${quota}`, options);
  if (LIMIT.test(error.name))
    return new QuotaReached(`${message} Service Quotas lists the limits of the account.`, options);
  if (TAKEN.has(error.name)) return new OwnershipConflict(message, options);
  if (faultOf(error) === "server") return new NotReadyYet(message, options);
  return faultOf(error) === "client" ? new RequestRefused(message, options) : error;
}

/** Runs one call; its error becomes a domain error. */
export async function call<T>(send: Promise<T>): Promise<T> {
  try {
    return await send;
  } catch (error) {
    throw toDomainError(error);
  }
}

/** `undefined` instead of an error of one of these names: for what may be there already, or gone already. */
export async function ignoring<T>(names: readonly string[], send: Promise<T>): Promise<T | undefined> {
  try {
    return await send;
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw toDomainError(error);
  }
}

const GONE_ALREADY = /NotFound(Exception|Fault)?$|NotFoundException|^NoSuchEntity(Exception)?$/;

/** Somebody has protected it, or a service keeps it: load balancers, instances, roles, addresses, groups. */
const PROTECTED = new Set([
  "OperationNotPermitted",
  "OperationNotPermittedException",
  "UnmodifiableEntity",
  "UnmodifiableEntityException",
  "InvalidAddress.Locked",
  "CannotDelete",
]);
const PROTECTION = /(deletion|termination) protection|disableApiTermination/i;

/**
 * For a call that removes something: what is not there any more is removed. Throws DeletionBlocked for what is
 * protected.
 */
export async function unlessGone(send: Promise<unknown>): Promise<void> {
  try {
    await send;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (GONE_ALREADY.test(error.name)) return;
    if (PROTECTED.has(error.name) || PROTECTION.test(error.message))
      throw new DeletionBlocked(`${error.name}: ${error.message}`, { cause: error });
    throw toDomainError(error);
  }
}

/** All items of a paginated list. */
export async function collect<Page, Item>(
  pages: AsyncIterable<Page>,
  items: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const found: Item[] = [];
  try {
    for await (const page of pages) found.push(...(items(page) ?? []));
  } catch (error) {
    throw toDomainError(error);
  }
  return found;
}

/** A member that AWS documents as always present, though the SDK's types do not say so. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`AWS answered without ${what}`);
  return value;
}
