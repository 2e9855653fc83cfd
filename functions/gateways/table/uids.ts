import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod";
import { CLUSTERS_INDEX, keys, type Table } from "./keys.ts";

const ClusterItem = z.object({
  pk: z.string(),
  name: z.string(),
  record: z.object({ name: z.string(), uid: z.string() }),
});

/**
 * Names of the clusters on record that have this uid, DELETED ones too. From the index, item by item: an item that is not a
 * cluster's own counts for nothing. The index lags, but a uid is as old as its cluster.
 */
export const namesOfUid = async (table: Table, uid: string): Promise<string[]> => {
  const names: string[] = [];
  let after: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        IndexName: CLUSTERS_INDEX,
        KeyConditionExpression: "kind = :kind",
        FilterExpression: "#record.#uid = :uid",
        ExpressionAttributeNames: { "#record": "record", "#uid": "uid" },
        ExpressionAttributeValues: { ":kind": "CLUSTER", ":uid": uid },
        ...(after ? { ExclusiveStartKey: after } : {}),
      }),
    );
    for (const item of page.Items ?? []) {
      const { data } = ClusterItem.safeParse(item);
      if (data && data.pk === keys.cluster(data.name).pk && data.record.name === data.name) names.push(data.name);
    }
    after = page.LastEvaluatedKey;
  } while (after);
  return names;
};
