import { type EndpointView, EndpointViewSchema } from "../../functions/domain/api/endpoint-views.ts";
import { FLEET_REQUESTS } from "../../functions/domain/api/fleet-requests.ts";
import { pageOf } from "../../functions/domain/api/views.ts";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { quote } from "../../functions/domain/spec/values.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import { ApiClient } from "../api-client.ts";
import { ApiRefused, CommandFailed } from "../api-errors.ts";
import { apiTarget } from "../api-target.ts";
import { formatDuration } from "../durations.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { GetEndpoints, JoinHub, LeaveHub } from "../grammar/fleet-command.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { type Column, table, WIDE } from "../tables.ts";
import { printable } from "../terminal.ts";
import { showRefusal } from "./spec-command.ts";

const COLUMNS: readonly Column<EndpointView>[] = [
  { head: "NAME", of: ({ name }) => name },
  { head: "STATE", of: ({ state }) => state },
  { head: "CLUSTERS", of: ({ clusters }) => String(clusters) },
  { head: "SEEN", of: ({ lastSeenAt }) => (lastSeenAt === null ? "never" : ageOf(lastSeenAt)) },
  { head: "ACCOUNT", of: ({ account }) => account, rank: 2 },
  { head: "REGION", of: ({ region }) => region, rank: 1 },
  { head: "VERSION", of: ({ version }) => version ?? "-", rank: 3 },
  { head: "API", of: ({ api }) => printable(api), rank: 4 },
  { head: "REASON", of: ({ reason }) => printable(reason ?? "-"), text: true },
];

/** The hub is asked: it looks at once whether it can reach this Holdfast by that role. */
export async function joinHub(command: JoinHub, session: Session): Promise<ExitCode> {
  const { endpoint: name, role: roleArn, yes, output } = command;
  const { target, terminal, environment } = session;
  const request = { name, api: target.url, region: command.region ?? target.region, roleArn };
  const wrong = joinProblems(request, command.hub);
  if (wrong.length > 0) return showRefusal(wrong, command, session);
  if (!yes) {
    terminal.out(renderDocument(request, output === "table" ? "yaml" : output));
    terminal.note(`Nothing was changed. Add --yes to send this to ${command.hub}.`);
    return EXIT.done;
  }
  // A token and a Region of this Holdfast mean nothing there.
  const { HOLDFAST_HUB_TOKEN: HOLDFAST_TOKEN, HOLDFAST_HUB_REGION: HOLDFAST_REGION } = environment;
  const there = { HOLDFAST_API: command.hub, HOLDFAST_TOKEN, HOLDFAST_REGION };
  const hub = new ApiClient(apiTarget({ ...environment, ...there }));
  try {
    const joined = await hub.post("/endpoints", request, EndpointViewSchema);
    const isReached = joined.state === "reachable";
    const text = isReached
      ? `${name} has joined ${command.hub}: ${counted(joined.clusters, "cluster")}\n`
      : `${name} is on record at ${command.hub}, which does not reach it: ${printable(joined.reason ?? "")}\n`;
    terminal.out(output === "table" ? text : renderDocument(joined, output));
    return isReached ? EXIT.done : EXIT.failed;
  } catch (error) {
    if (!(error instanceof ApiRefused) || !error.document.problems) throw error;
    return showRefusal(error.document.problems, command, session);
  }
}

const FLAGS = { name: "NAME", api: "HOLDFAST_API", region: "--region", roleArn: "--role" } as const;

/** What the hub would refuse, by the words of the command line. */
export function joinProblems(request: Readonly<Record<keyof typeof FLAGS, string>>, hub: string): Problem[] {
  const issues = FLEET_REQUESTS.joinHub.body.safeParse(request).error?.issues ?? [];
  const problems = Object.entries(FLAGS).flatMap(([field, flag]) =>
    issues
      .filter(({ path }) => path[0] === field)
      .map(({ message }) => problem(flag, Object.entries(request).find(([key]) => key === field)?.[1] ?? "", message)),
  );
  return URL.canParse(hub) ? problems : [...problems, problem("--hub", hub, "the address of an API, https://…")];
}

function problem(flag: string, value: string, expected: string): Problem {
  return { flag, value, message: `${flag}: ${quote(value)} is not valid; expected ${expected}` };
}

/** Asked of the hub. */
export async function leaveHub({ endpoint, yes, output }: LeaveHub, session: Session): Promise<ExitCode> {
  const { api, terminal } = session;
  if (!yes) {
    const { items } = await api.get("/endpoints", pageOf(EndpointViewSchema));
    const known = items.find(({ name }) => name === endpoint);
    if (!known) throw new CommandFailed(`there is no endpoint ${endpoint}`, EXIT.notFound);
    terminal.out(output === "table" ? table(COLUMNS, [known], terminal.columns) : renderDocument(known, output));
    terminal.note("Nothing was changed. Add --yes to forget it; its clusters stay as they are.");
    return EXIT.done;
  }
  const gone = await api.delete(`/endpoints/${encodeURIComponent(endpoint)}`, EndpointViewSchema);
  const text = `${endpoint} is forgotten; ${counted(gone.clusters, "cluster")} as before\n`;
  terminal.out(output === "table" ? text : renderDocument(gone, output));
  return EXIT.done;
}

export async function getEndpoints({ output, wide }: GetEndpoints, { api, terminal }: Session): Promise<ExitCode> {
  const { items } = await api.get("/endpoints", pageOf(EndpointViewSchema));
  const text = () => (items.length === 0 ? "no endpoints\n" : table(COLUMNS, items, wide ? WIDE : terminal.columns));
  terminal.out(output === "table" ? text() : renderDocument({ items }, output));
  return EXIT.done;
}

function ageOf(time: string): string {
  return `${formatDuration(Date.now() - Date.parse(time))} ago`;
}
