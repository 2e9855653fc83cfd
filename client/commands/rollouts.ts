import { FleetSummarySchema } from "../../functions/domain/api/fleet-views.ts";
import { PlannedRolloutSchema, type RolloutView, RolloutViewSchema } from "../../functions/domain/api/rollout-views.ts";
import { Strategy } from "../../functions/domain/fleet/strategy.ts";
import { fieldsFromFlags, isField } from "../../functions/domain/spec/fields.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { shown } from "../../functions/domain/spec/values.ts";
import { parseJson } from "../../functions/domain/text/parse-json.ts";
import { ApiRefused, CommandFailed } from "../api-errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { rolloutsText, rolloutText } from "../fleet-text.ts";
import type { OutputFormat } from "../grammar/command.ts";
import type { ActRollout, GetRollouts, RolloutFleet } from "../grammar/fleet-command.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { WIDE } from "../tables.ts";
import { fleetPath } from "./fleets.ts";
import { showRefusal } from "./spec-command.ts";
import { readStrategy } from "./strategy-file.ts";

/** Without `--yes` it shows the stages with their clusters. */
export async function rolloutFleet(command: RolloutFleet, session: Session): Promise<ExitCode> {
  const { fleet, yes, output } = command;
  const { change, problems } = changeOf(command);
  const file = await readStrategy(command.filename);
  const wrong = [...problems, ...file.problems];
  if (wrong.length > 0) return showRefusal(wrong, command, session);
  const stage = command.stage ? Strategy.safeParse({ stages: [command.stage] }).data : undefined;
  const strategy = file.value ?? stage;
  const body = { change, ...(strategy ? { strategy } : {}) };
  const path = fleetPath(fleet, "rollouts");
  try {
    if (!yes) return showPlan(await session.api.post(`${path}/plan`, body, PlannedRolloutSchema), output, session);
    const rollout = await session.api.post(path, body, RolloutViewSchema);
    show(rollout, output, session);
    session.terminal.note(`Follow it with: holdfast get rollouts ${fleet}`);
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof ApiRefused) || !error.document.problems) throw error;
    return showRefusal(error.document.problems, command, session);
  }
}

function showPlan(
  { rollout, left }: { readonly rollout: RolloutView; readonly left: readonly string[] },
  output: OutputFormat,
  session: Session,
): ExitCode {
  const { terminal } = session;
  if (output === "table") terminal.out(rolloutText(rollout, terminal, terminal.columns, true));
  else terminal.out(renderDocument({ rollout, left }, output));
  if (left.length > 0) terminal.note(`warning: no stage has ${left.join(", ")}: left as they are`);
  terminal.note("Nothing was changed. Add --yes to do it.");
  return EXIT.done;
}

/** Flags of a spec, and `--set field=value`, as a merge patch. */
function changeOf({ flags, sets }: Pick<RolloutFleet, "flags" | "sets">) {
  const findings = { problems: [] as Problem[], warnings: [] };
  const fields = fieldsFromFlags(flags, findings);
  const change = Object.fromEntries(Object.entries(fields).map(([field, { value }]) => [field, value]));
  for (const text of sets) {
    const [, field = "", value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    if (isField(field)) change[field] = parseJson(value) ?? value;
    else {
      const message = `--set: "${shown(text)}" is not field=value with a field of a spec, such as nodeCount=5`;
      findings.problems.push({ flag: "--set", value: shown(text), message });
    }
  }
  if (Object.keys(change).length === 0 && findings.problems.length === 0)
    findings.problems.push({ flag: "--set", value: "", message: "--set: say what is to be changed" });
  return { change, problems: findings.problems };
}

/** Of a fleet's newest, or of the one with this id. */
export async function actOnRollout(command: ActRollout, session: Session): Promise<ExitCode> {
  const { rollout: name, action, skip, check, yes, output } = command;
  const rollout = await rolloutNamed(name, session);
  if (!yes) {
    show(rollout, output, session);
    session.terminal.note(`Nothing was changed. Add --yes to ${action} it.`);
    return EXIT.done;
  }
  const more = action === "resume" && skip.length > 0 ? { skip } : {};
  const stage = action === "approve" ? { stage: waitingStage(rollout) } : {};
  const path = `/rollouts/${encodeURIComponent(rollout.id)}`;
  return show(
    await session.api.patch(path, { action, ...more, ...stage, ...check }, RolloutViewSchema, null),
    output,
    session,
  );
}

/** The stage that waits, or the last one that was approved: to approve it again changes nothing. */
function waitingStage({ id, state, strategy, clusters, approvals, pendingApproval }: RolloutView): string {
  const ended = new Set(["ok", "failed", "skipped"]);
  const open = new Set(clusters.filter((each) => !ended.has(each.state)).map(({ stage }) => stage));
  const waiting = state === "waiting-approval" ? strategy.stages.find(({ name }) => open.has(name))?.name : undefined;
  const stage = pendingApproval?.stage ?? waiting ?? approvals.at(-1)?.stage;
  if (stage === undefined)
    throw new CommandFailed(`roll-out ${id} is ${state}, and waits for no approval`, EXIT.conflict);
  return stage;
}

async function rolloutNamed(name: string, { api }: Session): Promise<RolloutView> {
  if (/^rollout-[0-9a-z]{26}$/.test(name)) return api.get(`/rollouts/${name}`, RolloutViewSchema);
  const [newest] = await api.list(fleetPath(name, "rollouts"), RolloutViewSchema);
  if (newest) return newest;
  throw new CommandFailed(`fleet ${name} has no roll-out`, EXIT.notFound);
}

/** One by its id; of a fleet the list, and in a table the newest in full; of all fleets the list. */
export async function getRollouts({ rollout, output, wide }: GetRollouts, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  const width = wide ? WIDE : terminal.columns;
  if (rollout !== null && /^rollout-[0-9a-z]{26}$/.test(rollout))
    return show(await rolloutNamed(rollout, session), output, session, width);
  const fleets = rollout === null ? (await api.list("/fleets", FleetSummarySchema)).map(({ name }) => name) : [rollout];
  const items: RolloutView[] = [];
  for (const fleet of fleets) items.push(...(await api.list(fleetPath(fleet, "rollouts"), RolloutViewSchema)));
  if (output !== "table") terminal.out(renderDocument({ items }, output));
  else {
    terminal.out(rolloutsText(items, width, rollout === null));
    if (rollout !== null && items[0]) terminal.out(`\n${rolloutText(items[0], terminal, width)}`);
  }
  return EXIT.done;
}

function show(rollout: RolloutView, output: OutputFormat, { terminal }: Session, width = terminal.columns): ExitCode {
  terminal.out(output === "table" ? rolloutText(rollout, terminal, width) : renderDocument(rollout, output));
  return EXIT.done;
}
