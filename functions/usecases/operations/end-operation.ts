import { remedyFor } from "../../domain/cluster/errors.ts";
import type { OperationRecord } from "../../domain/cluster/records.ts";
import { statusAfter } from "../../domain/spec/update-decision.ts";
import { listMembers } from "../../store/clusters.ts";
import type { Table } from "../../store/keys.ts";
import { finishOperation } from "../../store/operations.ts";
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
