import { readFile } from "node:fs/promises";
import { CommandFailed } from "../client/api-errors.ts";
import { apiTarget } from "../client/api-target.ts";
import type { SettingsOf } from "../client/endpoint-sessions.ts";
import { EXIT } from "../client/exit-codes.ts";
import type { Command, OutputFormat } from "../client/grammar/command.ts";
import { outputOf } from "../client/grammar/output-formats.ts";
import type { Session } from "../client/session.ts";
import { printable, processTerminal, type Terminal } from "../client/terminal.ts";
import { applyProfile, GLOBAL_OPTIONS, settingsFor, splitGlobals } from "./settings.ts";

/** The version of the package that npm installs; scripts/package.ts puts it here. A checkout has none. */
declare const PACKAGED_VERSION: string | undefined;

const ASKS_VERSION = new Set(["version", "--version", "-V"]);

/** The command line of this process. Sets the exit code and lets pending output drain. */
export async function run(): Promise<void> {
  // A reader such as `head` that has seen enough is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  process.exitCode = await main(process.argv.slice(2), process.env, processTerminal());
  // Nobody waits for the answer to a question that was given up.
  if (process.exitCode === EXIT.interrupted) process.exit();
}

/**
 * Executes one command. The exit code (docs/cli.md). Modules are loaded when they are needed, since schemas, grammar and
 * SDK take several times as long to load as Node itself.
 */
export async function main(
  argv: readonly string[],
  environment: Session["environment"],
  terminal: Terminal,
): Promise<number> {
  let output = outputOf(argv);
  try {
    const { words, ...asked } = splitGlobals(argv);
    if (words.length === 1 && ASKS_VERSION.has(words[0] ?? "")) return await showVersion(terminal);
    // Asked by a shell, not by a person; the grammar has no such word.
    if (words[0] === "complete") {
      const target = apiTarget(await applyProfile(environment, asked));
      return await (await import("./completion.ts")).suggest(words, target);
    }
    const { parseCommand } = await import("../client/grammar/parse-command.ts");
    const parsed = parseCommand(words);
    if (!parsed.ok) {
      const { renderRefusal } = await import("../client/render/render.ts");
      if (parsed.output === "table")
        terminal.note(`${renderRefusal(parsed.problems, "table")}\n${parsed.help.trimEnd()}`);
      else terminal.out(renderRefusal(parsed.problems, parsed.output));
      return EXIT.badUsage;
    }
    output = "output" in parsed.command ? parsed.command.output : "table";
    const settings = await applyProfile(environment, asked);
    const target = apiTarget(settings);
    const { ApiClient } = await import("../client/api-client.ts");
    const session = { api: new ApiClient(target), target, terminal, environment: settings };
    return await dispatch(parsed.command, session, ({ api }, from) => settingsFor(from, asked, api));
  } catch (error) {
    return await report(error, output, terminal);
  }
}

async function dispatch(command: Command, session: Session, settingsOf: SettingsOf): Promise<number> {
  switch (command.kind) {
    case "local":
      if (typeof PACKAGED_VERSION === "string") throw needsCheckout("local", "npm run local");
      else return (await import("./commands/local.ts")).local(command.args, session);
    case "demo":
      if (typeof PACKAGED_VERSION === "string") throw needsCheckout("demo", "npm run demo");
      else return (await import("./child.ts")).runProgram("scripts/demo.ts", command.args);
    case "completion":
      return (await import("./completion.ts")).completionScript(command.args, session.terminal.out);
    case "export-kubeconfig":
      return (await import("../client/commands/export-kubeconfig.ts")).exportKubeconfig(command, session, {
        program: ownProgram(),
        settingsOf,
      });
    case "register-fleet":
      return (await import("../client/commands/register-fleet.ts")).registerFleet(command, session, settingsOf);
    case "credential":
      return (await import("./commands/credential.ts")).printCredential(command, session, settingsOf);
    case "console":
      return (await import("./commands/console.ts")).openConsole(command, session);
    case "help":
      session.terminal.out(`${command.text.trimEnd()}\n${globalHelp()}`);
      return EXIT.done;
    case "version":
      return showVersion(session.terminal);
    default:
      return (await import("../client/execute.ts")).execute(command, session);
  }
}

/** How others start this program: by the path under which it was found, also if that is on nobody's PATH. */
function ownProgram(): string {
  return process.argv[1] ?? "holdfast";
}

function globalHelp(): string {
  const lines = GLOBAL_OPTIONS.map(([flags, description]) => `  ${flags.padEnd(18)} ${description}`);
  return `\nWith every command:\n${lines.join("\n")}\n`;
}

/** One sentence on standard error, and the problem document on standard output for those who asked for a document. */
async function report(error: unknown, output: OutputFormat, terminal: Terminal): Promise<number> {
  if (!(error instanceof CommandFailed)) throw error;
  // What hosts and APIs said may hold a terminal's control characters.
  const message = error.message.split("\n").map(printable).join("\n");
  // Who presses Ctrl-C has made no error.
  terminal.note(error.exitCode === EXIT.interrupted ? `\n${message}` : `error: ${message}`);
  if (output !== "table") {
    const { renderDocument } = await import("../client/render/render.ts");
    terminal.out(renderDocument(error.document, output));
  }
  return error.exitCode;
}

function needsCheckout(command: string, inCheckout: string): CommandFailed {
  const advice = `clone the repository and run there: npm ci && ${inCheckout}`;
  return new CommandFailed(`holdfast ${command} is not part of the npm package; ${advice}`, EXIT.failed);
}

async function showVersion(terminal: Terminal): Promise<number> {
  terminal.out(`holdfast ${await version()}\n`);
  return EXIT.done;
}

async function version(): Promise<string> {
  if (typeof PACKAGED_VERSION === "string") return PACKAGED_VERSION;
  else {
    const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
    return /"version": "([^"]+)"/.exec(text)?.[1] ?? "unknown";
  }
}
