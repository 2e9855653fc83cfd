/**
 * Every error that a flow routes by name. A name says what to do next, not what went wrong; the message says that.
 * State machines compare these strings (bundlers rename classes), so each class sets its name literally.
 */
export const ERROR_NAMES = [
  "NotReadyYet",
  "InstanceGone",
  "ClusterBusy",
  "LeaseLost",
  "ClusterUnknown",
  "ClusterExists",
  "SpecRejected",
  "SpecOutdated",
  "OwnershipConflict",
  "ZoneUnavailable",
  "MemberStranded",
  "QuotaReached",
  "DefaultVpcMissing",
  "RequestRefused",
  "QuorumAtRisk",
  "AccessMissing",
  "DataDamaged",
  "SpaceExhausted",
  "BootFailed",
  "CatchUpFailed",
  "VolumeHeld",
  "IdempotencyMismatch",
  "NotAllowed",
  "NodeKeyTaken",
  "TooManyRequests",
  "OperationUnknown",
  "DeletionBlocked",
  "RecordDamaged",
] as const;
export type ErrorName = (typeof ERROR_NAMES)[number];

export abstract class HoldfastError extends Error {
  abstract override readonly name: ErrorName;
}

/** Not ready yet, and nothing is wrong: wait, then ask again. */
export class NotReadyYet extends HoldfastError {
  override readonly name = "NotReadyYet";
}
/** The instance disappeared: find its replacement and start again with that. */
export class InstanceGone extends HoldfastError {
  override readonly name = "InstanceGone";
}
/** Another operation holds the cluster; wait for it or inform the caller which one. */
export class ClusterBusy extends HoldfastError {
  override readonly name = "ClusterBusy";
  readonly operation: string;
  constructor(message: string, operation: string) {
    super(message);
    this.operation = operation;
  }
}
/** This operation no longer holds the cluster; stop without touching anything more. */
export class LeaseLost extends HoldfastError {
  override readonly name = "LeaseLost";
}
/** There is no such cluster; inform the caller. */
export class ClusterUnknown extends HoldfastError {
  override readonly name = "ClusterUnknown";
}
/** A cluster of that name exists; inform the caller. */
export class ClusterExists extends HoldfastError {
  override readonly name = "ClusterExists";
  readonly operation: string | null;
  constructor(message: string, operation: string | null) {
    super(message);
    this.operation = operation;
  }
}
/** There is no such operation; inform the caller. */
export class OperationUnknown extends HoldfastError {
  override readonly name = "OperationUnknown";
}
/** The request cannot be executed as it stands; inform the caller every problem, never retry. */
export class SpecRejected extends HoldfastError {
  override readonly name = "SpecRejected";
  readonly problems: readonly { readonly flag: string; readonly value: string; readonly message: string }[];
  constructor(problems: readonly { readonly flag: string; readonly value: string; readonly message: string }[]) {
    super(problems.map(({ message }) => message).join("\n"));
    this.problems = problems;
  }
}
/** The spec is not the one that the caller has read; inform the caller to read it again. */
export class SpecOutdated extends HoldfastError {
  override readonly name = "SpecOutdated";
}
/** An Idempotency-Key came back with another request; inform the caller. */
export class IdempotencyMismatch extends HoldfastError {
  override readonly name = "IdempotencyMismatch";
}
/** The caller's role does not cover this; inform the caller. */
export class NotAllowed extends HoldfastError {
  override readonly name = "NotAllowed";
}
/** Another key was certified for this node; replace its instance. */
export class NodeKeyTaken extends HoldfastError {
  override readonly name = "NodeKeyTaken";
}
/** The caller asks too often; inform the caller when to come back. */
export class TooManyRequests extends HoldfastError {
  override readonly name = "TooManyRequests";
  /** Seconds. */
  readonly retryAfter: number;
  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}
/** Two resources claim one identity, or a resource is not the cluster's: stop, and report it. */
export class OwnershipConflict extends HoldfastError {
  override readonly name = "OwnershipConflict";
}
/** The zone lacks capacity: report DEGRADED, change nothing, retry later. */
export class ZoneUnavailable extends HoldfastError {
  override readonly name = "ZoneUnavailable";
}
/** The member's zone has launched no instance for a long time: assess, since the member may move. */
export class MemberStranded extends HoldfastError {
  override readonly name = "MemberStranded";
}
/** A quota of the account is used up; it is named, with where to ask for more. No retry helps before that. */
export class QuotaReached extends HoldfastError {
  override readonly name = "QuotaReached";
}
/** The Region has no default VPC, and Auto Scaling refuses groups without subnets there; report it, never retry. */
export class DefaultVpcMissing extends HoldfastError {
  override readonly name = "DefaultVpcMissing";
}
/** AWS refuses a call as it stands, and repeating it would not help: AWS's own words say why; report it. */
export class RequestRefused extends HoldfastError {
  override readonly name = "RequestRefused";
}
/** Continuing could lose the quorum: stop, and report it. */
export class QuorumAtRisk extends HoldfastError {
  override readonly name = "QuorumAtRisk";
}
/** A foreign or protected resource blocks the deletion: name it, change nothing, report it. */
export class DeletionBlocked extends HoldfastError {
  override readonly name = "DeletionBlocked";
}
/** A permission is missing; name it, never retry. */
export class AccessMissing extends HoldfastError {
  override readonly name = "AccessMissing";
}
/**
 * etcd or the boot script rejects the member's volume on a new instance too: assess, since the member may be renewed.
 */
export class DataDamaged extends HoldfastError {
  override readonly name = "DataDamaged";
}
/** etcd is out of space, and a new instance would not help: report it. */
export class SpaceExhausted extends HoldfastError {
  override readonly name = "SpaceExhausted";
}
/** A learner did not catch up in time and was taken out again; stop, and try again later. */
export class CatchUpFailed extends HoldfastError {
  override readonly name = "CatchUpFailed";
}
/** A foreign instance holds a member's volume: detach nothing, report it. */
export class VolumeHeld extends HoldfastError {
  override readonly name = "VolumeHeld";
}
/** Several fresh instances in a row did not boot; stop, and try again later. */
export class BootFailed extends HoldfastError {
  override readonly name = "BootFailed";
}

/** An item of the table is not what was stored there; stop, name it, report it. */
export class RecordDamaged extends HoldfastError {
  override readonly name = "RecordDamaged";
}

const REMEDIES: Readonly<Record<ErrorName, string>> = {
  NotReadyYet:
    "It did not become ready in time. Look at `holdfast get events`; run the same command again to continue.",
  InstanceGone: "Instances of this master keep disappearing. The scaling activities of its group show the cause.",
  ClusterBusy: "Wait until the named operation has ended, then try again.",
  LeaseLost:
    "Another operation took over after this one had stopped responding. Look at that one; there is nothing to do here.",
  ClusterUnknown: "Check the name with `holdfast get clusters`.",
  ClusterExists: "Choose another name, or look at the existing cluster with `holdfast get clusters NAME`.",
  OperationUnknown: "Check the id with `holdfast get operations`.",
  SpecRejected: "Correct the named values and try again; nothing was created.",
  SpecOutdated: "Read the cluster again, look at what changed, and repeat the request with the new ETag.",
  IdempotencyMismatch: "Use a new Idempotency-Key for a new request.",
  NotAllowed: "Ask whoever runs this Holdfast for a role that covers it (docs/api.md).",
  NodeKeyTaken: "Terminate the instance: its group launches another, which joins by a key of its own.",
  TooManyRequests: "Wait for as long as `Retry-After` says, then send requests more slowly.",
  OwnershipConflict:
    "Compare the tags `holdfast:uid` and `holdfast:cluster` of what is named with the cluster's. Correct them if it is the cluster's, otherwise remove it by hand; then run the command again.",
  ZoneUnavailable:
    "The zone has no capacity or is impaired. The cluster heals when the zone returns; other instance types may help.",
  MemberStranded:
    "The member moves to another zone when every other member is healthy; it is looked at again every two minutes.",
  QuotaReached:
    "Request an increase of the named quota at the link, or delete what you no longer need; then run the command again. What was created so far carries the cluster's tags, and deleting the cluster removes it.",
  DefaultVpcMissing:
    "Run `aws ec2 create-default-vpc` in the cluster's Region, then the same command again. It costs nothing, and nothing is put into it: groups of masters name no subnet, and AWS looks for one there.",
  RequestRefused:
    "AWS's message above names the cause, such as a resource that was changed or removed by hand, a key or an image that is disabled, or a setting of the account. Fix that, then run the same command again.",
  QuorumAtRisk: "etcd cannot lose another member. Bring the missing member back before you change anything else.",
  DeletionBlocked:
    "Remove what is named, move it elsewhere, or end its protection; then run `holdfast delete cluster NAME --yes` again.",
  DataDamaged:
    "The volume is kept, unchanged. Bring the other masters back: with a majority the member is renewed by itself. Otherwise restore from a backup.",
  SpaceExhausted:
    "On a master: `etcdctl compact REVISION`, then `etcdctl defrag` on one member after the other, then `etcdctl alarm disarm`; or make the volume larger. The cluster heals by itself afterwards (docs/runbooks/degraded-cluster.md).",
  CatchUpFailed:
    "Look at the network between the masters and at the speed of the volume: etcd's data must be copied within ten minutes. It is tried again after an hour.",
  VolumeHeld:
    "Detach the named volume from that instance, once it is not needed there. The master then gets it back by itself, with its data, within minutes.",
  BootFailed:
    "The end of the console above shows the cause, such as an image without etcd, an unreachable mirror or changed user data. It is tried again every few minutes.",
  RecordDamaged:
    "An item of Holdfast's table cannot be read; the log names it. Restore it from the table's point-in-time recovery (docs/runbooks/reconcile-failures.md). Other clusters are not affected.",
  AccessMissing:
    "Grant the named action to the named role, then run the command again. If the role has it: the named resource may have lost its `holdfast:` tags, on which the permission depends. Those of masters' volumes and interfaces are put back within a minute.",
};

/** What to do about an error. For an unknown name, where to look. */
export const remedyFor = (name: string): string =>
  Object.hasOwn(REMEDIES, name)
    ? REMEDIES[name as ErrorName]
    : "An unexpected error. The operation's execution history and the function's log have the details; the same command may be run again.";
