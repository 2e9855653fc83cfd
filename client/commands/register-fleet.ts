import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { FleetViewSchema } from "../../functions/domain/api/fleet-views.ts";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { LOCAL } from "../../functions/domain/fleet/fleet-records.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import { ApiRefused, CommandFailed } from "../api-errors.ts";
import { askEach, openEndpoints, type SettingsOf, sessionOf } from "../endpoint-sessions.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { RegisterFleet } from "../grammar/command.ts";
import { issueCredential } from "../issue-access.ts";
import { placedText } from "../placed-ref.ts";
import { HubCluster, type HubObject } from "../registration/hub-cluster.ts";
import { issueManagerToken, removeManager } from "../registration/manager-account.ts";
import { argoSecret, COLLECTIONS, clusterProfile, profileStatus, type Registration } from "../registration/objects.ts";
import {
  CLUSTER_LABEL,
  clusterOf,
  endpointOf,
  hasAccount,
  nameOf,
  planRegistration,
  REGISTRATION_LABEL,
  type RegistrationSettings,
  type RegistrationStep,
  type SelectedCluster,
} from "../registration/plan-registration.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { table } from "../tables.ts";
import { printable } from "../terminal.ts";
import { fleetPath } from "./fleets.ts";

/** A certificate in a Secret; each day's run puts another in its place. */
const CERTIFICATE_MINUTES = 7 * 1440;
/** For a plug-in only the authority counts: the certificate is thrown away. */
const SHORTEST_MINUTES = 10;

/** Brings the objects of a tool in the hub cluster to what the API says; run again, it does what has changed. */
export async function registerFleet(
  command: RegisterFleet,
  session: Session,
  settingsOf: SettingsOf,
): Promise<ExitCode> {
  const settings = registrationOf(command);
  const endpoints = await openEndpoints(session, settingsOf);
  const { selected, silent } = await readClusters(command, endpoints, session);
  await using hub = await HubCluster.open({ ...command, environment: session.environment });
  const path = COLLECTIONS[command.tool](command.namespace);
  const registered = await hub.list(path, { [REGISTRATION_LABEL]: settings.registration });
  // The hub may have endpoints that it does not show to this caller.
  const unknown = endpoints.size > 1 ? silent : new Set(registered.map(endpointOf).filter((name) => name !== LOCAL));
  if (selected.length === 0) await refuseRemoval(registered, endpoints, session);
  const steps = planRegistration(selected, registered, settings, new Date(), unknown);
  if (!command.yes) {
    show(steps, command, session);
    session.terminal.note("Nothing was changed. Add --yes to do it.");
    return EXIT.done;
  }
  const failed: string[] = [];
  for (const step of steps) {
    try {
      await execute(step, { hub, path, settings, endpoints });
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      failed.push(nameOf(step));
      session.terminal.note(`error: ${nameOf(step)}: ${printable(error.message)}`);
    }
  }
  show(steps, command, session);
  const isWhole = silent.size === 0 && steps.every(({ action }) => action !== "leave");
  return failed.length === 0 && isWhole ? EXIT.done : EXIT.failed;
}

function registrationOf({ tool, fleet, selector, auth, program }: RegisterFleet): RegistrationSettings {
  const hash = createHash("sha256")
    .update(selector ?? "")
    .digest("hex")
    .slice(0, 12);
  return { registration: fleet ?? `selector-${hash}`, tool, auth, program };
}

/** The clusters as their own Holdfasts know them. An endpoint that does not answer is named. */
async function readClusters(
  { fleet, selector }: RegisterFleet,
  endpoints: ReadonlyMap<string, Session>,
  session: Session,
): Promise<{ readonly selected: SelectedCluster[]; readonly silent: ReadonlySet<string> }> {
  const listed =
    fleet === null
      ? null
      : new Set((await session.api.get(fleetPath(fleet), FleetViewSchema)).clusters.map(placedText));
  const filters = listed === null ? { selector: selector ?? "" } : {};
  const { answers, silent } = await askEach(endpoints, session, ({ api }) =>
    api.list("/clusters", ClusterViewSchema, filters),
  );
  const selected = [...answers].flatMap(([endpoint, views]) => {
    const { url: api, region } = sessionOf(endpoints, endpoint).target;
    return views
      .filter(({ name, status }) => status !== "DELETED" && (listed?.has(placedText({ endpoint, name })) ?? true))
      .map((view) => ({ endpoint, name: view.name, view, api, region }));
  });
  return { selected, silent };
}

/** A selector that finds nothing is rather a slip than a wish to take all clusters from a tool. */
async function refuseRemoval(
  registered: readonly HubObject[],
  endpoints: ReadonlyMap<string, Session>,
  session: Session,
): Promise<void> {
  if (registered.length === 0) throw new CommandFailed("there is no such cluster", EXIT.notFound);
  const { answers } = await askEach(endpoints, session, ({ api }) => api.list("/clusters", ClusterViewSchema));
  const all = [...answers].flatMap(([endpoint, views]) =>
    views.filter(({ status }) => status !== "DELETED").map(({ name }) => placedText({ endpoint, name })),
  );
  const known = registered.map(clusterOf).filter((name) => all.includes(name));
  if (known.length > 0)
    throw new CommandFailed(
      `no cluster is selected, and ${counted(known.length, "registered cluster")} still exist (${known.slice(0, 3).join(", ")}): nothing was removed`,
      EXIT.failed,
    );
}

interface Execution {
  readonly hub: HubCluster;
  readonly path: string;
  readonly settings: RegistrationSettings;
  readonly endpoints: ReadonlyMap<string, Session>;
}

async function execute(step: RegistrationStep, execution: Execution): Promise<void> {
  const { hub, path, settings, endpoints } = execution;
  if (step.action === "leave") return;
  if (step.action === "remove") {
    if (hasAccount(step.former)) await removeAccount(step.former, execution);
    return hub.delete(`${path}/${step.former.metadata.name}`);
  }
  const { cluster, former } = step;
  const asks = step.action === "create" || step.action === "renew";
  const minutes = settings.auth === "certificate" ? CERTIFICATE_MINUTES : SHORTEST_MINUTES;
  const credential = asks
    ? await issueCredential(cluster.name, minutes, sessionOf(endpoints, cluster.endpoint))
    : undefined;
  const token =
    credential && settings.auth === "token" ? await issueManagerToken(credential, settings.registration) : undefined;
  const signIn = { credential, ...(token === undefined ? {} : { token }) };
  const registration: Registration = { cluster, former, ...signIn, settings, now: new Date() };
  const object = settings.tool === "argocd" ? argoSecret(registration) : clusterProfile(registration);
  const written = step.action === "keep" ? former : await write(object, former, execution);
  if (settings.tool === "clusterprofile" && written) await writeStatus(registration, written, execution);
  // The tool has another way by now.
  if (credential && settings.auth !== "token" && hasAccount(former))
    await removeManager(credential, settings.registration);
}

/** Of a cluster that is no longer registered. One that is gone has taken its account with it. */
async function removeAccount(former: HubObject, { settings, endpoints }: Execution): Promise<void> {
  const name = former.metadata.labels[CLUSTER_LABEL] ?? "";
  try {
    const session = sessionOf(endpoints, endpointOf(former));
    await removeManager(await issueCredential(name, SHORTEST_MINUTES, session), settings.registration);
  } catch (error) {
    if (!(error instanceof ApiRefused && error.status === 404)) throw error;
  }
}

/** A new object is created and never overwritten: one of that name that is not ours is left, and named. */
function write(object: object, former: HubObject | undefined, { hub, path }: Execution): Promise<HubObject> {
  return former ? hub.replace(`${path}/${former.metadata.name}`, object) : hub.create(path, object);
}

async function writeStatus(registration: Registration, written: HubObject, { hub, path }: Execution): Promise<void> {
  const status = profileStatus(registration);
  if (isDeepStrictEqual(status, written["status"])) return;
  await hub.replace(`${path}/${written.metadata.name}/status`, { ...written, status });
}

const COLUMNS = [
  { head: "CLUSTER", of: nameOf },
  { head: "ACTION", of: ({ action }: RegistrationStep) => action },
  { head: "WHY", of: ({ why }: RegistrationStep) => why },
];

function show(steps: readonly RegistrationStep[], { output }: RegisterFleet, { terminal }: Session): void {
  const items = steps.map((step) => ({ cluster: nameOf(step), action: step.action, why: step.why }));
  terminal.out(output === "table" ? table(COLUMNS, steps, terminal.columns) : renderDocument({ items }, output));
}
