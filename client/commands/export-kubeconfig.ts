import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { KubeconfigViewSchema } from "../../functions/domain/api/views.ts";
import { ADMIN_MINUTES } from "../../functions/domain/host/certificates.ts";
import { CommandFailed } from "../api-errors.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { ExportKubeconfig } from "../grammar/command.ts";
import { type Access, kubeconfigOf, mergeKubeconfig } from "../kubeconfig.ts";
import { renderDocument } from "../render/render.ts";
import type { Session } from "../session.ts";
import { newSigningRequest } from "../signing-request.ts";

/** Makes a key, has it signed, and merges both into the user's kubeconfig. The key never leaves this machine. */
export async function exportKubeconfig(command: ExportKubeconfig, session: Session): Promise<ExitCode> {
  const { name, validMs, output } = command;
  const { api, terminal, environment } = session;
  const minutes = validMs === null ? undefined : Math.round(validMs / 60_000);
  if (minutes !== undefined && (minutes < ADMIN_MINUTES.min || minutes > ADMIN_MINUTES.max)) {
    throw new CommandFailed("--admin: a certificate is good for 10m to 7d", EXIT.badUsage);
  }
  const { key, request } = await newSigningRequest(name);
  const path = `/clusters/${encodeURIComponent(name)}/kubeconfig`;
  const body = { certificateRequest: request, ...(minutes === undefined ? {} : { minutes }) };
  const issued = await api.post(path, body, KubeconfigViewSchema);
  const access: Access = { ...issued, key };
  if (output !== "table") {
    terminal.out(renderDocument(kubeconfigOf(access), output));
    return EXIT.done;
  }
  const file = command.kubeconfig ?? usersFile(environment);
  await mergeKubeconfig(file, access);
  terminal.out(`kubectl now speaks to ${name}, as ${issued.user}, until ${issued.expiresAt} (${file})\n`);
  return EXIT.done;
}

/** Where kubectl would write: the first file of KUBECONFIG, or else its default. */
function usersFile({ KUBECONFIG = "" }: Session["environment"]): string {
  const [first] = KUBECONFIG.split(delimiter).filter((path) => path !== "");
  return first ?? join(homedir(), ".kube", "config");
}
