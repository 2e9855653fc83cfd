import { type Command as CommanderCommand, CommanderError } from "commander";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { shown } from "../../functions/domain/spec/values.ts";
import { plainCommand } from "./chat-markup.ts";
import type { Command, ParsedCommand } from "./command.ts";
import { DEFAULT_ADMIN, DEFAULT_WAIT } from "./options.ts";
import { outputOf } from "./output-formats.ts";
import { buildProgram, type Medium } from "./program.ts";
import { KOPS_SWITCHES, SPEC_FLAGS } from "./spec-options.ts";
import { parseDuration, splitWords, straightenWord } from "./typed-text.ts";
import { commandFirst } from "./word-order.ts";

type Refusal = Extract<ParsedCommand, { readonly ok: false }>;

/** Refusals after which the other words still mean what they meant. */
const OF_ONE_OPTION = new Set(["commander.unknownOption", "commander.invalidArgument"]);

const HELP_CODES = new Set(["commander.helpDisplayed", "commander.help"]);

const ASKS_HELP = new Set(["-h", "--help"]);
const MISSING_OPTION = "commander.missingMandatoryOptionValue";

const MAX_MESSAGE_LENGTH = 400;

/** Understands the words after the program's name. Never throws, exits or prints. */
export function parseCommand(argv: readonly string[], medium: Medium = "terminal"): ParsedCommand {
  const { words: typed, problems } = prepare(argv);
  const program = buildProgram({ command: () => {}, write: () => {} }, medium);
  const words = commandFirst(typed[0] === "help" ? [...typed.slice(1), "--help"] : typed, program);
  const parsed = parseWords(words, medium);
  return problems.length === 0
    ? parsed
    : withProblems(problems, parsed, { help: helpFor(program, words), output: outputOf(words) });
}

/** `prepared` may change the program before it reads the words. */
function parseWords(
  words: readonly string[],
  medium: Medium,
  prepared: (program: CommanderCommand) => void = () => {},
): ParsedCommand {
  let command: Command | undefined;
  let written = "";
  const sink = {
    command: (found: Command) => {
      command ??= found;
    },
    write: (text: string) => {
      written += text;
    },
  };
  const program = buildProgram(sink, medium);
  prepared(program);
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (!command && HELP_CODES.has(error.code) && (error.exitCode === 0 || words.length === 0)) {
      const asked = words.filter((word) => !ASKS_HELP.has(word));
      if (isUnknownCommand(program, asked)) return parseWords(asked, medium);
      return { ok: true, command: { kind: "help", text: written } };
    }
    const last = words.at(-1) ?? "";
    if (error.code === "commander.optionMissingArgument" && SPEC_FLAGS.has(last)) {
      return parseWords([...words.slice(0, -1), `${last}=`], medium);
    }
    const refused = refusal(error, words, helpFor(program, words));
    if (!command && error.code === MISSING_OPTION) return withoutMissing(refused, words, medium);
    if (!command) return OF_ONE_OPTION.has(error.code) ? withRest(refused, words, medium, prepared) : refused;
  }
  if (command) return { ok: true, command };
  return { ok: true, command: { kind: "help", text: program.helpInformation() } };
}

/** What else is wrong: the words are read again without the option that was refused. */
function withRest(
  refused: Refusal,
  words: readonly string[],
  medium: Medium,
  prepared: (program: CommanderCommand) => void,
): ParsedCommand {
  const [problem] = refused.problems;
  const rest = problem === undefined ? undefined : withoutOption(words, problem);
  if (problem === undefined || rest === undefined) return refused;
  return withProblems([problem], parseWords(rest, medium, prepared), refused);
}

/** The same where an option is missing: the words are read as if none were mandatory, and nothing comes of them. */
function withoutMissing(refused: Refusal, words: readonly string[], medium: Medium): ParsedCommand {
  const parsed = parseWords(words, medium, demandNothing);
  return parsed.ok ? refused : { ...refused, problems: [...refused.problems, ...parsed.problems] };
}

function demandNothing(command: CommanderCommand): void {
  for (const option of command.options) option.makeOptionMandatory(false);
  if (command.commands.length === 0) command.action(() => {});
  command.commands.forEach(demandNothing);
}

/** Before those of the other words. A command that cannot carry problems is refused. */
function withProblems(
  problems: readonly Problem[],
  parsed: ParsedCommand,
  { help, output }: Pick<Refusal, "help" | "output">,
): ParsedCommand {
  if (!parsed.ok) return { ok: false, problems: [...problems, ...parsed.problems], help, output };
  const { command } = parsed;
  if (!("problems" in command)) return { ok: false, problems, help, output };
  return { ok: true, command: { ...command, problems: [...problems, ...command.problems] } };
}

/** Undefined if the option is not found as it was typed. */
function withoutOption(words: readonly string[], { flag, value }: Problem): string[] | undefined {
  const spellings = [flag, SHORT[flag] ?? flag];
  const at = words.findIndex((word, index) =>
    spellings.some(
      (spelling) =>
        word === `${spelling}=${value}` ||
        (word === spelling && (value === "" || words[index + 1] === value)) ||
        (value === "" && word.startsWith(`${spelling}=`)) ||
        (spelling.length === 2 && word === `${spelling}${value}`),
    ),
  );
  if (at < 0) return undefined;
  const count = value !== "" && spellings.includes(words[at] ?? "") ? 2 : 1;
  return words.filter((_, index) => index < at || index >= at + count);
}

/** The same for a line of text, as a chat delivers it. */
export function parseCommandLine(line: string): ParsedCommand {
  const words = splitWords(plainCommand(line));
  if (words) return parseCommand(words, "chat");
  const message = "a quotation mark is left open";
  return { ok: false, problems: [{ flag: "", value: shown(line), message }], help: "", output: "table" };
}

const SHORT: Readonly<Record<string, string>> = { "--output": "-o", "--filename": "-f", "--yes": "-y" };

/** What flags mean that may be given without their duration. */
const DURATIONS: Readonly<Record<string, string>> = { "--wait": DEFAULT_WAIT, "--admin": DEFAULT_ADMIN };

const SWITCHES = new Set(["--yes", "-y", "--dry-run", "--final-snapshot"]);
const KOPS_SWITCH_NAMES: ReadonlySet<string> = new Set(KOPS_SWITCHES);
/** As Go's flags read them. */
const TRUE = /^(1|t|true)$/i;
const FALSE = /^(0|f|false)$/i;

/** A cluster's name is longer. */
const MEMBER = /^[a-z]{1,2}$/i;

/**
 * Straightens pasted words up to `--`. Flags without their value, and switches of kops, get one, so that they
 * cannot take NAME for it; `--yes=true` and `-o=json` are written as here.
 */
function prepare(argv: readonly string[]): { readonly words: string[]; readonly problems: readonly Problem[] } {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const words = argv.slice(0, end).map(straightenWord);
  const problems: Problem[] = [];
  const rewritten = words.flatMap((word, index): string[] => {
    const [flag = "", value] = word.split(/=(.*)/s);
    if (value !== undefined && SWITCHES.has(flag)) {
      if (!TRUE.test(value) && !FALSE.test(value)) problems.push(noSwitch(flag, value));
      return TRUE.test(value) ? [flag] : [];
    }
    if (value !== undefined && KOPS_SWITCH_NAMES.has(flag) && FALSE.test(value)) return [`${flag}=false`];
    if (value !== undefined && /^-[a-z]$/i.test(flag)) return [`${flag}${value}`];
    if (KOPS_SWITCH_NAMES.has(word)) return [`${word}=true`];
    if (word === "--from-survivor" && !MEMBER.test(words[index + 1] ?? "")) return [`${word}=`];
    const duration = Object.hasOwn(DURATIONS, word) ? DURATIONS[word] : undefined;
    const isBare = duration !== undefined && parseDuration(words[index + 1] ?? "") === undefined;
    return [isBare ? `${word}=${duration}` : word];
  });
  return { words: [...rewritten, ...argv.slice(end)], problems };
}

function noSwitch(flag: string, value: string): Problem {
  return { flag, value: shown(value), message: `${flag}: "${shown(value)}" is neither true nor false` };
}

function refusal(error: CommanderError, words: readonly string[], help: string): Refusal {
  const isHelp = HELP_CODES.has(error.code);
  const message = isHelp
    ? "the command is incomplete"
    : withoutFarGuess(error.message.replace(/^error: (command-argument )?/, ""));
  const [, flag = ""] = /'(?:-\w, )?(--?[a-zA-Z][\w-]*)/.exec(message) ?? [];
  const [, value = ""] = /'([^'-][^']*)' is invalid/.exec(message) ?? [];
  const problem: Problem = {
    flag,
    value: shown(value),
    message: shown(message.replaceAll("\n", " "), MAX_MESSAGE_LENGTH),
  };
  return { ok: false, problems: [problem], help, output: outputOf(words) };
}

/** People mistype the end of a word: one that begins otherwise is not what they meant. */
function withoutFarGuess(message: string): string {
  const [, typed, meant] = /'-*(\w)[^']*'[\s\S]*\(Did you mean -*(\w)/.exec(message) ?? [];
  return typed === meant ? message : message.replace(/\n\(Did you mean [\s\S]*$/, "");
}

/** Where to read on: whoever has mistyped a word looks for that word, not for forty lines of usage. */
function helpFor(program: CommanderCommand, words: readonly string[]): string {
  const path = pathOf(program, words);
  const current = path.at(-1) ?? program;
  const below = current
    .createHelp()
    .visibleCommands(current)
    .map((command) => command.name())
    .filter((name) => name !== "help");
  const choices = below.length > 0 ? `Commands: ${below.join(", ")}\n` : "";
  return `${choices}Help: ${path.map((command) => command.name()).join(" ")} --help\n`;
}

/** The program, and the commands that the first words name. */
function pathOf(program: CommanderCommand, words: readonly string[]): CommanderCommand[] {
  const path = [program];
  for (const word of words) {
    const next = path.at(-1)?.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (!next) break;
    path.push(next);
  }
  return path;
}

/** Whether a word stands where only a command can. */
function isUnknownCommand(program: CommanderCommand, words: readonly string[]): boolean {
  const path = pathOf(program, words);
  const current = path.at(-1) ?? program;
  const word = words[path.length - 1] ?? "-";
  return (
    !word.startsWith("-") && word !== "help" && current.commands.length > 0 && current.registeredArguments.length === 0
  );
}
