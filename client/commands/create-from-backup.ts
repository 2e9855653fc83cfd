import { OperationViewSchema } from "../../functions/domain/api/views.ts";
import { BACKUP_ID } from "../../functions/domain/backup/manifest.ts";
import { PlannedClusterSchema } from "../../functions/domain/plan/plan-types.ts";
import { whyNotThisWay } from "../../functions/domain/restore/takeover.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { ClusterName } from "../../functions/domain/spec/value-schemas.ts";
import { ApiRefused } from "../api-errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { CreateCluster, FromBackup } from "../grammar/command.ts";
import type { Session } from "../session.ts";
import { followOperation } from "./follow-operation.ts";
import { namedFlags, readSpecFile, showPlan, showRefusal } from "./spec-command.ts";

/**
 * A new cluster with a backup's data. The API knows the backup and the spec of its cluster, so it reads what was typed;
 * without `--yes` it says what is lost and what stays behind.
 */
export async function createFromBackup(
  command: CreateCluster,
  { source, mode }: FromBackup,
  session: Session,
): Promise<ExitCode> {
  const named = sourceOf(source);
  const problems = [...command.problems, ...problemsOf(command, source, named, mode)];
  const request = problems.length > 0 ? undefined : await requestOf(command, session);
  if (!named || !request?.ok) {
    return showRefusal([...problems, ...(request && !request.ok ? request.problems : [])], command, session);
  }
  const fromBackup = { ...named, mode };
  const { api, terminal } = session;
  try {
    const planned = await api.post("/plan", { ...request.body, fromBackup }, PlannedClusterSchema);
    if (!command.yes) return showPlan(planned, command, session, true);
    for (const warning of planned.warnings) terminal.note(`warning: ${warning}`);
    const operation = await api.post("/clusters", { spec: planned.spec, fromBackup }, OperationViewSchema);
    return await followOperation(operation, `creates ${operation.cluster} from ${source}`, command, session);
  } catch (error) {
    if (!(error instanceof ApiRefused) || !error.document.problems) throw error;
    return showRefusal(error.document.problems, command, session);
  }
}

interface Source {
  readonly cluster?: string;
  readonly backup: string;
}

/** `[CLUSTER/]ID`, or `latest` in place of the id. */
function sourceOf(text: string): Source | undefined {
  const [backup = "", cluster, ...more] = text.split("/").toReversed();
  if (more.length > 0 || (backup !== "latest" && !BACKUP_ID.test(backup))) return undefined;
  if (cluster === undefined) return { backup };
  return ClusterName.safeParse(cluster).success ? { cluster, backup } : undefined;
}

function problemsOf(
  { dryRun }: CreateCluster,
  value: string,
  source: Source | undefined,
  mode: FromBackup["mode"],
): Problem[] {
  const flag = "--from-backup";
  const refuse = (message: string): Problem => ({ flag, value, message: `${flag}: ${message}` });
  const way = whyNotThisWay(value, mode);
  return [
    ...(source
      ? []
      : [refuse(`"${value}" is not a backup; expected its id or latest, or CLUSTER/ID for one of another name`)]),
    ...(way ? [way] : []),
    ...(dryRun
      ? [refuse("--dry-run contacts nothing, and the backup is in the account; without --yes nothing is changed")]
      : []),
  ];
}

/** What was typed of the spec, for the API to read. */
async function requestOf(command: CreateCluster, session: Session) {
  if (command.filename === null) return { ok: true, body: { flags: namedFlags(command, session) } } as const;
  const { document, ...parsed } = await readSpecFile(command.filename);
  if (document !== undefined) return { ok: true, body: { spec: document } } as const;
  return { ok: false, problems: parsed.ok ? [] : parsed.problems } as const;
}
