import { type EndpointView, EndpointViewSchema } from "../functions/domain/api/endpoint-views.ts";
import { LOCAL } from "../functions/domain/fleet/fleet-records.ts";
import { ApiClient } from "./api-client.ts";
import { CommandFailed } from "./api-errors.ts";
import { apiTarget } from "./api-target.ts";
import { EXIT } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import { printable } from "./terminal.ts";

export interface Address {
  readonly api: string;
  readonly region: string;
}

/** The environment of commands to another Holdfast, as the user has configured it. */
export type SettingsOf = (address: Address, environment: Session["environment"]) => Promise<Session["environment"]>;

/**
 * This Holdfast, and those that have joined it. Each is asked at its own address, as the user: the hub issues nothing
 * for clusters of others. It shows them to who may read all clusters.
 */
export async function openEndpoints(session: Session, settingsOf: SettingsOf): Promise<Map<string, Session>> {
  const joined = await session.api.list("/endpoints", EndpointViewSchema);
  const opened = joined.map(
    async (endpoint) => [endpoint.name, await sessionAt(endpoint, session, settingsOf)] as const,
  );
  return new Map([[LOCAL, session], ...(await Promise.all(opened))]);
}

/** Commands to another Holdfast. The token of this one stays here: who says where the other is may not be trusted with it. */
export async function sessionAt(
  { api, region }: Pick<EndpointView, "api" | "region">,
  session: Session,
  settingsOf: SettingsOf,
): Promise<Session> {
  const settings = await settingsOf({ api, region }, session.environment);
  const environment = { ...settings, HOLDFAST_API: api, HOLDFAST_REGION: region, HOLDFAST_TOKEN: "" };
  const target = apiTarget(environment);
  return { ...session, api: new ApiClient(target), target, environment };
}

/** What each endpoint answers; one that fails is named, and holds up no other. */
export async function askEach<T>(
  endpoints: ReadonlyMap<string, Session>,
  { terminal }: Pick<Session, "terminal">,
  ask: (session: Session) => Promise<T>,
): Promise<{ readonly answers: ReadonlyMap<string, T>; readonly silent: ReadonlySet<string> }> {
  const answers = new Map<string, T>();
  const silent = new Set<string>();
  const all = [...endpoints].map(async ([name, session]) => {
    try {
      answers.set(name, await ask(session));
    } catch (error) {
      // Without this Holdfast there is nothing to do.
      if (!(error instanceof CommandFailed) || name === LOCAL) throw error;
      silent.add(name);
      terminal.note(`error: endpoint ${name}: ${printable(error.message)}`);
    }
  });
  await Promise.all(all);
  return { answers, silent };
}

/** Throws CommandFailed where the hub does not say, or not to this caller, where the endpoint is. */
export function sessionOf(endpoints: ReadonlyMap<string, Session>, endpoint: string): Session {
  const found = endpoints.get(endpoint);
  if (found) return found;
  throw new CommandFailed(
    `its endpoint ${endpoint} is not shown to you: set HOLDFAST_API to that Holdfast itself`,
    EXIT.failed,
  );
}
