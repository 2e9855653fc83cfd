import { ClusterUnknown, OwnershipConflict } from "../../domain/cluster/errors.ts";
import { TAG } from "../../domain/cluster/naming.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { recoverRecord } from "../../domain/deletion/deletion.ts";
import { explainRefusal, refuseRecovery } from "../../domain/ownership/ownership.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { clusterResourcesCalls, listResourcesByTag } from "./cluster-resources.ts";

export const lostClusterCalls = { ...clusterResourcesCalls };

type Collaborators = Deps<typeof lostClusterCalls>;

interface Lost {
  readonly name: string;
  readonly region: string;
  /** What the table has of it, if it has anything: a record that says DELETED. */
  readonly known: ClusterRecord | undefined;
}

/**
 * A record for a cluster that the table does not know, or calls DELETED, though resources with its name are there. Of
 * several uids under one name the first is taken; the next deletion finds the next. Throws ClusterUnknown if nothing is
 * there, and OwnershipConflict if what is there may be another cluster's.
 */
export async function recoverCluster(
  deps: Collaborators,
  { name, region, known }: Lost,
  now: Date,
): Promise<ClusterRecord> {
  const named = await listResourcesByTag(deps, { cluster: name });
  const uids = [...new Set(named.flatMap(({ tags }) => tags[TAG.uid] ?? []))].toSorted();
  const refusals = [];
  for (const uid of uids) {
    const [ofUid, records] = await Promise.all([listResourcesByTag(deps, { uid }), deps.store.namesOfUid(uid)]);
    const others = records.filter((other) => other !== name);
    const refusal = refuseRecovery({ cluster: name, uid }, ofUid, others);
    if (refusal) refusals.push(refusal);
    else
      return restore(
        { name, region, known },
        uid,
        named.flatMap((each) => (each.tags[TAG.uid] === uid ? (each.zone ?? []) : [])),
        now,
      );
  }
  if (refusals.length > 0) throw new OwnershipConflict(refusals.map(explainRefusal).join("; "));
  throw new ClusterUnknown(known ? `cluster ${name} was deleted` : `there is no cluster ${name}`);
}

function restore({ name, region, known }: Lost, uid: string, zones: readonly string[], now: Date): ClusterRecord {
  if (known?.uid !== uid) return recoverRecord({ name, uid, region, zones }, now);
  const reason = "It was deleted, but some of its resources are still there.";
  return { ...known, status: "DELETING", deleting: true, reason, updatedAt: now.toISOString() };
}
