import { CommanderError } from "commander";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { shown } from "../../functions/domain/spec/values.ts";
import { plainCommand } from "./chat-markup.ts";
import { type Command, OUTPUT_FORMATS, type OutputFormat, type ParsedCommand } from "./command.ts";
import { DEFAULT_ADMIN, DEFAULT_WAIT } from "./options.ts";
import { buildProgram } from "./program.ts";
import { parseDuration, splitWords, straightenWord } from "./typed-text.ts";

const HELP_CODES = new Set(["commander.helpDisplayed", "commander.help"]);

const MAX_MESSAGE_LENGTH = 400;

/** Understands the words after the program's name. Never throws, exits or prints. */
export function parseCommand(argv: readonly string[]): ParsedCommand {
  const words = prepare(argv);
  let command: Command | undefined;
  let written = "";
  const program = buildProgram({
    command: (found) => {
      command ??= found;
    },
    write: (text) => {
      written += text;
    },
  });
  try {
    program.parse(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (!command && HELP_CODES.has(error.code) && (error.exitCode === 0 || words.length === 0)) {
      return { ok: true, command: { kind: "help", text: written } };
    }
    if (!command) return refusal(error, words, helpFor(program, words));
  }
  if (command) return { ok: true, command };
  return { ok: true, command: { kind: "help", text: program.helpInformation() } };
}

/** The same for a line of text, as a chat delivers it. */
export function parseCommandLine(line: string): ParsedCommand {
  const words = splitWords(plainCommand(line));
  if (words) return parseCommand(words);
  const message = "a quotation mark is left open";
  return { ok: false, problems: [{ flag: "", value: shown(line), message }], help: "", output: "table" };
}

/** What flags mean that may be given without their duration. */
const DURATIONS: Readonly<Record<string, string>> = { "--wait": DEFAULT_WAIT, "--admin": DEFAULT_ADMIN };

/**
 * Straightens pasted words up to `--`, and gives flags without their duration one, so that they cannot take NAME for
 * it.
 */
function prepare(argv: readonly string[]): string[] {
  const end = argv.includes("--") ? argv.indexOf("--") : argv.length;
  const words = argv.slice(0, end).map(straightenWord);
  const withDuration = (word: string, index: number): string => {
    const duration = DURATIONS[word];
    const isBare = duration !== undefined && parseDuration(words[index + 1] ?? "") === undefined;
    return isBare ? `${word}=${duration}` : word;
  };
  return [...words.map(withDuration), ...argv.slice(end)];
}

function refusal(error: CommanderError, words: readonly string[], help: string): ParsedCommand {
  const isHelp = HELP_CODES.has(error.code);
  const message = isHelp ? "the command is incomplete" : error.message.replace(/^error: /, "");
  const [, flag = ""] = /'(?:-\w, )?(--?[a-zA-Z][\w-]*)/.exec(message) ?? [];
  const [, value = ""] = /'([^'-][^']*)' is invalid/.exec(message) ?? [];
  const problem: Problem = {
    flag,
    value: shown(value),
    message: shown(message.replaceAll("\n", " "), MAX_MESSAGE_LENGTH),
  };
  return { ok: false, problems: [problem], help, output: outputOf(words) };
}

/** Usage of the innermost command that the words name. */
function helpFor(program: ReturnType<typeof buildProgram>, words: readonly string[]): string {
  let current = program;
  for (const word of words) {
    const next = current.commands.find((candidate) => candidate.name() === word || candidate.aliases().includes(word));
    if (!next) break;
    current = next;
  }
  return current.helpInformation();
}

/** The format that was asked for even though the rest could not be understood. */
function outputOf(words: readonly string[]): OutputFormat {
  const text = words.join(" ");
  const [, asked] = /(?:^| )(?:-o|--output)[ =]?(\w+)/.exec(text) ?? [];
  return OUTPUT_FORMATS.find((format) => format === asked) ?? "table";
}
