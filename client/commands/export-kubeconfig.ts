import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { FleetViewSchema } from "../../functions/domain/api/fleet-views.ts";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { LOCAL } from "../../functions/domain/fleet/fleet-records.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import { ApiUnreachable, CommandFailed } from "../api-errors.ts";
import { keepCredential } from "../credential-cache.ts";
import { askEach, openEndpoints, type SettingsOf, sessionOf } from "../endpoint-sessions.ts";
import { PLUGIN_MINUTES, pluginFor } from "../exec-credential.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { ExportKubeconfig } from "../grammar/command.ts";
import { issueCredential, minutesOf } from "../issue-access.ts";
import { type Access, kubeconfigOf, mergeKubeconfig } from "../kubeconfig.ts";
import { byPlace, type PlacedRef, placedText } from "../placed-ref.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { printable } from "../terminal.ts";
import { fleetPath } from "./fleets.ts";

/** How this command line is started, and how other Holdfasts are reached. */
export interface ExportMeans {
  readonly program: string;
  readonly settingsOf: SettingsOf;
}

/** Makes keys, has them signed, and merges all into the user's kubeconfig. No key ever leaves this machine. */
export async function exportKubeconfig(
  command: ExportKubeconfig,
  session: Session,
  means: ExportMeans,
): Promise<ExitCode> {
  if (command.name === null) return exportSeveral(command, session, means);
  const { access, user, expiresAt } = await issue(
    { endpoint: LOCAL, name: command.name },
    command,
    session,
    means.program,
  );
  const file = await write([access], command, session);
  const until = command.exec ? "with a certificate that renews by itself" : `until ${expiresAt}`;
  if (file !== undefined)
    session.terminal.out(`kubectl now speaks to ${command.name}, as ${user}, ${until} (${file})\n`);
  return EXIT.done;
}

/** The clusters of a fleet, or those that a selector finds: a context each, `holdfast/ENDPOINT/NAME`. */
async function exportSeveral(
  command: ExportKubeconfig,
  session: Session,
  { program, settingsOf }: ExportMeans,
): Promise<ExitCode> {
  const { terminal } = session;
  const endpoints = await openEndpoints(session, settingsOf);
  const { refs, silent } = await findClusters(command, endpoints, session);
  if (refs.length === 0 && silent.size === 0) throw new CommandFailed("there is no such cluster", EXIT.notFound);
  const accesses: Access[] = [];
  const failed: string[] = [...silent];
  /** Endpoints that did not answer are not asked again, with what they said. */
  const away = new Map<string, CommandFailed>();
  for (const ref of refs.toSorted(byPlace)) {
    const { endpoint, name } = ref;
    try {
      const known = away.get(endpoint);
      if (known) throw known;
      const { access } = await issue(ref, command, sessionOf(endpoints, endpoint), program);
      accesses.push({ ...access, cluster: `holdfast/${endpoint}/${name}` });
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      if (error instanceof ApiUnreachable) away.set(endpoint, error);
      failed.push(placedText(ref));
      terminal.note(`error: ${placedText(ref)}: ${printable(error.message)}`);
    }
  }
  if (accesses.length === 0) return EXIT.failed;
  const file = await write(accesses, command, session);
  const names = accesses.map(({ cluster }) => `  ${cluster}\n`).join("");
  if (file !== undefined) terminal.out(`kubectl now knows ${counted(accesses.length, "cluster")} (${file}):\n${names}`);
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

/** Of a selector each endpoint is asked; one that does not answer is named. */
async function findClusters(
  { fleet, selector }: ExportKubeconfig,
  endpoints: ReadonlyMap<string, Session>,
  session: Session,
): Promise<{ readonly refs: readonly PlacedRef[]; readonly silent: ReadonlySet<string> }> {
  if (fleet !== null) {
    const { clusters: refs } = await session.api.get(fleetPath(fleet), FleetViewSchema);
    return { refs, silent: new Set() };
  }
  const { answers, silent } = await askEach(endpoints, session, ({ api }) =>
    api.list("/clusters", ClusterViewSchema, { selector: selector ?? "" }),
  );
  const refs = [...answers].flatMap(([endpoint, views]) =>
    views.filter(({ status }) => status !== "DELETED").map(({ name }) => ({ endpoint, name })),
  );
  return { refs, silent };
}

async function issue(
  { endpoint, name }: PlacedRef,
  { validMs, exec }: ExportKubeconfig,
  session: Session,
  program: string,
) {
  const minutes = minutesOf(validMs) ?? (exec ? PLUGIN_MINUTES : undefined);
  const credential = await issueCredential(name, minutes, session);
  const access: Access = { cluster: name, ...credential };
  if (!exec) return { access, ...credential };
  // The first command of kubectl finds it.
  await keepCredential({ cluster: name, minutes }, credential, session);
  return {
    access: { ...access, plugin: pluginFor(name, session, validMs, program, endpoint !== LOCAL) },
    ...credential,
  };
}

/** The file that was written; undefined if it was printed. */
async function write(
  accesses: readonly Access[],
  { output, kubeconfig }: ExportKubeconfig,
  { terminal, environment }: Session,
): Promise<string | undefined> {
  if (output !== "table") {
    terminal.out(renderDocument(kubeconfigOf(...accesses), output));
    return undefined;
  }
  const file = kubeconfig ?? usersFile(environment);
  await mergeKubeconfig(file, ...accesses);
  return file;
}

/** Where kubectl would write: the first file of KUBECONFIG, or else its default. */
function usersFile({ KUBECONFIG = "" }: Session["environment"]): string {
  const [first] = KUBECONFIG.split(delimiter).filter((path) => path !== "");
  return first ?? join(homedir(), ".kube", "config");
}
