import type { OperationRecord } from "../../domain/cluster/records.ts";
import { statusAfter } from "../../domain/spec/update-decision.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { publishStatus, recordEvent, recordEventCalls } from "./record-event.ts";

export const endOperationCalls = { ...recordEventCalls };

type Collaborators = Deps<typeof endOperationCalls>;

/** Ends an operation that died without a word and gives its cluster free. Harmless when it has ended before. */
export async function endOperation(
  deps: Collaborators,
  { id, cluster, kind }: Pick<OperationRecord, "id" | "cluster" | "kind">,
  message: string,
  now: Date,
): Promise<void> {
  const event = { type: "operation-died", message: `${message}.`, member: null, operation: id };
  await recordEvent(deps, cluster, { time: now.toISOString(), ...event });
  const error = { name: "LeaseLost", message, remedy: remedyOf(kind, cluster) };
  const { status } = statusAfter(kind, "FAILED", await deps.store.listMembers(cluster));
  const reason = `${message}.`;
  await deps.store.finishOperation({ id, cluster }, { status: "FAILED", error, clusterStatus: status, reason }, now);
  await publishStatus(deps, { cluster, status, reason, operation: id }, now);
}

/** Nothing has taken its place: whoever asked for it sends it again, and it continues. */
function remedyOf(kind: OperationRecord["kind"], cluster: string): string {
  if (kind === "repair") return `Nothing: a repair checks ${cluster} again by itself.`;
  if (kind === "drill") return `Run it again: \`holdfast drill cluster ${cluster}\`.`;
  const command = kind === "scale" ? "update" : kind;
  return `Run the same \`holdfast ${command} cluster ${cluster}\` again: it continues where it stopped. \`holdfast get clusters ${cluster}\` shows how far it came.`;
}
