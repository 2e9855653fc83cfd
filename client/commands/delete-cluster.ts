import { type DeletionView, DeletionViewSchema, OperationViewSchema } from "../../functions/domain/api/views.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { DeleteCluster } from "../grammar/command.ts";
import { progressFor } from "../progress.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { table } from "../tables.ts";
import { printable, type Terminal } from "../terminal.ts";
import { waitUntilDone } from "../wait.ts";

/** Without `--yes` it shows what would go; with it the cluster is deleted. */
export async function deleteCluster(command: DeleteCluster, session: Session): Promise<ExitCode> {
  const path = `/clusters/${encodeURIComponent(command.name)}`;
  if (!command.yes) return preview(command, path, session);
  const { api, terminal } = session;
  const operation = await api.delete(`${path}?finalSnapshot=${command.finalSnapshot}`, OperationViewSchema);
  const forPeople = command.output === "table";
  if (command.waitMs === null) {
    if (!forPeople) terminal.out(renderDocument(operation, command.output));
    else terminal.out(`operation ${operation.id} deletes ${operation.cluster}\n`);
    return EXIT.done;
  }
  const progress = forPeople
    ? progressFor(terminal, terminal.out, Date.now)
    : progressFor({ ...terminal, interactive: false }, (text) => terminal.note(text.trimEnd()), Date.now);
  const cluster = await waitUntilDone(api, operation, command.waitMs, progress);
  if (forPeople) terminal.out(`\n${cluster.name} is deleted. ${printable(cluster.reason ?? "")}\n`);
  else terminal.out(renderDocument(cluster, command.output));
  return EXIT.done;
}

async function preview(command: DeleteCluster, path: string, { api, terminal }: Session): Promise<ExitCode> {
  const deletion = await api.get(`${path}/resources`, DeletionViewSchema);
  if (command.output === "table") terminal.out(deletionText(deletion, terminal));
  else terminal.out(renderDocument(deletion, command.output));
  terminal.note("Nothing was changed. Add --yes to delete the cluster.");
  return EXIT.done;
}

/** A table a kind, then what stays and what stands in the way. */
export function deletionText({ cluster, uid, removed, kept, blockers }: DeletionView, terminal: Terminal): string {
  const kinds = Map.groupBy(removed, ({ kind }) => kind);
  const tables = [...kinds].map(([kind, resources]) => {
    const plural = `${kind.replaceAll("-", " ")}${kind.endsWith("s") ? "es" : "s"}`;
    const head = [plural.toUpperCase(), "NAME"];
    return table(
      head,
      resources.map(({ id, name }) => [id, name === id ? "" : name]),
      terminal.columns,
    );
  });
  return [
    `Deleting ${cluster} (uid ${uid}) removes ${counted(removed.length, "resource")}:\n`,
    ...tables,
    `Kept:\n${kept.map(({ what, why }) => `  ${printable(`${what}: ${why}`)}\n`).join("")}`,
    ...(blockers.length === 0
      ? []
      : [`In the way, and not the cluster's:\n${blockers.map((each) => `  ${printable(each)}\n`).join("")}`]),
  ].join("\n");
}
