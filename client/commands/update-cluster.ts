import * as z from "zod";
import { type ClusterView, ClusterViewSchema, OperationViewSchema } from "../../functions/domain/api/views.ts";
import { planCluster } from "../../functions/domain/plan/plan.ts";
import { PlannedClusterSchema } from "../../functions/domain/plan/plan-types.ts";
import { type ParsedSpec, specFromPatch } from "../../functions/domain/spec/parse-spec.ts";
import { labelChanges } from "../../functions/domain/spec/rules/cluster-labels.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { evaluateChange, type SpecChange } from "../../functions/domain/spec/spec-change.ts";
import { ApiRefused, notFound } from "../api-errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { UpdateCluster } from "../grammar/command.ts";
import { renderChanges } from "../render/changes.ts";
import { costChangeLines } from "../render/cost-text.ts";
import type { Session } from "../session.ts";
import { followOperation } from "./follow-operation.ts";
import { namedFlags, readSpecFile, showRefusal } from "./spec-command.ts";

const Labels = z.record(z.string(), z.string()).nullable();

/** An operation, or the cluster as it is when there is nothing to do. */
const Answer = z.union([OperationViewSchema, ClusterViewSchema]);

/** Reads the cluster, holds the wish against it, shows the difference; with `--yes` carries it out. */
export async function updateCluster(command: UpdateCluster, session: Session): Promise<ExitCode> {
  const wish = await readWish(command, session);
  if ("problems" in wish) return showRefusal([...command.problems, ...wish.problems], command, session);
  const path = `/clusters/${encodeURIComponent(wish.name)}`;
  const { value: cluster, etag } = await session.api.getTagged(path, ClusterViewSchema);
  // As the API says it of a change: what is known of a deleted cluster is history.
  if (cluster.status === "DELETED") throw notFound(`there is no cluster ${cluster.name}`);
  const parsed = wish.specFor(cluster);
  const problems = [...command.problems, ...(parsed.ok ? [] : parsed.problems)];
  if (!parsed.ok || problems.length > 0) return showRefusal(problems, command, session);
  const evaluated = evaluateChange(cluster.spec, parsed.spec);
  if (!evaluated.ok) return showRefusal(evaluated.problems, command, session);
  for (const warning of parsed.warnings) session.terminal.note(`warning: ${warning}`);
  try {
    if (command.dryRun || !command.yes) {
      const cost = costChangeLines(planCluster(cluster.spec).plan.cost, planCluster(parsed.spec).plan.cost);
      // Held against the account too, so that --yes is not refused for what the plan could have said.
      if (evaluated.changes.length > 0)
        await session.api.patch(path, { spec: patchOf(evaluated.changes), dryRun: true }, PlannedClusterSchema, etag);
      return preview(cluster, evaluated.changes, cost, command, session);
    }
    const answer =
      evaluated.changes.length === 0
        ? await session.api.post(`${path}/resume`, {}, Answer)
        : await session.api.patch(path, { spec: patchOf(evaluated.changes) }, Answer, etag);
    const started = OperationViewSchema.safeParse(answer).data;
    if (started) return await followOperation(started, `brings ${cluster.name} to its spec`, command, session);
    session.terminal.out(renderChanges(cluster, evaluated.changes, command.output));
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof ApiRefused) || !error.document.problems) throw error;
    return showRefusal(error.document.problems, command, session);
  }
}

type Wish =
  | { readonly problems: readonly Problem[] }
  | { readonly name: string; readonly specFor: (cluster: ClusterView) => ParsedSpec };

/** A file is the whole spec; flags are changes of the one that is stored. */
async function readWish(command: UpdateCluster, session: Session): Promise<Wish> {
  if (command.filename !== null) {
    const parsed = await readSpecFile(command.filename);
    return parsed.ok ? { name: parsed.spec.name, specFor: () => parsed } : { problems: parsed.problems };
  }
  const flags = namedFlags(command, session);
  const named = flags.find(({ flag }) => ["NAME", "--name", "KOPS_CLUSTER_NAME"].includes(flag));
  if (named) return { name: named.value, specFor: ({ spec }) => specFromPatch(spec, { flags }) };
  return { problems: [{ flag: "NAME", value: "", message: "NAME: the name of a cluster is required" }] };
}

function patchOf(changes: readonly SpecChange[]): Record<string, unknown> {
  return Object.fromEntries(changes.map((change) => [change.field, patchedValue(change)]));
}

/** Labels are changed one by one, so that those of somebody else stay. */
function patchedValue({ field, from, to }: SpecChange): unknown {
  return field === "labels" ? labelChanges(Labels.parse(from), Labels.parse(to)) : to;
}

function preview(
  cluster: ClusterView,
  changes: readonly SpecChange[],
  cost: readonly string[],
  { output }: UpdateCluster,
  { terminal }: Session,
): ExitCode {
  terminal.out(renderChanges(cluster, changes, output, cost));
  const { operation } = cluster;
  if (changes.length > 0 || (cluster.reason !== null && operation === null))
    terminal.note("Nothing was changed. Add --yes to do it.");
  if (operation !== null) {
    if (changes.length > 0)
      terminal.note(`note: operation ${operation} holds the cluster; --yes may be refused until it has ended`);
    terminal.note(`Follow it with: holdfast get operations ${operation} --follow`);
  }
  return EXIT.done;
}
