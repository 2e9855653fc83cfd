import { FLEET_ERRORS } from "./fleet-errors.ts";

/** What an error is, in one row: names, problems of the API, remedies, docs/problems.md and the flows are held to it. */
interface ErrorRow {
  readonly means: string;
  /** What a person does about it. */
  readonly remedy: string;
  /**
   * What flows do. `retry`: states ask again, by a policy of retries.yaml. `wait`: a state asks again for hours by a
   * retrier of its own. `continue`: a state catches it, and the flow continues at another. Absent: the flow stops, and
   * "Record failure" shows the error with its remedy.
   */
  readonly route?: "retry" | "wait" | "continue";
  /** The problem that the API answers with; absent: `internal`. Programs compare the name, so it never changes. */
  readonly problem?: { readonly name: string; readonly status: number; readonly title: string };
}

/**
 * Every error that a flow routes by name or the API answers with. A name says what to do next, not what went wrong; the
 * message says that.
 */
export const ERRORS = {
  NotReadyYet: {
    means: "something is not there yet, or AWS throttles; nothing is wrong",
    remedy: "It did not become ready in time. Look at `holdfast get events`; run the same command again to continue.",
    route: "retry",
    problem: { name: "not-ready", status: 503, title: "Not ready yet" },
  },
  ClusterBusy: {
    means: "another operation holds the cluster, and is named",
    remedy: "Wait until the named operation has ended, then try again.",
    route: "wait",
    problem: { name: "cluster-busy", status: 409, title: "Another operation holds the cluster" },
  },
  InstanceGone: {
    means: "the instance disappeared, or was given up since it did not boot or attach its volume",
    remedy: "Instances of this master keep disappearing. The scaling activities of its group show the cause.",
    route: "continue",
  },
  MemberStranded: {
    means: "the member's zone has launched no instance for long, or the member no longer has a reason to move",
    remedy:
      "The member moves to another zone when every other member is healthy; it is looked at again every two minutes.",
    route: "continue",
  },
  ReassessCluster: {
    means: "another master lost its instance while this one was awaited; nothing is changed",
    remedy: "The repair assesses the cluster again, and brings back every master that needs only an instance.",
    route: "continue",
  },
  DataDamaged: {
    means: "the host or its etcd rejects the member's volume, on a new instance too",
    remedy:
      "The volume is kept, unchanged. Bring the other masters back: with a majority the member is renewed by itself. Otherwise restore from a backup.",
    route: "continue",
  },
  QuorumAtRisk: {
    means: "continuing could lose etcd's quorum",
    remedy: "etcd cannot lose another member. Bring the missing member back before you change anything else.",
    route: "continue",
  },
  LeaseLost: {
    means: "this operation no longer holds the cluster: it changes and records nothing more",
    remedy:
      "Another operation took over after this one had stopped responding. Look at that one; there is nothing to do here.",
  },
  BootFailed: {
    means: "several new instances of one master in a row did not boot, or the first one of a master that is added",
    remedy:
      "The end of the console above shows the cause, such as an image without etcd, an unreachable mirror or changed user data. A repair tries again every few minutes; a migration is taken back, and started again by its command.",
  },
  CatchUpFailed: {
    means: "a learner did not catch up in time and was removed again",
    remedy:
      "Look at the network between the masters and at the speed of the volume: etcd's data must be copied within ten minutes. A repair tries again after an hour; a migration is started again by its command.",
  },
  SpaceExhausted: {
    means: "etcd is out of space; nothing is replaced, since a new instance would not help",
    remedy:
      "On a master: `etcdctl compact REVISION`, then `etcdctl defrag` on one member after the other, then `etcdctl alarm disarm`; or make the volume larger. The cluster heals by itself afterwards (docs/runbooks/degraded-cluster.md).",
  },
  VolumeHeld: {
    means: "an instance that is not the cluster's holds a member's volume; nothing is detached from it",
    remedy:
      "Detach the named volume from that instance, once it is not needed there. The master then gets it back by itself, with its data, within minutes.",
  },
  ZoneUnavailable: {
    means: "the zone lacks capacity; nothing is changed, and it is tried again later",
    remedy:
      "The zone has no capacity or is impaired. The cluster heals when the zone returns; other instance types may help. A migration takes back the step that needed it: run its command again later, or with another zone.",
  },
  QuotaReached: {
    means: "a quota of the account is used up, and is named with a link",
    remedy:
      "Request an increase of the named quota at the link, or delete what you no longer need; then run the command again. What was created so far carries the cluster's tags, and deleting the cluster removes it.",
  },
  DefaultVpcMissing: {
    means: "the Region has no default VPC, and Auto Scaling refuses groups without subnets there; nothing was made",
    remedy:
      "Run `aws ec2 create-default-vpc` in the cluster's Region, then the same command again. It costs nothing, and nothing is put into it: groups of masters name no subnet, and AWS looks for one there.",
  },
  AccessMissing: {
    means: "a permission is missing, and is named",
    remedy:
      "Grant the named action to the named role, then run the command again. If the role has it: the named resource may have lost its `holdfast:` tags, on which the permission depends. Those of masters' volumes and interfaces are put back within a minute.",
  },
  RequestRefused: {
    means: "AWS refuses a call as it stands, and a repeated call would not help",
    remedy:
      "AWS's message above names the cause. It may be a resource that was changed or removed by hand, a disabled key or image, or a setting of the account. Fix that, then run the same command again.",
  },
  DeletionBlocked: {
    means: "something that is not the cluster's uses its network, or something of it is protected",
    remedy:
      "Remove what is named, move it elsewhere, or end its protection; then run `holdfast delete cluster NAME --yes` again.",
  },
  RecordDamaged: {
    means: "an item of Holdfast's table is not what was stored there",
    remedy:
      "An item of Holdfast's table cannot be read; the log names it. Restore it from the table's point-in-time recovery (docs/runbooks/reconcile-failures.md). Other clusters are not affected.",
  },
  RestoreFailed: {
    means: "a restore could not be completed, and was taken back unless its API servers had started",
    remedy:
      "Fix what is named, such as a volume that is too small; then run the same `holdfast restore cluster` again. Each master has its former data (docs/runbooks/restore.md).",
  },
  BackupUnusable: {
    means:
      "the backup cannot be restored, or not here: it is not whole, or of a version that does not fit; nothing was stopped",
    remedy: "Choose another backup with `holdfast get backups NAME`.",
    problem: { name: "backup-unusable", status: 422, title: "The backup cannot be restored" },
  },
  BackupForeign: {
    means: "the backup is another cluster's, perhaps a former one of the same name; nothing was stopped",
    remedy: "Choose a backup of this cluster with `holdfast get backups NAME`.",
    problem: { name: "backup-foreign", status: 422, title: "The backup is another cluster's" },
  },
  RestoreRefused: {
    means: "a restore would lose data without a need, or another one has begun; nothing was stopped",
    remedy: "Do what the message names. `--even-though-healthy` goes back in time on purpose.",
    problem: { name: "restore-refused", status: 409, title: "The restore is refused" },
  },
  TakeoverRefused: {
    means:
      "the cluster that a backup was taken of is not permanently gone, or another one has taken it over; nothing was created",
    remedy:
      "Do what the message names: two clusters with the same objects delete each other's volumes and load balancers.",
    problem: { name: "takeover-refused", status: 409, title: "The takeover is refused" },
  },
  BadRequest: {
    means: "no JSON, nested deeper than 32 levels, a wrong type, or an unknown field, parameter or header",
    remedy: "Correct what `problems` names.",
    problem: { name: "bad-request", status: 400, title: "The request cannot be read" },
  },
  NotAllowed: {
    means: "the caller's role does not cover it, a limit of the grant is below it, or it takes two persons",
    remedy: "Ask whoever runs this Holdfast for a role that covers it (docs/api.md).",
    problem: { name: "forbidden", status: 403, title: "You are not allowed to do this" },
  },
  ClusterUnknown: {
    means: "no such cluster, or none that the caller may read",
    remedy: "Check the name with `holdfast get clusters`.",
    problem: { name: "cluster-unknown", status: 404, title: "No such cluster" },
  },
  OperationUnknown: {
    means: "no such operation, or none that the caller may read",
    remedy: "Check the id with `holdfast get operations`.",
    problem: { name: "operation-unknown", status: 404, title: "No such operation" },
  },
  BackupUnknown: {
    means: "the cluster has no such backup, or retention has removed it",
    remedy: "Check the id with `holdfast get backups NAME`.",
    problem: { name: "backup-unknown", status: 404, title: "No such backup" },
  },
  BackupFailed: {
    means: "a host could not save, check or upload the snapshot, or what it uploaded is not there",
    remedy:
      "The message above names the cause, such as a full disk or a key of KMS that is disabled. Fix that: the next backup follows by itself, or run `holdfast backup cluster NAME` (docs/runbooks/backups.md).",
  },
  DrillFailed: {
    means: "a backup could not be restored on a host of its own, or is not what its manifest says",
    remedy:
      "The message above names the cause. Try another backup with `holdfast drill cluster NAME --backup ID`; if only this one fails, take a new one with `holdfast backup cluster NAME` (docs/runbooks/drills.md).",
  },
  ClusterExists: {
    means: "the name is in use, or nothing could continue",
    remedy: "Choose another name, or look at the existing cluster with `holdfast get clusters NAME`.",
    problem: { name: "cluster-exists", status: 409, title: "The cluster exists" },
  },
  OwnershipConflict: {
    means: "a resource has a name, tag or path of the cluster's and is not provably its own; it is left as it is",
    remedy:
      "Compare the tags `holdfast:uid` and `holdfast:cluster` of what is named with the cluster's. Correct them if it is the cluster's, otherwise remove it by hand; then run the command again.",
    problem: { name: "ownership-conflict", status: 409, title: "It is not provably this cluster's" },
  },
  NodeKeyTaken: {
    means: "a node was certified with another key before",
    remedy: "Terminate the instance: its group launches another, which joins by a key of its own.",
    problem: { name: "node-key-taken", status: 409, title: "Another key holds the node's certificate" },
  },
  SpecOutdated: {
    means: "the spec is not the one that `If-Match` names",
    remedy: "Read the cluster again, look at what changed, and repeat the request with the new ETag.",
    problem: { name: "spec-outdated", status: 412, title: "The spec has changed" },
  },
  TooLarge: {
    means: "a body above 64 KiB",
    remedy: "Send less: a spec has a few KB.",
    problem: { name: "too-large", status: 413, title: "The body is too large" },
  },
  IdempotencyMismatch: {
    means: "the `Idempotency-Key` was used for another request",
    remedy: "Use a new Idempotency-Key for a new request.",
    problem: { name: "idempotency-mismatch", status: 422, title: "The key was used for another request" },
  },
  SpecRejected: {
    means: "the spec cannot be executed; nothing was created",
    remedy: "Correct the named values and try again; nothing was created.",
    problem: { name: "spec-rejected", status: 422, title: "The spec was refused" },
  },
  TooManyRequests: {
    means: "more costly requests in a minute than one caller may make",
    remedy: "Wait for as long as `Retry-After` says, then send requests more slowly.",
    problem: { name: "too-many-requests", status: 429, title: "Too many requests" },
  },
  ...FLEET_ERRORS,
} as const satisfies Readonly<Record<string, ErrorRow>>;
export type ErrorName = keyof typeof ERRORS;

function isErrorName(name: string): name is ErrorName {
  return Object.hasOwn(ERRORS, name);
}

export const ERROR_NAMES = Object.keys(ERRORS).filter(isErrorName);
export function errorRow(name: ErrorName): ErrorRow {
  return ERRORS[name];
}

/** What to do about an error. For an unknown name, where to look. */
export function remedyFor(name: string): string {
  return isErrorName(name)
    ? ERRORS[name].remedy
    : "An unexpected error. The operation's execution history and the function's log have the details; the same command may be run again.";
}
