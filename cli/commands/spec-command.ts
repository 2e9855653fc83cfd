import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { SpecCommand } from "../../functions/domain/grammar/command.ts";
import { type ParsedSpec, specFromDocument } from "../../functions/domain/parse-spec.ts";
import { renderDocument, renderRefusal } from "../../functions/domain/render/render.ts";
import type { Problem } from "../../functions/domain/spec.ts";
import type { RawFlag } from "../../functions/domain/spec-fields.ts";
import type { OperationView } from "../../functions/domain/views.ts";
import { clusterText } from "../cluster-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { progressFor } from "../progress.ts";
import type { Session } from "../session.ts";
import { waitUntilDone } from "../wait.ts";

/** The flags as typed; the name may come from where kops takes it. */
export function namedFlags(command: SpecCommand, session: Session): readonly RawFlag[] {
  const named = command.flags.some(({ flag }) => flag === "NAME" || flag === "--name");
  const inherited = session.environment["KOPS_CLUSTER_NAME"];
  if (named || !inherited) return command.flags;
  return [{ flag: "KOPS_CLUSTER_NAME", value: inherited }, ...command.flags];
}

/** YAML, of which JSON is a part. */
export async function readSpecFile(filename: string): Promise<ParsedSpec> {
  const refusal = (message: string): ParsedSpec => {
    return { ok: false, problems: [{ flag: "--filename", value: filename, message: `--filename: ${message}` }] };
  };
  let text: string;
  try {
    text = await readFile(filename, "utf8");
  } catch {
    return refusal(`cannot read ${filename}`);
  }
  const document = parseDocument(text);
  const [error] = document.errors;
  return error ? refusal(`${filename} is not YAML: ${error.message}`) : specFromDocument(document.toJS());
}

/** Shows the operation that was started, or with `--wait` its progress and in the end the cluster. */
export async function followOperation(
  operation: OperationView,
  does: string,
  command: SpecCommand,
  { api, terminal }: Session,
): Promise<ExitCode> {
  const forPeople = command.output === "table";
  if (command.waitMs === null) {
    if (forPeople) {
      terminal.out(`operation ${operation.id} ${does}\n`);
      terminal.note(`Follow it with: holdfast validate cluster ${operation.cluster} --wait`);
    } else terminal.out(renderDocument(operation, command.output));
    return EXIT.done;
  }
  // With -o json standard output holds one document, so the progress goes to standard error, line by line.
  const progress = forPeople
    ? progressFor(terminal, terminal.out, Date.now)
    : progressFor({ ...terminal, interactive: false }, (text) => terminal.note(text.trimEnd()), Date.now);
  const cluster = await waitUntilDone(api, operation, command.waitMs, progress);
  if (command.output === "table") terminal.out(`\n${clusterText(cluster, terminal)}`);
  else terminal.out(renderDocument(cluster, command.output));
  return EXIT.done;
}

export function showRefusal(problems: readonly Problem[], command: SpecCommand, { terminal }: Session): ExitCode {
  const text = renderRefusal(problems, command.output);
  if (command.output === "table") terminal.note(text.trimEnd());
  else terminal.out(text);
  return EXIT.badUsage;
}
