import type { ClusterStatus, OperationKind } from "../api/views.ts";
import type { ClusterRecord, MemberRecord, PendingChange } from "../cluster/records.ts";
import type { SpecChange } from "./spec-change.ts";

export type UpdateDecision =
  /** All is as it was asked for. */
  | { readonly kind: "nothing" }
  /** The creation goes on from where it stands, towards the spec with its changes. */
  | { readonly kind: "resume" }
  /** A cluster that serves is brought to the spec; `fields` are all in which it may differ, those of a failed try included. */
  | { readonly kind: "change"; readonly operation: "scale" | "update"; readonly fields: readonly string[] }
  | { readonly kind: "refuse"; readonly reason: string };

/** What a request to update means for a cluster that no operation holds. */
export const decideUpdate = (
  cluster: Pick<ClusterRecord, "name" | "status" | "pending" | "deleting">,
  changes: readonly SpecChange[],
): UpdateDecision => {
  if (cluster.deleting === true && cluster.status === "FAILED") {
    return { kind: "refuse", reason: `a deletion of ${cluster.name} has begun; delete it again to end it` };
  }
  if (cluster.status === "CREATING" || cluster.status === "FAILED") return { kind: "resume" };
  if (cluster.status === "DELETING" || cluster.status === "DELETED") {
    return { kind: "refuse", reason: `${cluster.name} is ${cluster.status}` };
  }
  const fields = [...new Set([...(cluster.pending?.fields ?? []), ...changes.map(({ field }) => field)])];
  if (fields.length === 0) return { kind: "nothing" };
  const operation = fields.every((field) => field === "nodeCount") ? "scale" : "update";
  return { kind: "change", operation, fields };
};

/** Operations that carry out a change of the spec of a cluster that serves. */
export const isChange = (kind: OperationKind): boolean => kind === "scale" || kind === "update";

/** What is to be said of a cluster that runs while a change of it was not carried out to the end. */
export const explainPending = ({ fields }: PendingChange): string =>
  `A change of ${fields.join(", ")} is not carried out to the end; \`holdfast update cluster NAME --yes\` goes on with it.`;

/**
 * A cluster that serves goes on serving, whether a change of it succeeded or not: what its masters are says how it is
 * called. A creation that stopped is FAILED; anything else that stopped has left it DEGRADED, which the sweep looks at.
 */
export const statusAfter = (
  kind: OperationKind,
  status: "SUCCEEDED" | "FAILED",
  members: readonly Pick<MemberRecord, "member" | "health">[],
): { readonly status: ClusterStatus; readonly reason: string | null } => {
  if (isChange(kind)) {
    const unwell = members.filter(({ health }) => health !== "healthy").map(({ member }) => member);
    if (unwell.length > 0) return { status: "DEGRADED", reason: `Not healthy: master ${unwell.join(", ")}.` };
    return { status: "ACTIVE", reason: null };
  }
  if (status === "SUCCEEDED") return { status: kind === "delete" ? "DELETED" : "ACTIVE", reason: null };
  // DEGRADED is repaired; what is half made or half removed must not be.
  return { status: kind === "create" || kind === "delete" ? "FAILED" : "DEGRADED", reason: null };
};
