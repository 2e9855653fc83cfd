import * as z from "zod";
import { keys, type Table } from "./keys.ts";
import { listKind } from "./reconcile.ts";

/** No more than is asked here, so that a record which is damaged elsewhere still holds its uid. */
const ClusterItem = z.object({
  pk: z.string(),
  name: z.string(),
  record: z.object({ name: z.string(), uid: z.string() }),
});

/**
 * Names of the clusters on record that have this uid, DELETED ones too. From the index, item by item: an item that is
 * not a cluster's own counts for nothing. The index lags, but a uid is as old as its cluster.
 */
export async function namesOfUid(table: Table, uid: string): Promise<string[]> {
  return (await listKind(table, "CLUSTER")).flatMap((item) => {
    const { data } = ClusterItem.safeParse(item);
    const isIt = data?.record.uid === uid && data.pk === keys.cluster(data.name).pk && data.record.name === data.name;
    return isIt ? [data.name] : [];
  });
}
