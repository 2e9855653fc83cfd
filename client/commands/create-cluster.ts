import { OperationViewSchema } from "../../functions/domain/api/views.ts";
import { planCluster } from "../../functions/domain/plan/plan.ts";
import { type PlannedCluster, PlannedClusterSchema } from "../../functions/domain/plan/plan-types.ts";
import { type ParsedSpec, type RefusedSpec, specFromFlags } from "../../functions/domain/spec/parse-spec.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { ApiRefused, ApiUnreachable, CommandFailed } from "../api-errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import type { CreateCluster } from "../grammar/command.ts";
import type { Session } from "../session.ts";
import { followOperation } from "./follow-operation.ts";
import { namedFlags, readSpecFile, showPlan, showRefusal } from "./spec-command.ts";

/** The status of a refused spec. */
const UNPROCESSABLE = 422;
const BAD_REQUEST = 400;

/** `--dry-run` is pure; without `--yes` the account is checked too; with it the cluster is created. */
export async function createCluster(command: CreateCluster, session: Session): Promise<ExitCode> {
  if (command.fromBackup) {
    const { createFromBackup } = await import("./create-from-backup.ts");
    return createFromBackup(command, command.fromBackup, session);
  }
  const { parsed, request } = await readSpec(command, session);
  if (!parsed.ok || command.problems.length > 0) {
    const known: Known =
      parsed.ok || command.dryRun ? { problems: problemsOf(parsed) } : await withAccount(parsed, request, session);
    const code = showRefusal([...command.problems, ...known.problems], command, session);
    if (known.note !== undefined) session.terminal.note(known.note);
    return code;
  }
  const planned = planCluster(parsed.spec, parsed.warnings);
  try {
    if (command.dryRun) return showPlan(planned, command, session);
    if (!command.yes) return showPlan(await planWithAccount(planned, parsed.warnings, session), command, session, true);
    return await create(planned, command, session);
  } catch (error) {
    if (!(error instanceof ApiRefused) || !error.document.problems) throw error;
    return showRefusal(error.document.problems, command, session);
  }
}

/** What was asked for, and how to ask the API for its plan in the same words; undefined if there are none. */
async function readSpec(
  command: CreateCluster,
  session: Session,
): Promise<{ readonly parsed: ParsedSpec; readonly request: object | undefined }> {
  if (command.filename === null) {
    const flags = namedFlags(command, session);
    return { parsed: specFromFlags(flags), request: { flags } };
  }
  const { document, ...parsed } = await readSpecFile(command.filename);
  return { parsed, request: document === undefined ? undefined : { spec: document } };
}

function problemsOf(parsed: ParsedSpec): readonly Problem[] {
  return parsed.ok ? [] : parsed.problems;
}

/** All that is wrong in one answer: the API names what the account lacks as well. Without it the spec's own remain. */
async function withAccount({ problems }: RefusedSpec, request: object | undefined, { api }: Session): Promise<Known> {
  try {
    if (request !== undefined) await api.post("/plan", request, PlannedClusterSchema);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    if (error instanceof ApiRefused && error.status === UNPROCESSABLE)
      return { problems: error.document.problems ?? problems };
    // What is too long or too much for a request is among the problems here, in the words of the command line.
    if (error instanceof ApiRefused && error.status === BAD_REQUEST) return { problems };
    return { problems, note: `note: the account was not checked (${error.message})` };
  }
  return { problems };
}

/** What is wrong, and for people what could not be checked. */
interface Known {
  readonly problems: readonly Problem[];
  readonly note?: string;
}

/** The API's plan knows the account; when nobody answers, the local one has to do. */
async function planWithAccount(
  planned: PlannedCluster,
  typed: readonly string[],
  session: Session,
): Promise<PlannedCluster> {
  try {
    const answer = await session.api.post("/plan", { spec: planned.spec }, PlannedClusterSchema);
    return { ...answer, warnings: [...typed, ...answer.warnings] };
  } catch (error) {
    if (!(error instanceof ApiUnreachable)) throw error;
    session.terminal.note(`note: the plan is not checked against the account (${error.message})`);
    return planned;
  }
}

async function create(planned: PlannedCluster, command: CreateCluster, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  for (const warning of planned.warnings) terminal.note(`warning: ${warning}`);
  const operation = await api.post("/clusters", { spec: planned.spec }, OperationViewSchema);
  return followOperation(operation, `creates ${operation.cluster}`, command, session);
}
