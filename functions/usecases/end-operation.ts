import { remedyFor } from "../domain/errors.ts";
import type { OperationRecord } from "../domain/records.ts";
import { statusAfter } from "../domain/update-decision.ts";
import { listMembers } from "../gateways/table/clusters.ts";
import type { Table } from "../gateways/table/keys.ts";
import { finishOperation } from "../gateways/table/operations.ts";
import { tellEvent, tellStatus } from "./story.ts";

/** Ends an operation that died without a word and gives its cluster free. Harmless when it has ended before. */
export const endOperation = async (
  table: Table,
  { id, cluster, kind }: Pick<OperationRecord, "id" | "cluster" | "kind">,
  message: string,
  now: Date,
): Promise<void> => {
  const event = { type: "operation-died", message: `${message}.`, member: null, operation: id };
  await tellEvent(table, cluster, { time: now.toISOString(), ...event });
  const error = { name: "LeaseLost", message, remedy: remedyFor("LeaseLost") };
  const { status } = statusAfter(kind, "FAILED", await listMembers(table, cluster));
  const reason = `${message}.`;
  await finishOperation(table, { id, cluster }, { status: "FAILED", error, clusterStatus: status, reason }, now);
  await tellStatus({ cluster, status, reason, operation: id }, now);
};
