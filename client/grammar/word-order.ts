import type { Command as CommanderCommand } from "commander";

/**
 * Brings the words that name the command to the front. As in kops, flags may stand before them and between them:
 * `--name ha create cluster`.
 */
export function commandFirst(words: readonly string[], program: CommanderCommand): string[] {
  const bare = switchesOf(program);
  const path: number[] = [];
  let command = program;
  for (let index = 0; index < words.length && command.commands.length > 0; index++) {
    const word = words[index] ?? "";
    if (word === "--") break;
    if (word.startsWith("-")) {
      if (!takesNext(word, bare)) continue;
      // A word that could follow is the flag's value, but for a command after a flag that nobody knows.
      const isCommand = find(command, words[index + 1] ?? "") !== undefined && !bare.known.has(word);
      if (!isCommand) index++;
      continue;
    }
    const next = find(command, word);
    if (next === undefined) break;
    path.push(index);
    command = next;
  }
  const named = path.flatMap((index) => words[index] ?? []);
  return [...named, ...words.filter((_, index) => !path.includes(index))];
}

interface Flags {
  readonly known: ReadonlySet<string>;
  /** Those without a value. */
  readonly switches: ReadonlySet<string>;
}

function takesNext(word: string, { switches }: Flags): boolean {
  const isAlone = word.startsWith("--") ? !word.includes("=") : word.length === 2;
  return isAlone && !switches.has(word);
}

function switchesOf(program: CommanderCommand): Flags {
  const options = everyCommand(program).flatMap((command) => command.options);
  const spelled = (of: typeof options) =>
    of.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined));
  const switches = options.filter(({ required, optional }) => !required && !optional);
  return { known: new Set(spelled(options)), switches: new Set([...spelled(switches), "-h", "--help"]) };
}

function everyCommand(command: CommanderCommand): CommanderCommand[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function find(command: CommanderCommand, word: string): CommanderCommand | undefined {
  return command.commands.find((candidate) => candidate.name() === word || candidate.aliases().includes(word));
}
