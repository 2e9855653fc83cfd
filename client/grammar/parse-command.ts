import { CommanderError } from "commander";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { shown } from "../../functions/domain/spec/values.ts";
import { plainCommand } from "./chat-markup.ts";
import { type Command, OUTPUT_FORMATS, type OutputFormat, type ParsedCommand } from "./command.ts";
import { DEFAULT_ADMIN, DEFAULT_WAIT } from "./options.ts";
import { buildProgram, type Medium } from "./program.ts";
import { KOPS_SWITCHES, SPEC_FLAGS } from "./spec-options.ts";
import { parseDuration, splitWords, straightenWord } from "./typed-text.ts";
import { commandFirst } from "./word-order.ts";

type Refusal = Extract<ParsedCommand, { readonly ok: false }>;

/** Refusals after which the other words still mean what they meant. */
const OF_ONE_OPTION = new Set(["commander.unknownOption", "commander.invalidArgument"]);

const HELP_CODES = new Set(["commander.helpDisplayed", "commander.help"]);

const MAX_MESSAGE_LENGTH = 400;

/** Understands the words after the program's name. Never throws, exits or prints. */
export function parseCommand(argv: readonly string[], medium: Medium = "terminal"): ParsedCommand {
  return parseWords(commandFirst(prepare(argv), buildProgram({ command: () => {}, write: () => {} })), medium);
}

function parseWords(words: readonly string[], medium: Medium): ParsedCommand {
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
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (!command && HELP_CODES.has(error.code) && (error.exitCode === 0 || words.length === 0)) {
      return { ok: true, command: { kind: "help", text: written } };
    }
    const last = words.at(-1) ?? "";
    if (error.code === "commander.optionMissingArgument" && SPEC_FLAGS.has(last)) {
      return parseWords([...words.slice(0, -1), `${last}=`], medium);
    }
    const refused = refusal(error, words, helpFor(program, words));
    if (!command) return OF_ONE_OPTION.has(error.code) ? withRest(refused, words, medium) : refused;
  }
  if (command) return { ok: true, command };
  return { ok: true, command: { kind: "help", text: program.helpInformation() } };
}

/** What else is wrong: the words are read again without the option that was refused. */
function withRest(refused: Refusal, words: readonly string[], medium: Medium): ParsedCommand {
  const [problem] = refused.problems;
  const rest = problem === undefined ? undefined : withoutOption(words, problem);
  if (problem === undefined || rest === undefined) return refused;
  const parsed = parseWords(rest, medium);
  if (!parsed.ok) return { ...refused, problems: [problem, ...parsed.problems] };
  const { command } = parsed;
  if (!("problems" in command)) return refused;
  return { ok: true, command: { ...command, problems: [problem, ...command.problems] } };
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
/** As Go's flags read them. */
const TRUE = /^(1|t|true)$/i;
const FALSE = /^(0|f|false)$/i;

/** A cluster's name is longer. */
const MEMBER = /^[a-z]{1,2}$/i;

/**
 * Straightens pasted words up to `--`. Flags without their value, and switches of kops, get one, so that they
 * cannot take NAME for it; `--yes=true` and `-o=json` are written as here.
 */
function prepare(argv: readonly string[]): string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const words = argv.slice(0, end).map(straightenWord);
  const rewritten = words.flatMap((word, index): string[] => {
    const [flag = "", value] = word.split(/=(.*)/s);
    if (value !== undefined && SWITCHES.has(flag)) return TRUE.test(value) ? [flag] : FALSE.test(value) ? [] : [word];
    if (value !== undefined && /^-[a-z]$/i.test(flag)) return [`${flag}${value}`];
    if (KOPS_SWITCHES.includes(word)) return [`${word}=true`];
    if (word === "--from-survivor" && !MEMBER.test(words[index + 1] ?? "")) return [`${word}=`];
    const duration = Object.hasOwn(DURATIONS, word) ? DURATIONS[word] : undefined;
    const isBare = duration !== undefined && parseDuration(words[index + 1] ?? "") === undefined;
    return [isBare ? `${word}=${duration}` : word];
  });
  return [...rewritten, ...argv.slice(end)];
}

function refusal(error: CommanderError, words: readonly string[], help: string): Refusal {
  const isHelp = HELP_CODES.has(error.code);
  const message = isHelp ? "the command is incomplete" : withoutFarGuess(error.message.replace(/^error: /, ""));
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
function helpFor(program: ReturnType<typeof buildProgram>, words: readonly string[]): string {
  let current = program;
  const path = [program.name()];
  for (const word of words) {
    const next = current.commands.find((candidate) => candidate.name() === word || candidate.aliases().includes(word));
    if (!next) break;
    current = next;
    path.push(next.name());
  }
  const below = current
    .createHelp()
    .visibleCommands(current)
    .map((command) => command.name())
    .filter((name) => name !== "help");
  const choices = below.length > 0 ? `Commands: ${below.join(", ")}\n` : "";
  return `${choices}Help: ${path.join(" ")} --help\n`;
}

/** The format that was asked for even though the rest could not be understood. */
function outputOf(words: readonly string[]): OutputFormat {
  const text = words.join(" ");
  const [, asked] = /(?:^| )(?:-o|--output)[ =]?(\w+)/.exec(text) ?? [];
  return OUTPUT_FORMATS.find((format) => format === asked) ?? "table";
}
