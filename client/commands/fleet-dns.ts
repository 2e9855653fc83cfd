import { type TrafficView, TrafficViewSchema } from "../../functions/domain/api/traffic-views.ts";
import { ApiRefused } from "../api-errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { FleetDns } from "../grammar/fleet-command.ts";
import type { OutputFormat } from "../grammar/output-formats.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { type Column, table } from "../tables.ts";
import { printable } from "../terminal.ts";
import { fleetPath } from "./fleets.ts";
import { showRefusal } from "./spec-command.ts";

const CLUSTERS: readonly Column<TrafficView["clusters"][number]>[] = [
  { head: "CLUSTER", of: ({ name }) => name },
  { head: "PART", of: ({ part, drained }) => `${part ?? "none"}${drained ? ", drained" : ""}` },
  { head: "HEALTHY", of: ({ healthy }) => (healthy === null ? "-" : healthy ? "yes" : "no") },
  { head: "REGION", of: ({ region }) => region, rank: 1 },
  { head: "TARGET", of: ({ target }) => target, rank: 2 },
];

/** Without `--yes` it shows the records that there would be, and what they cost. */
export async function fleetDns(command: FleetDns, session: Session): Promise<ExitCode> {
  const { fleet, wanted, remove, yes, output } = command;
  const { api, terminal } = session;
  const path = fleetPath(fleet, "dns");
  if (wanted) {
    try {
      const view = await api.post(path, { ...wanted, dryRun: !yes }, TrafficViewSchema);
      return show(view, command, session, yes);
    } catch (error) {
      if (!(error instanceof ApiRefused) || !error.document.problems) throw error;
      return showRefusal(error.document.problems, command, session);
    }
  }
  if (!remove) return show(await api.get(path, TrafficViewSchema), command, session, true);
  if (!yes) {
    show(await api.get(path, TrafficViewSchema), command, session, true);
    terminal.note("Nothing was changed. Add --yes to take the name away.");
    return EXIT.done;
  }
  const gone = await api.delete(path, TrafficViewSchema);
  terminal.out(
    output === "table" ? `${gone.host} is no longer a name of fleet ${fleet}\n` : renderDocument(gone, output),
  );
  return EXIT.done;
}

function show(
  view: TrafficView,
  { output }: { readonly output: OutputFormat },
  { terminal }: Session,
  isDone: boolean,
): ExitCode {
  terminal.out(output === "table" ? text(view, terminal.columns) : renderDocument(view, output));
  for (const warning of isDone ? [] : view.warnings) terminal.note(warning);
  if (!isDone) terminal.note("Nothing was changed. Add --yes to do it.");
  return EXIT.done;
}

function text(view: TrafficView, width: number): string {
  return [
    `${printable(view.host)}  ${view.policy} of fleet ${view.fleet}`,
    `Check       ${printable(view.check)}, each 30 s; three failures take the traffic away`,
    `Kept for    ${view.ttl} s`,
    `USD/month   ${view.monthlyCost.toFixed(2)} for health checks`,
    "",
    table(CLUSTERS, view.clusters, width),
  ].join("\n");
}
