import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ClusterBusy, NotReadyYet } from "../domain/cluster/errors.ts";
import type { ClusterSpec } from "../domain/spec/spec.ts";
import { claimWrite, type IdempotencyClaim } from "./claims.ts";
import { holds, keys, type Table, type Write } from "./keys.ts";
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

/**
 * Changes what of a spec is only recorded, whatever holds the cluster. Throws NotReadyYet if the spec has changed since
 * it was read.
 */
export async function recordSpec(
  table: Table,
  { cluster, former, spec }: Pick<PolicyChange, "cluster" | "former" | "spec">,
  now: Date,
): Promise<void> {
  const isWritten = await holds(
    table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: keys.cluster(cluster),
        UpdateExpression: "SET #r.spec = :spec, #r.updatedAt = :now",
        ConditionExpression: "#r.spec = :former",
        ExpressionAttributeNames: { "#r": "record" },
        ExpressionAttributeValues: { ":spec": spec, ":former": former, ":now": now.toISOString() },
      }),
    ),
  );
  if (!isWritten) throw new NotReadyYet(`the spec of ${cluster} was changed at the same moment`);
}
