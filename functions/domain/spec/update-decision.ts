import type { ClusterStatus, OperationKind } from "../api/views.ts";
import type { ClusterRecord, MemberRecord, PendingChange } from "../cluster/records.ts";
import { restoreCommand } from "../restore/source-text.ts";
import { fieldsToExecute, type SpecChange } from "./spec-change.ts";

export type UpdateDecision =
  /** All is as it was asked for. */
  | { readonly kind: "nothing" }
  /** The creation continues, towards the spec with its changes. */
  | { readonly kind: "resume" }
  /**
   * A running cluster is changed to the spec. `fields` are all that may differ, including those of a failed attempt.
   */
  | { readonly kind: "change"; readonly operation: "scale" | "update"; readonly fields: readonly string[] }
  | { readonly kind: "refuse"; readonly reason: string };

/** What a request to update means for a cluster that no operation holds. */
export function decideUpdate(
  cluster: Pick<ClusterRecord, "name" | "status" | "pending" | "deleting" | "restoration" | "migration">,
  changes: readonly SpecChange[],
): UpdateDecision {
  if (cluster.deleting === true && cluster.status === "FAILED") {
    return { kind: "refuse", reason: `a deletion of ${cluster.name} has begun; delete it again to end it` };
  }
  if (cluster.restoration && !cluster.restoration.takeover) {
    return {
      kind: "refuse",
      reason: `a restore of ${cluster.name} is not complete; \`${restoreCommand(cluster.name, cluster.restoration.from)}\` continues it`,
    };
  }
  if (cluster.migration) {
    return {
      kind: "refuse",
      reason: `a migration of ${cluster.name} is not complete; \`holdfast migrate cluster ${cluster.name} --master-zones ${cluster.migration.to.join(",")} --yes\` continues it`,
    };
  }
  if (cluster.status === "CREATING" || cluster.status === "FAILED") return { kind: "resume" };
  if (cluster.status === "DELETING" || cluster.status === "DELETED") {
    return { kind: "refuse", reason: `${cluster.name} is ${cluster.status}` };
  }
  const fields = [...new Set([...(cluster.pending?.fields ?? []), ...fieldsToExecute(changes)])];
  if (fields.length === 0) return { kind: "nothing" };
  const operation = fields.every((field) => field === "nodeCount") ? "scale" : "update";
  return { kind: "change", operation, fields };
}

/** Operations that execute a change of the spec of a cluster that serves. */
export function isChange(kind: OperationKind): boolean {
  return kind === "scale" || kind === "update";
}

/** The reason shown for a running cluster with an incomplete change. */
export function explainPending({ fields }: PendingChange): string {
  return `A change of ${fields.join(", ")} is not complete; \`holdfast update cluster NAME --yes\` continues it.`;
}

/** A restore that ends with one of these has stopped nothing yet. */
const NOTHING_STOPPED: ReadonlySet<string> = new Set(["BackupUnusable", "BackupForeign", "BackupUnknown"]);

/**
 * Status after an operation. A running cluster keeps serving, whether a change succeeded or not, or a restore was
 * refused; its members' health decides. A creation that stopped is FAILED. Any other operation that stopped leaves the cluster DEGRADED, which the
 * reconciler checks.
 */
export function statusAfter(
  kind: OperationKind,
  status: "SUCCEEDED" | "FAILED",
  members: readonly Pick<MemberRecord, "member" | "health" | "migrating">[],
  error?: string,
): { readonly status: ClusterStatus; readonly reason: string | null } {
  const isRefused = kind === "restore" && error !== undefined && NOTHING_STOPPED.has(error);
  if (isChange(kind) || kind === "migrate" || isRefused) {
    const unhealthy = members
      .filter(({ health, migrating }) => health !== "healthy" && !migrating)
      .map(({ member }) => member);
    if (unhealthy.length > 0) return { status: "DEGRADED", reason: `Not healthy: master ${unhealthy.join(", ")}.` };
    return { status: "ACTIVE", reason: null };
  }
  if (status === "SUCCEEDED") return { status: kind === "delete" ? "DELETED" : "ACTIVE", reason: null };
  // DEGRADED clusters are repaired; incomplete creations and deletions are not.
  return { status: kind === "create" || kind === "delete" ? "FAILED" : "DEGRADED", reason: null };
}
