import type { OperationView } from "../functions/domain/api/views.ts";
import { OPERATION_WORDS } from "../functions/domain/text/operation-words.ts";

/** What continues without whoever watched it, how to watch it again, and how to stop it. */
export function stopHint({ id, kind, cluster }: OperationView): string {
  const stop =
    kind === "delete"
      ? "A deletion cannot be stopped."
      : kind === "create"
        ? `Remove it:  holdfast delete cluster ${cluster} --yes`
        : kind === "backup" || kind === "drill"
          ? "It only reads the cluster, and ends by itself."
          : "It cannot be stopped. Only a deletion of the cluster takes its place.";
  return [
    `The operation continues without this terminal (${OPERATION_WORDS[kind]} of ${cluster}).`,
    `Follow it:  holdfast get operations ${id} --follow`,
    stop,
  ].join("\n");
}
