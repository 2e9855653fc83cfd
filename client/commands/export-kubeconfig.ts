import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { FleetViewSchema } from "../../functions/domain/api/fleet-views.ts";
import { ClusterViewSchema } from "../../functions/domain/api/views.ts";
import { LOCAL } from "../../functions/domain/fleet/fleet-records.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import { ApiRefused, CommandFailed } from "../api-errors.ts";
import { keepCredential } from "../credential-cache.ts";
import { PLUGIN_MINUTES, pluginFor } from "../exec-credential.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { ExportKubeconfig } from "../grammar/command.ts";
import { issueCredential, minutesOf } from "../issue-access.ts";
import { type Access, kubeconfigOf, mergeKubeconfig } from "../kubeconfig.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";

/**
 * Makes keys, has them signed, and merges all into the user's kubeconfig. No key ever leaves this machine. `program` is
 * how this command line is started.
 */
export async function exportKubeconfig(
  command: ExportKubeconfig,
  session: Session,
  program: string,
): Promise<ExitCode> {
  if (command.name === null) return exportSeveral(command, session, program);
  const { access, user, expiresAt } = await issue(command.name, command, session, program);
  const file = await write([access], command, session);
  const until = command.exec ? "with a certificate that renews by itself" : `until ${expiresAt}`;
  if (file !== undefined)
    session.terminal.out(`kubectl now speaks to ${command.name}, as ${user}, ${until} (${file})\n`);
  return EXIT.done;
}

/** The clusters of a fleet, or those that a selector finds: a context each, `holdfast/local/NAME`. */
async function exportSeveral(command: ExportKubeconfig, session: Session, program: string): Promise<ExitCode> {
  const { api, terminal } = session;
  const refs =
    command.fleet === null
      ? (await api.list("/clusters", ClusterViewSchema, { selector: command.selector ?? "" })).map(({ name }) => ({
          endpoint: LOCAL,
          name,
        }))
      : (await api.get(`/fleets/${encodeURIComponent(command.fleet)}`, FleetViewSchema)).clusters;
  if (refs.length === 0) throw new CommandFailed("there is no such cluster", EXIT.notFound);
  const accesses: Access[] = [];
  const failed: string[] = [];
  for (const { endpoint, name } of refs.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (endpoint !== LOCAL) {
      failed.push(name);
      terminal.note(`error: ${endpoint}/${name}: its own Holdfast issues kubeconfigs; set HOLDFAST_API to it`);
      continue;
    }
    try {
      const { access } = await issue(name, command, session, program);
      accesses.push({ ...access, cluster: `holdfast/${endpoint}/${name}` });
    } catch (error) {
      if (!(error instanceof ApiRefused)) throw error;
      failed.push(name);
      terminal.note(`error: ${name}: ${error.message}`);
    }
  }
  if (accesses.length === 0) return EXIT.failed;
  const file = await write(accesses, command, session);
  const names = accesses.map(({ cluster }) => `  ${cluster}\n`).join("");
  if (file !== undefined) terminal.out(`kubectl now knows ${counted(accesses.length, "cluster")} (${file}):\n${names}`);
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

async function issue(name: string, { validMs, exec }: ExportKubeconfig, session: Session, program: string) {
  const minutes = minutesOf(validMs) ?? (exec ? PLUGIN_MINUTES : undefined);
  const credential = await issueCredential(name, minutes, session);
  const access: Access = { cluster: name, ...credential };
  if (!exec) return { access, ...credential };
  // The first command of kubectl finds it.
  await keepCredential({ cluster: name, minutes }, credential, session);
  return { access: { ...access, plugin: pluginFor(name, session, validMs, program) }, ...credential };
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
