import { realpathSync } from "node:fs";
import tab from "@bomb.sh/tab";
import tabOf from "@bomb.sh/tab/commander";
import type { Command, Option } from "commander";
import * as z from "zod";
import { ApiClient } from "../client/api-client.ts";
import type { ApiTarget } from "../client/api-target.ts";
import { EXIT, type ExitCode } from "../client/exit-codes.ts";
import { EVENT_TYPES } from "../client/grammar/event-types.ts";
import { buildProgram } from "../client/grammar/program.ts";
import { ClusterViewSchema } from "../functions/domain/api/views.ts";
import type { FieldRow } from "../functions/domain/spec/field-row.ts";
import { FIELDS } from "../functions/domain/spec/field-table.ts";
import { Networking } from "../functions/domain/spec/value-schemas.ts";
import { buildLocalProgram } from "./commands/local-arguments.ts";

/** Nobody waits longer for a suggestion. */
const NAMES_WITHIN_MS = 1_000;
const NAME = "holdfast";

/**
 * `completion SHELL`: the script that a shell sources. It asks this very program by its path, since `npm ci` puts
 * nothing on the PATH; `holdfast` becomes a function where there is no such command, and `npx holdfast` is completed.
 */
export function completionScript([shell = ""]: readonly string[], out: (text: string) => void): ExitCode {
  const program = [process.execPath, realpathSync(process.argv[1] ?? "")].map(quoted).join(" ");
  const [before = "", after = ""] = SURROUNDINGS[shell] ?? [];
  out(`${before}${scriptOf(shell, program)}${after.replaceAll("PROGRAM", program)}`);
  return EXIT.done;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The package prints it, and makes constants of shells that complain when it is sourced again. */
function scriptOf(shell: string, program: string): string {
  const lines: string[] = [];
  const { log } = console;
  console.log = (text: string) => lines.push(text);
  try {
    tab.setup(NAME, program, shell);
  } finally {
    console.log = log;
  }
  return `${lines.join("\n").replace(/^readonly /gm, "")}\n`;
}

/** What goes before and after the script of a shell. */
const SURROUNDINGS: Readonly<Record<string, readonly [before: string, after: string]>> = {
  bash: [
    `# Without the package bash-completion there is no such function.
declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} words=("\${COMP_WORDS[@]}") cword=$COMP_CWORD
}

`,
    `
type -t ${NAME} >/dev/null || ${NAME}() { PROGRAM "$@"; }
__${NAME}_npx() {
    [[ \${COMP_WORDS[1]} == ${NAME} ]] || return
    COMP_WORDS=("\${COMP_WORDS[@]:1}") COMP_CWORD=$((COMP_CWORD - 1))
    COMP_LINE=\${COMP_LINE#*npx } COMP_POINT=$((COMP_POINT - 4))
    __${NAME}_complete
}
complete -p npx >/dev/null 2>&1 || complete -o default -F __${NAME}_npx npx
`,
  ],
  zsh: [
    "",
    `
(( $+commands[${NAME}] )) || ${NAME}() { PROGRAM "$@"; }
_${NAME}_npx() {
    if [[ \${words[2]} != ${NAME} ]]; then _files; return; fi
    shift words
    (( CURRENT-- ))
    _${NAME}
}
(( $+_comps[npx] )) || compdef _${NAME}_npx npx
`,
  ],
  fish: ["", `\ntype -q ${NAME}; or function ${NAME}; PROGRAM $argv; end\n`],
};

/** `complete -- WORDS`, as those scripts call it: prints what the last word may become. */
export async function suggest(argv: readonly string[], target: ApiTarget): Promise<ExitCode> {
  const program = completable();
  const words = argv.slice(argv.indexOf("--") + 1);
  const namesCluster = commandOf(program, words).registeredArguments.some((argument) => isCluster(argument.name()));
  const names = namesCluster ? await clusterNames(target) : [];
  const root = tabOf(program);
  // What the scripts call is nothing to type.
  root.commands.delete("complete");
  for (const command of root.commands.values()) {
    for (const argument of command.arguments.values()) {
      if (!isCluster(argument.name)) continue;
      argument.handler = (complete) => {
        for (const name of names) complete(name, "cluster");
      };
    }
  }
  withoutEmptyDescriptions(() => program.parse([...argv], { from: "user" }));
  return EXIT.done;
}

/** The package prints a value and its description; zsh lists an empty one as a value of its own. */
function withoutEmptyDescriptions(print: () => void): void {
  const { log } = console;
  console.log = (line: string) => log(line.replace(/\t$/, ""));
  try {
    print();
  } finally {
    console.log = log;
  }
}

function isCluster(argument: string): boolean {
  return argument === "NAME";
}

/** The grammar, with the values that options may have, and with the commands of the local cloud. */
function completable(): Command {
  const program = buildProgram({ command: () => {}, write: () => {} });
  const commands: Command[] = program.commands.filter((command) => command.name() !== "local");
  Object.assign(program, { commands: [...commands, buildLocalProgram(() => {}).name("local")] });
  offerValues(program);
  return program;
}

/** Only offered: what may really be given is for the command to say. */
function offerValues(command: Command): void {
  for (const option of command.options) {
    const values = valuesOf(option);
    if (values.length > 0) option.argChoices = [...values];
  }
  command.commands.forEach(offerValues);
}

function valuesOf({ long, argChoices = [] }: Option): readonly string[] {
  if (argChoices.length > 0) return argChoices;
  if (long === "--networking") return Networking.options;
  if (long === "--type") return EVENT_TYPES;
  const rows: readonly FieldRow[] = Object.values(FIELDS);
  const schema = rows.find(({ flags }) => flags.some((flag) => flag === long))?.schema;
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  return inner instanceof z.ZodEnum ? inner.options.map(String) : [];
}

/** The innermost command that the words name. */
function commandOf(program: Command, words: readonly string[]): Command {
  let current = program;
  for (const word of words) {
    const next = current.commands.find((command) => command.name() === word || command.aliases().includes(word));
    if (!next) break;
    current = next;
  }
  return current;
}

/** Those of the API in force that exist; none if it does not answer in time. */
async function clusterNames(target: ApiTarget): Promise<string[]> {
  const late = new Promise<string[]>((resolve) => setTimeout(resolve, NAMES_WITHIN_MS, []).unref());
  const asked = new ApiClient(target).list("/clusters", ClusterViewSchema).then(
    (clusters) => clusters.filter(({ status }) => status !== "DELETED").map(({ name }) => name),
    () => [],
  );
  return Promise.race([asked, late]);
}
