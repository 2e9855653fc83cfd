import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { FleetViewSchema } from "../../functions/domain/api/fleet-views.ts";
import { ClusterViewSchema, KubeconfigViewSchema } from "../../functions/domain/api/views.ts";
import { LOCAL } from "../../functions/domain/fleet/fleet-records.ts";
import { ADMIN_MINUTES } from "../../functions/domain/host/certificates.ts";
import { counted } from "../../functions/domain/text/counted.ts";
import { ApiRefused, CommandFailed } from "../api-errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { ExportKubeconfig } from "../grammar/command.ts";
import { type Access, kubeconfigOf, mergeKubeconfig } from "../kubeconfig.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { newSigningRequest } from "../signing-request.ts";

/** Makes keys, has them signed, and merges all into the user's kubeconfig. No key ever leaves this machine. */
export async function exportKubeconfig(command: ExportKubeconfig, session: Session): Promise<ExitCode> {
  const minutes = minutesOf(command);
  if (command.name === null) return exportSeveral(command, minutes, session);
  const { access, user, expiresAt } = await issue(command.name, minutes, session);
  const file = await write([access], command, session);
  if (file !== undefined)
    session.terminal.out(`kubectl now speaks to ${command.name}, as ${user}, until ${expiresAt} (${file})\n`);
  return EXIT.done;
}

function minutesOf({ validMs }: ExportKubeconfig): number | undefined {
  const minutes = validMs === null ? undefined : Math.round(validMs / 60_000);
  if (minutes !== undefined && (minutes < ADMIN_MINUTES.min || minutes > ADMIN_MINUTES.max))
    throw new CommandFailed("--admin: a certificate is good for 10m to 7d", EXIT.badUsage);
  return minutes;
}

/** The clusters of a fleet, or those that a selector finds: a context each, `holdfast/local/NAME`. */
async function exportSeveral(
  command: ExportKubeconfig,
  minutes: number | undefined,
  session: Session,
): Promise<ExitCode> {
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
    try {
      const { access } = await issue(name, minutes, session);
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

async function issue(name: string, minutes: number | undefined, { api }: Session) {
  const { key, request } = await newSigningRequest(name);
  const path = `/clusters/${encodeURIComponent(name)}/kubeconfig`;
  const body = { certificateRequest: request, ...(minutes === undefined ? {} : { minutes }) };
  const issued = await api.post(path, body, KubeconfigViewSchema);
  const access: Access = { ...issued, key };
  return { access, user: issued.user, expiresAt: issued.expiresAt };
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
