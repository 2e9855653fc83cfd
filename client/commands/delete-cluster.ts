import {
  type ClusterView,
  type DeletionView,
  DeletionViewSchema,
  OperationViewSchema,
} from "../../functions/domain/api/views.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { DeleteCluster } from "../grammar/command.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { type Column, table } from "../tables.ts";
import { printable, type Terminal } from "../terminal.ts";
import { followOperation } from "./follow-operation.ts";

/** Without `--yes` it shows what would go; with it the cluster is deleted. */
export async function deleteCluster(command: DeleteCluster, session: Session): Promise<ExitCode> {
  const path = `/clusters/${encodeURIComponent(command.name)}`;
  if (!command.yes) return preview(command, path, session);
  const operation = await session.api.delete(`${path}?finalSnapshot=${command.finalSnapshot}`, OperationViewSchema);
  const deleted = ({ name, reason }: ClusterView) => `${name} is deleted. ${printable(reason ?? "")}\n`;
  return followOperation(operation, `deletes ${operation.cluster}`, command, session, deleted);
}

async function preview(command: DeleteCluster, path: string, { api, terminal }: Session): Promise<ExitCode> {
  const deletion = await api.get(`${path}/resources`, DeletionViewSchema);
  if (command.output === "table") terminal.out(deletionText(deletion, command.finalSnapshot, terminal));
  else terminal.out(renderDocument(deletion, command.output));
  terminal.note("Nothing was changed. Add --yes to delete the cluster.");
  return EXIT.done;
}

type Removed = DeletionView["removed"][number];

/** A table a kind, then what becomes of the data, what stays, and what stands in the way. */
export function deletionText(
  { cluster, uid, removed, kept, blockers }: DeletionView,
  finalSnapshot: boolean,
  terminal: Terminal,
): string {
  const kinds = Map.groupBy(removed, ({ kind }) => kind);
  const tables = [...kinds].map(([kind, resources]) => {
    const plural = `${kind.replaceAll("-", " ")}${kind.endsWith("s") ? "es" : "s"}`;
    const columns: Column<Removed>[] = [
      { head: plural.toUpperCase(), of: ({ id }) => id },
      { head: "NAME", of: ({ id, name }) => (name === id ? "" : name), rank: 1 },
    ];
    return table(columns, resources, terminal.columns);
  });
  return [
    `Deleting ${cluster} (uid ${uid}) removes ${counted(removed.length, "resource")}:\n`,
    ...tables,
    ...dataLines({ removed, kept }, finalSnapshot),
    `Kept:\n${kept.map(({ what, why }) => `  ${printable(`${what}: ${why}`)}\n`).join("")}`,
    ...(blockers.length === 0
      ? []
      : [`In the way, and not the cluster's:\n${blockers.map((each) => `  ${printable(each)}\n`).join("")}`]),
  ].join("\n");
}

/** Everything that users put into Kubernetes is in etcd. */
function dataLines({ removed, kept }: Pick<DeletionView, "removed" | "kept">, finalSnapshot: boolean): string[] {
  if (!removed.some(({ kind, name }) => kind === "volume" && name.startsWith("volume/"))) return [];
  if (finalSnapshot)
    return ["etcd's data goes with its volumes. A snapshot of one of them is made first, and is kept.\n"];
  return [
    kept.some(({ what }) => what.startsWith("backups"))
      ? "etcd's data goes with its volumes; its backups stay. --final-snapshot keeps a snapshot of a volume too.\n"
      : "etcd's data goes with its volumes, and cannot be brought back. --final-snapshot keeps a snapshot of one.\n",
  ];
}
