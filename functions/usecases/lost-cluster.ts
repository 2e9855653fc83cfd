import { recoverRecord } from "../domain/deletion.ts";
import { ClusterUnknown } from "../domain/errors.ts";
import { TAG } from "../domain/naming.ts";
import type { ClusterRecord } from "../domain/records.ts";
import { surveyByTag } from "./survey.ts";

/**
 * A record for a cluster that the table does not know, or calls DELETED, though resources with its tags are there. Of several
 * uids under one name the first is taken; the next deletion finds the next. Throws ClusterUnknown if nothing is there.
 */
export const recoverCluster = async (
  name: string,
  region: string,
  known: ClusterRecord | undefined,
  now: Date,
): Promise<ClusterRecord> => {
  const found = await surveyByTag(name, { key: TAG.cluster, value: name });
  const [uid] = found.flatMap((resource) => (resource.uid === "" ? [] : [resource.uid])).toSorted();
  if (uid === undefined) {
    throw new ClusterUnknown(known ? `cluster ${name} was deleted` : `there is no cluster ${name}`);
  }
  if (known?.uid === uid) {
    const reason = "It was deleted, but some of its resources are still there.";
    return { ...known, status: "DELETING", deleting: true, reason, updatedAt: now.toISOString() };
  }
  const zones = found.filter((resource) => resource.uid === uid).flatMap(({ zone }) => zone ?? []);
  return recoverRecord({ name, uid, region, zones }, now);
};
