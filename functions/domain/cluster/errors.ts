import type { Problem } from "../spec/spec.ts";
import type { ErrorName } from "./error-table.ts";

export abstract class HoldfastError extends Error {
  abstract override readonly name: ErrorName;
}

/** State machines compare names, and bundlers rename classes: so each class sets its name literally. */
function named<N extends ErrorName>(name: N) {
  return class extends HoldfastError {
    override readonly name = name;
  };
}

export class NotReadyYet extends named("NotReadyYet") {}
export class InstanceGone extends named("InstanceGone") {}
export class MemberStranded extends named("MemberStranded") {}
export class ReassessCluster extends named("ReassessCluster") {}
export class DataDamaged extends named("DataDamaged") {}
export class QuorumAtRisk extends named("QuorumAtRisk") {}
export class LeaseLost extends named("LeaseLost") {}
export class BootFailed extends named("BootFailed") {}
export class CatchUpFailed extends named("CatchUpFailed") {}
export class ZoneUnavailable extends named("ZoneUnavailable") {}
export class QuotaReached extends named("QuotaReached") {}
export class DefaultVpcMissing extends named("DefaultVpcMissing") {}
export class AccessMissing extends named("AccessMissing") {}
export class RequestRefused extends named("RequestRefused") {}
export class DeletionBlocked extends named("DeletionBlocked") {}
export class RecordDamaged extends named("RecordDamaged") {}
export class RestoreFailed extends named("RestoreFailed") {}
export class BackupUnusable extends named("BackupUnusable") {}
export class BackupForeign extends named("BackupForeign") {}
export class RestoreRefused extends named("RestoreRefused") {}
export class TakeoverRefused extends named("TakeoverRefused") {}
export class NotAllowed extends named("NotAllowed") {}
export class ClusterUnknown extends named("ClusterUnknown") {}
export class OperationUnknown extends named("OperationUnknown") {}
export class BackupUnknown extends named("BackupUnknown") {}
export class FleetUnknown extends named("FleetUnknown") {}
export class FleetExists extends named("FleetExists") {}
export class EndpointUnknown extends named("EndpointUnknown") {}
export class RolloutUnknown extends named("RolloutUnknown") {}
export class RolloutConflict extends named("RolloutConflict") {}
export class DrillFailed extends named("DrillFailed") {}
export class BackupFailed extends named("BackupFailed") {}
export class OwnershipConflict extends named("OwnershipConflict") {}
export class NodeKeyTaken extends named("NodeKeyTaken") {}
export class SpecOutdated extends named("SpecOutdated") {}
export class TooLarge extends named("TooLarge") {}
export class IdempotencyMismatch extends named("IdempotencyMismatch") {}

export class ClusterBusy extends named("ClusterBusy") {
  /** Null if there is none to wait for. */
  readonly operation: string | null;
  constructor(message: string, operation: string | null) {
    super(message);
    this.operation = operation;
  }
}
export class ClusterExists extends named("ClusterExists") {
  readonly operation: string | null;
  constructor(message: string, operation: string | null) {
    super(message);
    this.operation = operation;
  }
}
export class SpecRejected extends named("SpecRejected") {
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ message }) => message).join("\n"));
    this.problems = problems;
  }
}
export class BadRequest extends named("BadRequest") {
  /** Each place that is wrong, if there are any. */
  readonly problems: readonly Problem[];
  constructor(message: string, problems: readonly Problem[] = []) {
    super(message);
    this.problems = problems;
  }
}
export class TooManyRequests extends named("TooManyRequests") {
  /** Seconds. */
  readonly retryAfter: number;
  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}
