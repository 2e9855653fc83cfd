import * as z from "zod";

/** What a member's own data becomes, as its host found it (functions/hosts/documents/snapshot-survivor.sh). */
export const SurvivorSnapshot = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int(),
  revision: z.int(),
  keys: z.int(),
  totalSize: z.int(),
  term: z.int(),
  index: z.int(),
});
export type SurvivorSnapshot = z.output<typeof SurvivorSnapshot>;

export interface Candidate {
  readonly member: string;
  /** Null: it has no data, or etcd does not open it. */
  readonly snapshot: SurvivorSnapshot | null;
}

/**
 * The member whose data is the furthest: by raft's term, then by its index, as raft itself elects. `wanted` is the one
 * that was asked for. Undefined if nobody has usable data.
 */
export function chooseSurvivor(
  candidates: readonly Candidate[],
  wanted: string | null,
): { readonly member: string; readonly snapshot: SurvivorSnapshot } | undefined {
  const usable = candidates.flatMap(({ member, snapshot }) =>
    snapshot && (wanted === null || wanted === member) ? [{ member, snapshot }] : [],
  );
  return usable.toSorted(
    ({ snapshot: one, member: a }, { snapshot: other, member: b }) =>
      other.term - one.term || other.index - one.index || a.localeCompare(b),
  )[0];
}
