import {
  type BackupView,
  BackupViewSchema,
  ClusterViewSchema,
  OperationViewSchema,
} from "../../functions/domain/api/views.ts";
import { backupId } from "../../functions/domain/backup/manifest.ts";
import { CommandFailed } from "../api-errors.ts";
import { backupsText, backupText, drillText } from "../backup-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type {
  BackupCluster,
  DescribeBackup,
  DrillCluster,
  GetBackups,
  OutputFormat,
  PinBackup,
} from "../grammar/command.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { WIDE } from "../tables.ts";
import { waitUntilEnded } from "../wait.ts";
import { announceOperation, progressOf } from "./follow-operation.ts";

function pathOf(cluster: string, ...rest: string[]): string {
  return ["", "clusters", cluster, ...rest].map(encodeURIComponent).join("/");
}

/** Prints the operation; with `--wait` the newest backup once it has ended. */
export async function backupCluster({ name, waitMs, output }: BackupCluster, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  const operation = await api.post(pathOf(name, "backup"), undefined, OperationViewSchema);
  const forPeople = output === "table";
  if (waitMs === null) return announceOperation(operation, `takes a backup of ${name}`, output, session);
  await waitUntilEnded(api, operation, progressOf(output, session), terminal, waitMs);
  const backups = await api.list(pathOf(name, "backups"), BackupViewSchema);
  // Others may have been taken at the same time.
  const id = backupId(operation.startedAt, operation.id);
  const taken = backups.find((each) => each.id === id);
  if (!taken) throw new CommandFailed(`backup ${id} was taken, and is not there any more`, EXIT.failed);
  terminal.out(forPeople ? `\nbackup ${taken.id} is taken\n` : renderDocument(taken, output));
  return EXIT.done;
}

/** Prints the operation; with `--wait` the backup that was tried, and fails if its drill did. */
export async function drillCluster(
  { name, backup, level, waitMs, output }: DrillCluster,
  session: Session,
): Promise<ExitCode> {
  const { api, terminal } = session;
  const body = { level, ...(backup === null ? {} : { backup }) };
  const operation = await api.post(pathOf(name, "drill"), body, OperationViewSchema);
  if (waitMs === null) return announceOperation(operation, `tries a backup of ${name}`, output, session);
  await waitUntilEnded(api, operation, progressOf(output, session), terminal, waitMs);
  const backups = await api.list(pathOf(name, "backups"), BackupViewSchema);
  const tried = backups.find(({ verified }) => verified.drill?.operation === operation.id);
  if (!tried) throw new CommandFailed("the backup that was tried is not there any more", EXIT.failed);
  if (output === "table") terminal.out(`\nbackup ${tried.id}: drill ${drillText(tried)}\n`);
  else terminal.out(renderDocument(tried, output));
  return EXIT.done;
}

export async function getBackups({ name, output, wide }: GetBackups, { api, terminal }: Session): Promise<ExitCode> {
  const names = name === null ? (await api.list("/clusters", ClusterViewSchema)).map((each) => each.name) : [name];
  const items: BackupView[] = [];
  for (const each of names) items.push(...(await api.list(pathOf(each, "backups"), BackupViewSchema)));
  if (output === "table") terminal.out(backupsText(items, wide ? WIDE : terminal.columns, name === null));
  else terminal.out(renderDocument({ items }, output));
  return EXIT.done;
}

export async function describeBackup(command: DescribeBackup, session: Session): Promise<ExitCode> {
  const backup = await session.api.get(pathOf(command.name, "backups", command.id), BackupViewSchema);
  return print(backup, command.output, session);
}

export async function pinBackup({ name, id, pinned, output }: PinBackup, session: Session): Promise<ExitCode> {
  const backup = await session.api.patch(pathOf(name, "backups", id), { pinned }, BackupViewSchema, null);
  if (output !== "table") return print(backup, output, session);
  session.terminal.out(`backup ${id} of ${name} is ${pinned ? "pinned" : "no longer pinned"}\n`);
  return EXIT.done;
}

function print(
  backup: Parameters<typeof backupText>[0],
  output: OutputFormat,
  { terminal }: Pick<Session, "terminal">,
): ExitCode {
  terminal.out(output === "table" ? backupText(backup, terminal) : renderDocument(backup, output));
  return EXIT.done;
}
