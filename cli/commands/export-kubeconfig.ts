import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { ExportKubeconfig } from "../../functions/domain/grammar/command.ts";
import { renderDocument } from "../../functions/domain/render/render.ts";
import { KubeconfigViewSchema } from "../../functions/domain/view-schemas.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { type Access, kubeconfigOf, mergeKubeconfig } from "../kubeconfig.ts";
import type { Session } from "../session.ts";
import { newSigningRequest } from "../signing-request.ts";

/** Makes a key, has it signed, and merges both into the user's kubeconfig. The key never leaves this machine. */
export async function exportKubeconfig(command: ExportKubeconfig, session: Session): Promise<ExitCode> {
  const { name, validMs, output } = command;
  const { api, terminal, environment } = session;
  const { key, request } = await newSigningRequest(name);
  const path = `/clusters/${encodeURIComponent(name)}/kubeconfig`;
  const minutes = validMs === null ? {} : { minutes: Math.round(validMs / 60_000) };
  const issued = await api.post(path, { certificateRequest: request, ...minutes }, KubeconfigViewSchema);
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
