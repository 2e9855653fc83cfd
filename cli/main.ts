import { readFile } from "node:fs/promises";
import { ApiClient } from "../client/api-client.ts";
import { CommandFailed } from "../client/api-errors.ts";
import { apiTarget } from "../client/api-target.ts";
import { execute } from "../client/execute.ts";
import { EXIT } from "../client/exit-codes.ts";
import type { Command, OutputFormat } from "../client/grammar/command.ts";
import { parseCommand } from "../client/grammar/parse-command.ts";
import { renderDocument, renderRefusal } from "../client/render/render.ts";
import type { Session } from "../client/session.ts";
import { processTerminal, type Terminal } from "../client/terminal.ts";
import { runProgram } from "./child.ts";
import { local } from "./commands/local.ts";
import { completionScript, suggest } from "./completion.ts";
import { applyProfile, GLOBAL_OPTIONS, splitGlobals } from "./settings.ts";

/** The command line of this process. Sets the exit code and lets pending output drain. */
export async function run(): Promise<void> {
  // A reader such as `head` that has seen enough is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  process.exitCode = await main(process.argv.slice(2), process.env, processTerminal());
}

/** Executes one command. The exit code (docs/cli.md). */
export async function main(
  argv: readonly string[],
  environment: Session["environment"],
  terminal: Terminal,
): Promise<number> {
  let output: OutputFormat = "table";
  try {
    const { words, ...asked } = splitGlobals(argv);
    // Asked by a shell, not by a person; the grammar has no such word.
    if (words[0] === "complete") return await suggest(words, apiTarget(await applyProfile(environment, asked)));
    const parsed = parseCommand(words);
    if (!parsed.ok) {
      if (parsed.output === "table")
        terminal.note(`${renderRefusal(parsed.problems, "table")}\n${parsed.help.trimEnd()}`);
      else terminal.out(renderRefusal(parsed.problems, parsed.output));
      return EXIT.badUsage;
    }
    if ("output" in parsed.command) output = parsed.command.output;
    const settings = await applyProfile(environment, asked);
    const target = apiTarget(settings);
    return await dispatch(parsed.command, { api: new ApiClient(target), target, terminal, environment: settings });
  } catch (error) {
    return report(error, output, terminal);
  }
}

async function dispatch(command: Command, session: Session): Promise<number> {
  switch (command.kind) {
    case "local":
      return local(command.args, session);
    case "demo":
      return runProgram("scripts/demo.ts", command.args);
    case "completion":
      return completionScript(command.args);
    case "export-kubeconfig":
      // What makes keys takes long to load, and no other command makes any.
      return (await import("../client/commands/export-kubeconfig.ts")).exportKubeconfig(command, session);
    case "help":
      session.terminal.out(`${command.text.trimEnd()}\n${globalHelp()}`);
      return EXIT.done;
    case "version":
      session.terminal.out(`holdfast ${await version()}\n`);
      return EXIT.done;
    default:
      return execute(command, session);
  }
}

function globalHelp(): string {
  const lines = GLOBAL_OPTIONS.map(([flags, description]) => `  ${flags.padEnd(18)} ${description}`);
  return `\nWith every command:\n${lines.join("\n")}\n`;
}

/** One sentence on standard error, and the problem document on standard output for those who asked for a document. */
function report(error: unknown, output: OutputFormat, terminal: Terminal): number {
  if (!(error instanceof CommandFailed)) throw error;
  terminal.note(`error: ${error.message}`);
  if (output !== "table") terminal.out(renderDocument(error.document, output));
  return error.exitCode;
}

async function version(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  const [, found = "unknown"] = /"version": "([^"]+)"/.exec(text) ?? [];
  return found;
}
