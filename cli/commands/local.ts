import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import * as z from "zod";
import { CommandFailed } from "../api-errors.ts";
import { runProgram } from "../child.ts";
import { EXIT } from "../exit-codes.ts";
import type { Session } from "../session.ts";
import { type LocalCommand, parseLocalArguments } from "./local-arguments.ts";

/** What a program on a host of the local cloud said. */
const ShellAnswer = z.looseObject({ stdout: z.string(), stderr: z.string(), exitCode: z.int() });

/** Runs the local cloud, or talks to the one that runs. The exit code is that of the program on the host. */
export async function local(args: readonly string[], session: Session): Promise<number> {
  const command = parseLocalArguments(args);
  switch (command.kind) {
    case "run":
      return runProgram("local/main.ts", command.args);
    case "etcdctl":
      return post(session, { cluster: command.cluster, member: null, command: ["etcdctl", ...command.args] });
    case "shell":
      return shell(command, session);
    case "seed":
      return seed(command.filename, session);
    case "help":
      session.terminal.out(command.text);
      return EXIT.done;
    case "bad-usage":
      session.terminal.note(command.text.trimEnd());
      return EXIT.badUsage;
  }
}

async function shell(command: Extract<LocalCommand, { kind: "shell" }>, session: Session): Promise<number> {
  const { cluster, member, args } = command;
  if (args.length > 0) return post(session, { cluster, member, command: args });
  let exitCode = 0;
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    if (line.trim() !== "") exitCode = await post(session, { cluster, member, command: ["sh", "-c", line] });
  }
  return exitCode;
}

/** `member` null: on a host that is set up to reach all members. */
async function post(
  session: Session,
  body: { cluster: string; member: string | null; command: readonly string[] },
): Promise<number> {
  onlyLocal(session);
  const answer = await session.api.post("/_local/shell", body, ShellAnswer);
  session.terminal.out(answer.stdout);
  if (answer.stderr !== "") session.terminal.note(answer.stderr.trimEnd());
  return answer.exitCode;
}

async function seed(filename: string, session: Session): Promise<number> {
  onlyLocal(session);
  let document: unknown;
  try {
    document = JSON.parse(await readFile(filename, "utf8"));
  } catch (error) {
    throw new CommandFailed(`cannot read ${filename} as JSON: ${String(error)}`, EXIT.badUsage);
  }
  await session.api.post("/_local/seed", document, z.unknown());
  return EXIT.done;
}

function onlyLocal({ target }: Session): void {
  if (target.local) return;
  throw new CommandFailed(`${target.url} is not a local cloud; unset HOLDFAST_API`, EXIT.badUsage);
}
