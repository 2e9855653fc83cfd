import { FleetSummarySchema, type FleetView, FleetViewSchema } from "../../functions/domain/api/fleet-views.ts";
import { TrafficViewSchema } from "../../functions/domain/api/traffic-views.ts";
import { FleetName, type FleetPolicy } from "../../functions/domain/fleet/fleet-records.ts";
import { parseSelector } from "../../functions/domain/fleet/selector.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { quote } from "../../functions/domain/spec/values.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import { ApiRefused } from "../api-errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { fleetsText, fleetText } from "../fleet-text.ts";
import type { OutputFormat } from "../grammar/command.ts";
import type { ChangeFleet, DeleteFleet, GetFleets, ValidateFleet } from "../grammar/fleet-command.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { WIDE } from "../tables.ts";
import { showRefusal } from "./spec-command.ts";
import { readStrategy } from "./strategy-file.ts";

export function fleetPath(name: string, ...rest: string[]): string {
  return ["", "fleets", name, ...rest].map(encodeURIComponent).join("/");
}

/** Without `--yes` it shows the clusters that the fleet would have, and what of them is against its policy. */
export async function changeFleet(command: ChangeFleet, session: Session): Promise<ExitCode> {
  const { kind, fleet: name, clusters, selector, policy, yes, output } = command;
  const strategy = await readStrategy(command.filename);
  const wrong = selector === null ? undefined : parseSelector(selector, "--selector");
  const problems = [...nameProblems(name), ...(wrong?.ok === false ? wrong.problems : []), ...strategy.problems];
  if (problems.length > 0) return showRefusal(problems, command, session);
  const change = {
    ...(clusters === null ? {} : { clusters }),
    ...(selector === null ? {} : { selector }),
    ...(Object.keys(policy).length === 0 ? {} : { policy }),
    ...(strategy.value ? { strategy: strategy.value } : {}),
  };
  if (kind === "create-fleet" && clusters === null && selector === null) {
    const message = "--clusters: a fleet has either a list of clusters or a selector";
    return showRefusal([{ flag: "--clusters", value: "", message }], command, session);
  }
  try {
    const view = await send(command, change, session);
    if (yes) return show(view, output, session);
    showPlanned(view, output, session);
    session.terminal.note("Nothing was changed. Add --yes to do it.");
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof ApiRefused) || !error.document.problems) throw error;
    return showRefusal(error.document.problems, command, session);
  }
}

/** The API knows the clusters of endpoints too, so it plans. A policy that is changed keeps what is not named. */
async function send(
  { kind, fleet: name, yes }: ChangeFleet,
  change: { readonly policy?: FleetPolicy },
  { api }: Session,
): Promise<FleetView> {
  const dry = yes ? {} : { dryRun: true };
  if (kind === "create-fleet") return api.post("/fleets", { name, ...change, ...dry }, FleetViewSchema);
  const former = change.policy && (await api.get(fleetPath(name), FleetViewSchema));
  const policy = former ? { policy: { ...former.policy, ...change.policy } } : {};
  return api.patch(fleetPath(name), { ...change, ...policy, ...dry }, FleetViewSchema, null);
}

function nameProblems(name: string): Problem[] {
  const issues = FleetName.safeParse(name).error?.issues ?? [];
  return issues.map(({ message }) => {
    return { flag: "NAME", value: name, message: `NAME: ${quote(name)} is not valid; expected ${message}` };
  });
}

/** One fleet as the API gives it, or the list of all as `{items}`. */
export async function getFleets({ fleet, output, wide }: GetFleets, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  const width = wide ? WIDE : terminal.columns;
  if (fleet !== null) return show(await api.get(fleetPath(fleet), FleetViewSchema), output, session, width);
  const items = await api.list("/fleets", FleetSummarySchema);
  terminal.out(output === "table" ? fleetsText(items, width) : renderDocument({ items }, output));
  return EXIT.done;
}

export async function deleteFleet({ fleet, yes, output }: DeleteFleet, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  if (!yes) {
    showPlanned(await api.get(fleetPath(fleet), FleetViewSchema), output, session);
    terminal.note("Nothing was changed. Add --yes to delete the fleet; its clusters stay as they are.");
    return EXIT.done;
  }
  const gone = await deleteWithName(fleet, session);
  const text = `fleet ${fleet} is deleted; ${counted(gone.counts.clusters, "cluster")} as before\n`;
  terminal.out(output === "table" ? text : renderDocument(gone, output));
  return EXIT.done;
}

/** A fleet with a public name is refused (400): then its records and health checks go first. */
async function deleteWithName(fleet: string, { api }: Session): Promise<FleetView> {
  try {
    return await api.delete(fleetPath(fleet), FleetViewSchema);
  } catch (error) {
    if (!(error instanceof ApiRefused) || error.status !== 400) throw error;
    await api.delete(fleetPath(fleet, "dns"), TrafficViewSchema);
    return await api.delete(fleetPath(fleet), FleetViewSchema);
  }
}

/** By what is known of its clusters; the reconciler looks at each of them every minute. */
export async function validateFleet({ fleet, output }: ValidateFleet, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  const view = await api.get(fleetPath(fleet), FleetViewSchema);
  const bad = view.clusters.filter(({ problems, violations }) => problems.length + violations.length > 0);
  const isValid = bad.length === 0 && view.clusters.length > 0;
  const many = `${bad.length} of ${counted(view.clusters.length, "cluster")}: ${bad.map(({ name }) => name).join(", ")}`;
  const why = view.clusters.length === 0 ? "it has no clusters" : many;
  const result = isValid ? `${fleet} is valid` : `${fleet} is not valid: ${why}`;
  show(view, output, session);
  if (output === "table") terminal.out(`${terminal.paint(isValid ? "green" : "red", result)}\n`);
  else if (!isValid) terminal.note(result);
  return isValid ? EXIT.done : EXIT.failed;
}

function show(
  fleet: Parameters<typeof fleetText>[0],
  output: OutputFormat,
  { terminal }: Session,
  width = terminal.columns,
): ExitCode {
  terminal.out(output === "table" ? fleetText(fleet, terminal, width) : renderDocument(fleet, output));
  return EXIT.done;
}

function showPlanned(fleet: Parameters<typeof fleetText>[0], output: OutputFormat, { terminal }: Session): void {
  const text = () => fleetText(fleet, terminal, terminal.columns, true);
  terminal.out(output === "table" ? text() : renderDocument(fleet, output));
}
