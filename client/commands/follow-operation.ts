import { type ClusterView, type OperationView, OperationViewSchema } from "../../functions/domain/api/views.ts";
import { clusterText } from "../cluster-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { OutputFormat } from "../grammar/command.ts";
import { type Progress, progressFor } from "../progress.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { waitUntilDone, waitUntilEnded } from "../wait.ts";

/** With -o json standard output holds one document, so the progress goes to standard error, line by line. */
export function progressOf(output: OutputFormat, { terminal }: Session): Progress {
  return output === "table"
    ? progressFor(terminal, terminal.out, Date.now)
    : progressFor({ ...terminal, interactive: false }, (text) => terminal.note(text.trimEnd()), Date.now);
}

/** Shows the progress of an operation until it ends, then the cluster as it is. */
export async function followToEnd(operation: OperationView, output: OutputFormat, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  const cluster = await waitUntilEnded(api, operation, progressOf(output, session), terminal);
  if (output === "table") {
    terminal.out(`\n${operation.id} has succeeded.\n`);
    if (cluster) terminal.out(`\n${clusterText(cluster, terminal)}`);
  } else {
    const ended = await api.get(`/operations/${encodeURIComponent(operation.id)}`, OperationViewSchema);
    terminal.out(renderDocument(ended, output));
  }
  return EXIT.done;
}

/** Says which operation was started, and how to follow it. */
export function announceOperation(
  operation: OperationView,
  does: string,
  output: OutputFormat,
  { terminal }: Session,
): ExitCode {
  if (output === "table") {
    terminal.out(`operation ${operation.id} ${does}\n`);
    terminal.note(`Follow it with: holdfast get operations ${operation.id} --follow`);
  } else terminal.out(renderDocument(operation, output));
  return EXIT.done;
}

/** Says which operation was started, or with `--wait` shows its progress and in the end what became of the cluster. */
export async function followOperation(
  operation: OperationView,
  does: string,
  { waitMs, output }: { readonly waitMs: number | null; readonly output: OutputFormat },
  session: Session,
  textOf: (cluster: ClusterView) => string = (cluster) => clusterText(cluster, session.terminal),
): Promise<ExitCode> {
  if (waitMs === null) return announceOperation(operation, does, output, session);
  const { api, terminal } = session;
  const cluster = await waitUntilDone(api, operation, waitMs, progressOf(output, session), terminal);
  terminal.out(output === "table" ? `\n${textOf(cluster)}` : renderDocument(cluster, output));
  return EXIT.done;
}
