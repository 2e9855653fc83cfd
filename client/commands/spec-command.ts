import { readFile } from "node:fs/promises";
import { Lexer, parseDocument } from "yaml";
import type { PlannedCluster } from "../../functions/domain/plan/plan-types.ts";
import type { RawFlag } from "../../functions/domain/spec/fields.ts";
import { isDeeperThan, MAX_DEPTH } from "../../functions/domain/spec/nesting.ts";
import { type ParsedSpec, specFromDocument } from "../../functions/domain/spec/parse-spec.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { SpecCommand } from "../grammar/command.ts";
import { renderPlan, renderRefusal } from "../render/render.ts";
import type { Session } from "../session.ts";

/** The flags as typed; the name may come from where kops takes it. */
export function namedFlags(command: SpecCommand, session: Session): readonly RawFlag[] {
  const named = command.flags.some(({ flag }) => flag === "NAME" || flag === "--name");
  const inherited = session.environment["KOPS_CLUSTER_NAME"];
  if (named || !inherited) return command.flags;
  return [{ flag: "KOPS_CLUSTER_NAME", value: inherited }, ...command.flags];
}

/** As much as a request of the API may have. */
const MAX_FILE_LENGTH = 65_536;

/** YAML, of which JSON is a part. */
export async function readSpecFile(filename: string): Promise<ParsedSpec & { readonly document?: unknown }> {
  const file = await readYamlFile(filename, "--filename");
  if ("problem" in file) return { ok: false, problems: [file.problem] };
  return { ...specFromDocument(file.value), document: file.value };
}

/** What a file says, or why it cannot be read; `flag` is the one that named it. */
export async function readYamlFile(
  filename: string,
  flag: string,
): Promise<{ readonly value: unknown } | { readonly problem: Problem }> {
  const refusal = (message: string) => ({ problem: { flag, value: filename, message: `${flag}: ${message}` } });
  let text: string;
  try {
    text = await readFile(filename, "utf8");
  } catch {
    return refusal(`cannot read ${filename}`);
  }
  if (text.length > MAX_FILE_LENGTH) return refusal(`${filename} has over ${MAX_FILE_LENGTH} characters`);
  const tooDeep = `${filename} is nested deeper than ${MAX_DEPTH} levels`;
  if (isNestedTooDeep(text)) return refusal(tooDeep);
  const { value, error } = parseYaml(text);
  if (error !== undefined) return refusal(`${filename} is not YAML: ${error}`);
  if (isDeeperThan(value, MAX_DEPTH)) return refusal(tooDeep);
  return { value };
}

/** Aliases that grow without end are found when the value is made. */
function parseYaml(text: string): { readonly value?: unknown; readonly error?: string } {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) return { error: error.message };
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Decided by the words of the text, since the parser calls itself at each level, and some thousands end the process. */
function isNestedTooDeep(text: string): boolean {
  let open = 0;
  let inLine = 0;
  for (const word of new Lexer().lex(text)) {
    if (word === "[" || word === "{") open += 1;
    else if (word === "]" || word === "}") open -= 1;
    else if (word === "-" || word === "?") inLine += 1;
    else if (word === "\n") inLine = 0;
    if (open + inLine > MAX_DEPTH) return true;
  }
  return false;
}

/** A plan is drawn no wider than this, however wide the terminal is. */
const DRAWING_COLUMNS = 120;

/** The plan of a new cluster; `preview`: nothing was changed, and `--yes` would. */
export function showPlan(planned: PlannedCluster, command: SpecCommand, session: Session, preview = false): ExitCode {
  session.terminal.out(renderPlan(planned, command.output, Math.min(session.terminal.columns, DRAWING_COLUMNS)));
  if (preview) session.terminal.note("Nothing was changed. Add --yes to create the cluster.");
  return EXIT.done;
}

/** Of what the account lacks: in the local cloud everybody can put it there. */
const IN_ACCOUNT = /does not exist in this account|names no image that this account|is not the name of a hosted zone/;

export function showRefusal(
  problems: readonly Problem[],
  command: Pick<SpecCommand, "output">,
  { terminal, target }: Session,
): ExitCode {
  const text = renderRefusal(problems, command.output);
  if (command.output === "table") terminal.note(text.trimEnd());
  else terminal.out(text);
  if (target.local && problems.some(({ message }) => IN_ACCOUNT.test(message)))
    terminal.note(
      "note: this account is a local cloud. `holdfast local seed FILE` gives it images and security groups; " +
        "`aws route53 create-hosted-zone` makes a zone (local/README.md).",
    );
  return EXIT.badUsage;
}
