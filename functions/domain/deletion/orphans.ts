/** Something in the account that carries our tag. */
export interface TaggedResource {
  readonly id: string;
  /** Of the cluster that it says it belongs to. */
  readonly uid: string;
}

/** What the sweep remembers of things that seem to belong to nobody. */
export interface OrphanRecord {
  /** When each was first seen so, in epoch seconds, by id. */
  readonly seen: Readonly<Record<string, number>>;
  /** The day (UTC) on which they were last told of. */
  readonly toldOn: string | null;
}

/** What is gone keeps its tags for about an hour (NAT gateways, instances), and a listing may lag: both are over by then. */
export const ORPHAN_GRACE_SECONDS = 2 * 3_600;
/** Keeps the record far below DynamoDB's 400 KB. Whoever has more has enough to look at. */
const REMEMBERED = 2_000;

/**
 * Which resources belong to no cluster, and have done so for longer than the grace time? They are named, never touched:
 * only a person knows whether somebody's data lies there.
 */
export const judgeOrphans = (
  tagged: readonly TaggedResource[],
  clusters: ReadonlySet<string>,
  record: OrphanRecord,
  nowSeconds: number,
): { readonly orphans: readonly TaggedResource[]; readonly record: OrphanRecord } => {
  const homeless = tagged.filter(({ uid }) => !clusters.has(uid)).slice(0, REMEMBERED);
  const seen = Object.fromEntries(homeless.map(({ id }) => [id, record.seen[id] ?? nowSeconds]));
  const orphans = homeless.filter(({ id }) => nowSeconds - (seen[id] ?? nowSeconds) >= ORPHAN_GRACE_SECONDS);
  return { orphans, record: { seen, toldOn: record.toldOn } };
};
