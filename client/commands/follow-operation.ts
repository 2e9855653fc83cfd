import type { OperationView } from "../../functions/domain/api/views.ts";
import { OperationViewSchema } from "../../functions/domain/api/views.ts";
import { clusterText } from "../cluster-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { OutputFormat } from "../grammar/command.ts";
import { type Progress, progressFor } from "../progress.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { waitUntilEnded } from "../wait.ts";

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
