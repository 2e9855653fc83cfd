import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { CreateCluster } from "../../functions/domain/grammar/command.ts";
import { type ParsedSpec, specFromDocument, specFromFlags } from "../../functions/domain/parse-spec.ts";
import { planCluster } from "../../functions/domain/plan.ts";
import type { PlannedCluster } from "../../functions/domain/plan-types.ts";
import { renderDocument, renderPlan, renderRefusal } from "../../functions/domain/render/render.ts";
import type { Problem } from "../../functions/domain/spec.ts";
import { OperationViewSchema, PlannedClusterSchema } from "../../functions/domain/view-schemas.ts";
import type { OperationView } from "../../functions/domain/views.ts";
import { ApiRefused, ApiUnreachable } from "../api-errors.ts";
import { clusterText } from "../cluster-text.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { progressFor } from "../progress.ts";
import type { Session } from "../session.ts";
import { waitUntilActive } from "../wait.ts";

/** A plan is drawn no wider than this, however wide the terminal is. */
const DRAWING_COLUMNS = 120;

/** `--dry-run` is pure; without `--yes` the account is checked too; with it the cluster is created. */
export async function createCluster(command: CreateCluster, session: Session): Promise<ExitCode> {
  const parsed = await readSpec(command, session);
  if (!parsed.ok) return refuse(parsed.problems, command, session);
  const planned = planCluster(parsed.spec, parsed.warnings);
  try {
    if (command.dryRun) return show(planned, command, session);
    if (!command.yes) return show(await planWithAccount(planned, parsed.warnings, session), command, session, true);
    return await create(planned, command, session);
  } catch (error) {
    if (!(error instanceof ApiRefused) || !error.document.problems) throw error;
    return refuse(error.document.problems, command, session);
  }
}

async function readSpec(command: CreateCluster, session: Session): Promise<ParsedSpec> {
  if (command.filename !== null) return readSpecFile(command.filename);
  const named = command.flags.some(({ flag }) => flag === "NAME" || flag === "--name");
  const inherited = session.environment["KOPS_CLUSTER_NAME"];
  if (named || !inherited) return specFromFlags(command.flags);
  return specFromFlags([{ flag: "KOPS_CLUSTER_NAME", value: inherited }, ...command.flags]);
}

/** YAML, of which JSON is a part. */
async function readSpecFile(filename: string): Promise<ParsedSpec> {
  const refusal = (message: string): ParsedSpec => {
    return { ok: false, problems: [{ flag: "--filename", value: filename, message: `--filename: ${message}` }] };
  };
  let text: string;
  try {
    text = await readFile(filename, "utf8");
  } catch {
    return refusal(`cannot read ${filename}`);
  }
  const document = parseDocument(text);
  const [error] = document.errors;
  return error ? refusal(`${filename} is not YAML: ${error.message}`) : specFromDocument(document.toJS());
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

function show(planned: PlannedCluster, command: CreateCluster, session: Session, preview = false): ExitCode {
  session.terminal.out(renderPlan(planned, command.output, Math.min(session.terminal.columns, DRAWING_COLUMNS)));
  if (preview) session.terminal.note("Nothing was changed. Add --yes to create the cluster.");
  return EXIT.done;
}

async function create(planned: PlannedCluster, command: CreateCluster, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  for (const warning of planned.warnings) terminal.note(`warning: ${warning}`);
  const operation = await api.post("/clusters", { spec: planned.spec }, OperationViewSchema);
  if (command.waitMs === null) return showOperation(operation, command, session);
  const forPeople = command.output === "table";
  // With -o json standard output holds one document, so the progress goes to standard error, line by line.
  const progress = forPeople
    ? progressFor(terminal, terminal.out, Date.now)
    : progressFor({ ...terminal, interactive: false }, (text) => terminal.note(text.trimEnd()), Date.now);
  const cluster = await waitUntilActive(api, operation, command.waitMs, progress);
  if (command.output === "table") terminal.out(`\n${clusterText(cluster, terminal)}`);
  else terminal.out(renderDocument(cluster, command.output));
  return EXIT.done;
}

function showOperation(operation: OperationView, command: CreateCluster, { terminal }: Session): ExitCode {
  if (command.output === "table") {
    terminal.out(`operation ${operation.id} creates ${operation.cluster}\n`);
    terminal.note(`Follow it with: holdfast validate cluster ${operation.cluster} --wait`);
  } else terminal.out(renderDocument(operation, command.output));
  return EXIT.done;
}

function refuse(problems: readonly Problem[], command: CreateCluster, { terminal }: Session): ExitCode {
  const text = renderRefusal(problems, command.output);
  if (command.output === "table") terminal.note(text.trimEnd());
  else terminal.out(text);
  return EXIT.badUsage;
}
