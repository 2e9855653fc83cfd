import { RestoreFailed } from "../../domain/cluster/errors.ts";
import type { ClusterRecord, MemberRecord } from "../../domain/cluster/records.ts";
import type { MemberRestore, RestorationRecord } from "../../domain/restore/restore-records.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { recordOf } from "../members/members.ts";

/** The cluster and its open restore. Throws RestoreFailed if there is none: somebody has undone or ended it. */
export async function readRestoration(
  deps: Deps,
  name: string,
): Promise<{ readonly cluster: ClusterRecord; readonly restoration: RestorationRecord }> {
  const cluster = await deps.store.getCluster(name);
  if (!cluster.restoration) throw new RestoreFailed(`no restore of ${name} is open`);
  return { cluster, restoration: cluster.restoration };
}

/** A member on hold, with what it had before. */
export async function readHeld(
  deps: Deps,
  cluster: string,
  member: string,
): Promise<{ readonly record: MemberRecord; readonly restoring: MemberRestore }> {
  const record = await recordOf(deps, cluster, member);
  if (!record.restoring) throw new RestoreFailed(`member ${member} of ${cluster} is not on hold`);
  return { record, restoring: record.restoring };
}

/** Writes what is new of the restore, under the operation's lease. */
export async function changeRestoration(
  deps: Deps,
  at: { readonly cluster: string; readonly operation: string },
  restoration: RestorationRecord,
): Promise<void> {
  await deps.store.updateCluster(at.cluster, at.operation, { restoration }, deps.clock.now());
}
