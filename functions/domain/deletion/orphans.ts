/** Something in the account that carries our tag. */
export interface TaggedResource {
  readonly id: string;
  /** Of the cluster that it says it belongs to. */
  readonly uid: string;
}

/** Resources that seem to belong to no cluster, as recorded by the reconciler. */
export interface OrphanRecord {
  /** When each was first seen so, in epoch seconds, by id. */
  readonly seen: Readonly<Record<string, number>>;
  /** The day (UTC) on which they were last reported. */
  readonly reportedOn: string | null;
}

/** Deleted resources keep their tags for about an hour, and lists may lag. Both are over after this time. */
export const ORPHAN_GRACE_SECONDS = 2 * 3_600;
/** Keeps the record far below DynamoDB's 400 KB. Whoever has more has enough to look at. */
const REMEMBERED = 2_000;

/**
 * Resources that have belonged to no cluster for longer than the grace period. They are reported and never changed,
 * since they may hold somebody's data.
 */
export function evaluateOrphans(
  tagged: readonly TaggedResource[],
  clusters: ReadonlySet<string>,
  record: OrphanRecord,
  nowSeconds: number,
): { readonly orphans: readonly TaggedResource[]; readonly record: OrphanRecord } {
  const homeless = tagged.filter(({ uid }) => !clusters.has(uid)).slice(0, REMEMBERED);
  const seen = Object.fromEntries(homeless.map(({ id }) => [id, record.seen[id] ?? nowSeconds]));
  const orphans = homeless.filter(({ id }) => nowSeconds - (seen[id] ?? nowSeconds) >= ORPHAN_GRACE_SECONDS);
  return { orphans, record: { seen, reportedOn: record.reportedOn } };
}
