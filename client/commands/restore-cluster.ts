import { OperationViewSchema } from "../../functions/domain/api/views.ts";
import { lossText, type RestorePlan, RestorePlanSchema } from "../../functions/domain/restore/loss.ts";
import { sourceText } from "../../functions/domain/restore/source-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { RestoreCluster } from "../grammar/command.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { type Column, table } from "../tables.ts";
import { printable, type Terminal } from "../terminal.ts";
import { followOperation } from "./follow-operation.ts";

/** Without `--yes` it shows what would be lost; with it the cluster is restored. */
export async function restoreCluster(command: RestoreCluster, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  const path = `/clusters/${encodeURIComponent(command.name)}/restore`;
  if (!command.yes) {
    const plan = await api.post(`${path}/plan`, bodyOf(command), RestorePlanSchema);
    terminal.out(command.output === "table" ? restorePlanText(plan, terminal) : renderDocument(plan, command.output));
    terminal.note("Nothing was changed. Add --yes to restore the cluster.");
    return EXIT.done;
  }
  const operation = await api.post(path, bodyOf(command), OperationViewSchema);
  return followOperation(operation, `restores ${operation.cluster}`, command, session);
}

function bodyOf({ backup, survivor, evenThoughHealthy, restartAll }: RestoreCluster) {
  const wishes = { evenThoughHealthy, ...(restartAll ? { restartAll } : {}) };
  if (backup !== null) return { from: "backup", backup, ...wishes };
  return { from: "survivor", ...(survivor === null ? {} : { member: survivor }), ...wishes };
}

const LEFT_BEHIND: readonly Column<RestorePlan["leftBehind"][number]>[] = [
  { head: "KIND", of: ({ kind }) => kind },
  { head: "ID", of: ({ id }) => id },
  { head: "NAME", of: ({ id, name }) => (name === id ? "" : name) },
];

/** What is restored, what is lost, what stays behind. */
export function restorePlanText(plan: RestorePlan, terminal: Terminal): string {
  const { cluster, from, revision, leftBehind, warnings } = plan;
  const at = revision === null ? "" : `, revision ${revision}`;
  return [
    `Restoring ${printable(cluster)} from ${printable(sourceText(from))}${at}:\n`,
    `${printable(lossText(plan))}\n`,
    ...(leftBehind.length === 0
      ? []
      : [`Made by Kubernetes since, and left behind:\n${table(LEFT_BEHIND, leftBehind, terminal.columns)}`]),
    `Also:\n${warnings.map((each) => `  ${printable(each)}\n`).join("")}`,
  ].join("\n");
}
