import { readFile } from "node:fs/promises";
import * as z from "zod";
import { CommandFailed } from "../../client/api-errors.ts";
import { EXIT } from "../../client/exit-codes.ts";
import type { Session } from "../../client/session.ts";
import { type ClusterView, ClusterViewSchema, type MemberView } from "../../functions/domain/api/views.ts";
import { runCommand, runProgram } from "../child.ts";
import { type LocalCommand, parseLocalArguments } from "./local-arguments.ts";
import { fault } from "./local-fault.ts";

/** A command of this machine that runs what was asked for on a host, with our terminal. */
const HostCommand = z.object({ command: z.string(), args: z.array(z.string()) });

/** Runs the local cloud, or talks to the one that runs. The exit code is that of the program on the host. */
export async function local(args: readonly string[], session: Session): Promise<number> {
  const command = parseLocalArguments(args);
  switch (command.kind) {
    case "run":
      return runProgram("local/main.ts", command.args);
    case "etcdctl":
      return etcdctl(command, session);
    case "shell":
      return shell(command, session);
    case "seed":
      return seed(command.filename, session);
    case "slack":
      return slack(command.line, session);
    case "credentials":
      return credentials(session);
    case "token":
      return token(command, session);
    case "fault":
    case "fault-list":
    case "fault-kinds":
    case "fault-clear":
      return fault(command, session);
    case "help":
      session.terminal.out(command.text);
      return EXIT.done;
    case "bad-usage":
      session.terminal.note(`${command.text.trimEnd()}\n\nHelp: holdfast local --help`);
      return EXIT.badUsage;
  }
}

/** The real etcdctl of a master, with its certificates, and with every member as an endpoint unless others are named. */
async function etcdctl({ cluster: name, args }: Extract<LocalCommand, { kind: "etcdctl" }>, session: Session) {
  const cluster = await getCluster(name, session);
  const running = cluster.members.filter(({ instanceId }) => instanceId !== null);
  const master = running.find(({ health }) => health === "healthy") ?? running[0];
  const endpoints = cluster.members.map(({ address }) => `https://${address}:2379`).join(",");
  const script = 'set -a; . /etc/holdfast/etcdctl; ETCDCTL_ENDPOINTS=$0; exec etcdctl "$@"';
  return onHost(session, name, master, ["bash", "-c", script, endpoints, ...args]);
}

async function shell({ cluster: name, member, args }: Extract<LocalCommand, { kind: "shell" }>, session: Session) {
  const cluster = await getCluster(name, session);
  const found = cluster.members.find((candidate) => candidate.name === member);
  if (!found) throw new CommandFailed(`${name} has no member ${member}`, EXIT.notFound);
  return onHost(session, name, found, args.length > 0 ? args : ["bash"]);
}

async function getCluster(name: string, session: Session): Promise<ClusterView> {
  if (!session.target.local) {
    throw new CommandFailed(`${session.target.url} is not a local cloud; unset HOLDFAST_API`, EXIT.badUsage);
  }
  return session.api.get(`/clusters/${encodeURIComponent(name)}`, ClusterViewSchema);
}

async function onHost(session: Session, cluster: string, member: MemberView | undefined, argv: readonly string[]) {
  if (!member?.instanceId) throw new CommandFailed(`no master of ${cluster} has an instance`, EXIT.failed);
  const body = { instanceId: member.instanceId, argv };
  const { command, args } = await session.api.post("/_shell", body, HostCommand);
  return runCommand(command, args);
}

async function token({ subject, claims }: Extract<LocalCommand, { kind: "token" }>, session: Session) {
  if (!session.target.local) {
    throw new CommandFailed(`${session.target.url} is not a local cloud; unset HOLDFAST_API`, EXIT.badUsage);
  }
  const { token: issued } = await session.api.post("/_issuer", { subject, claims }, z.object({ token: z.string() }));
  session.terminal.out(`${issued}\n`);
  return EXIT.done;
}

async function credentials({ target }: Session) {
  if (!target.local) throw new CommandFailed(`${target.url} is not a local cloud; unset HOLDFAST_API`, EXIT.badUsage);
  return runProgram("local/credentials.ts", [new URL(target.url).port]);
}

async function slack(line: string, session: Session) {
  if (!session.target.local) {
    throw new CommandFailed(`${session.target.url} is not a local cloud; unset HOLDFAST_API`, EXIT.badUsage);
  }
  const { localSlack } = await import("./local-slack.ts");
  return localSlack(line, session);
}

async function seed(filename: string, session: Session): Promise<number> {
  if (!session.target.local) {
    throw new CommandFailed(`${session.target.url} is not a local cloud; unset HOLDFAST_API`, EXIT.badUsage);
  }
  let document: unknown;
  try {
    document = JSON.parse(await readFile(filename, "utf8"));
  } catch (error) {
    throw new CommandFailed(`cannot read ${filename} as JSON: ${String(error)}`, EXIT.badUsage);
  }
  await session.api.post("/_seed", document, z.unknown());
  return EXIT.done;
}
