import { ClusterBusy } from "../domain/cluster/errors.ts";
import type { ClusterSpec } from "../domain/spec/spec.ts";
import { claimWrite, type IdempotencyClaim } from "./claims.ts";
import { keys, type Table, type Write } from "./keys.ts";
import { transact } from "./operations.ts";

export interface PolicyChange {
  readonly cluster: string;
  /** The operation that holds the cluster, and continues under the changed spec. */
  readonly operation: string;
  /** The spec that the change was evaluated by; another one by now refuses the write. */
  readonly former: ClusterSpec;
  readonly spec: ClusterSpec;
  readonly claim: IdempotencyClaim | undefined;
}

/**
 * Changes what is asked of a cluster under the operation that holds it. Throws ClusterBusy if that one has ended by
 * now, or the spec is another.
 */
export async function changePolicy(
  table: Table,
  { cluster, operation, former, spec, claim }: PolicyChange,
  now: Date,
): Promise<void> {
  const writes: Write[] = [
    {
      Update: {
        TableName: table.name,
        Key: keys.cluster(cluster),
        UpdateExpression: "SET #r.spec = :spec, #r.updatedAt = :now",
        ConditionExpression: "#r.#o = :holder AND #r.spec = :former",
        ExpressionAttributeNames: { "#r": "record", "#o": "operation" },
        ExpressionAttributeValues: {
          ":spec": spec,
          ":former": former,
          ":holder": operation,
          ":now": now.toISOString(),
        },
      },
    },
    ...(claim ? [claimWrite(table, claim, operation, now)] : []),
  ];
  if (!(await transact(table, writes)))
    throw new ClusterBusy(`${cluster} was changed, or let go, by operation ${operation}`, operation);
}
