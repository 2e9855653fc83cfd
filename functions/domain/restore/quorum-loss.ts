import type { ClusterRecord, MemberRecord } from "../cluster/records.ts";
import type { Heartbeat } from "../repair/heartbeats.ts";
import { quorumOf } from "../repair/quorum.ts";
import type { QuorumLoss } from "./restore-records.ts";

export interface LossFacts {
  readonly cluster: Pick<
    ClusterRecord,
    "status" | "spec" | "plan" | "operation" | "restoration" | "migration" | "quorumLoss"
  >;
  readonly members: readonly Pick<MemberRecord, "member" | "volumeId" | "damage">[];
  /** Ids of the volumes that EC2 has, just read. */
  readonly volumes: ReadonlyMap<string, unknown>;
  readonly heartbeats: readonly Pick<Heartbeat, "member" | "healthy" | "at">[];
}

export type LossDecision =
  | { readonly kind: "nothing" }
  /** What was seen does not hold any more. */
  | { readonly kind: "forget" }
  | { readonly kind: "note"; readonly loss: QuorumLoss }
  /** From the best survivor: the loss is proven, has lasted, and nothing works on the cluster. */
  | { readonly kind: "restore"; readonly loss: QuorumLoss & { readonly againAt: number } };

/** Between the two looks that prove that volumes are gone. */
export const PROOF_MS = 2 * 60_000;
/** A person, or EC2, has this long to bring a volume back. */
export const PATIENCE_MS = 10 * 60_000;
/** Heartbeats come each minute. */
const HEARTBEAT_SECONDS = 200;
const SERVING = new Set(["ACTIVE", "DEGRADED", "REPAIRING", "UPDATING"]);

/**
 * Whether a cluster is restored from its survivor without being asked: only where its spec says so, only when EC2 has
 * said twice that the volumes of a majority are gone, only after ten minutes, and never while an operation holds it.
 */
export function decideQuorumLoss(facts: LossFacts, now: number): LossDecision {
  const { cluster } = facts;
  const known = cluster.quorumLoss ?? null;
  const volumes = lostMajority(facts, now);
  if (volumes === undefined) return known === null ? { kind: "nothing" } : { kind: "forget" };
  if (known === null || known.volumes.join() !== volumes.join())
    return { kind: "note", loss: { volumes, firstAt: now, againAt: null, operation: null } };
  if (known.operation !== null) return { kind: "nothing" };
  const { againAt, firstAt } = known;
  if (againAt === null) {
    return now - firstAt >= PROOF_MS ? { kind: "note", loss: { ...known, againAt: now } } : { kind: "nothing" };
  }
  if (now - firstAt < PATIENCE_MS || cluster.operation !== null) return { kind: "nothing" };
  return { kind: "restore", loss: { ...known, againAt } };
}

/** The volumes that are gone, if that ends a majority, a survivor is left, and the policy cares; else undefined. */
function lostMajority({ cluster, members, volumes, heartbeats }: LossFacts, now: number): string[] | undefined {
  const { spec, status, restoration, migration, plan } = cluster;
  if (spec.restorePolicy?.quorumLoss !== "survivor" || !SERVING.has(status)) return undefined;
  if (restoration || migration) return undefined;
  const needed = quorumOf(plan.members.length);
  const ids = members.flatMap(({ volumeId }) => volumeId ?? []);
  const gone = ids.filter((id) => !volumes.has(id));
  if (plan.members.length - gone.length >= needed) return undefined;
  const intact = members.filter(
    ({ volumeId, damage }) => volumeId !== null && volumes.has(volumeId) && damage?.volumeId !== volumeId,
  );
  if (intact.length === 0) return undefined;
  const fresh = (at: number) => now / 1000 - at <= HEARTBEAT_SECONDS;
  const serving = heartbeats.filter(({ healthy, at }) => healthy && fresh(at));
  // Members commit: whatever EC2 says, nothing is lost.
  return serving.length >= needed ? undefined : gone.toSorted();
}

/** One line of the history: what was seen, and what begins. */
export function explainQuorumLoss(members: LossFacts["members"], { volumes, firstAt, againAt }: QuorumLoss): string {
  const lost = members.filter(({ volumeId }) => volumeId !== null && volumes.includes(volumeId));
  const which = lost.map(({ member, volumeId }) => `${volumeId} of member ${member}`).join(", ");
  const times = [firstAt, againAt ?? firstAt].map((time) => new Date(time).toISOString()).join(" and at ");
  return `A majority of volumes is gone: ${which}; EC2 said so at ${times}. A restore from the best of the members' data begins, since the spec has the restore policy survivor.`;
}
