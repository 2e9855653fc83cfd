export const MIN_BUMP = 1_000_000_000;
/** Twice what upstream's example covers: a week at 1,500 writes a second (etcd.io, "Disaster recovery"). */
const PER_SECOND = 3_000;

/** Revisions to add, so that none is used twice however much was written since the data was taken. */
export function bumpOf(takenAt: Date, now: Date): number {
  const seconds = Math.max(0, Math.ceil((now.getTime() - takenAt.getTime()) / 1_000));
  return Math.max(MIN_BUMP, PER_SECOND * seconds);
}

/** Another one for each restore: the ids of etcd's cluster and members come from it. */
export function tokenOf(uid: string, epoch: number): string {
  return `${uid}.${epoch}`;
}
