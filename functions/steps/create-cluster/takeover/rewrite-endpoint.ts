import { endpointOf } from "../../../domain/cluster/recorded-network.ts";
import type { Begun } from "../../../domain/cluster/records.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import {
  chooseMaster,
  hostCommandCalls,
  runDocument,
  SHORT_COMMAND_MS,
} from "../../../usecases/members/host-command.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...hostCommandCalls };

const STEP = "Rewrite endpoint";
const ENV = { REWRITE_ENDPOINT_DOCUMENT: NonEmpty, RESTART_WORKLOADS_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * What names the former endpoint of the API in Kubernetes names the new one, and what Holdfast installed in kube-system
 * is started again, since it may have read the former one.
 */
export async function rewriteEndpoint(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const from = restoration.takeover?.endpoint;
  const to = endpointOf(cluster).host;
  const asking = { operation, step: STEP, member: null, begun };
  const master = await chooseMaster(deps, name, begun, SHORT_COMMAND_MS);
  if (from != null && from !== to)
    await runDocument(deps, asking, master, deps.env.REWRITE_ENDPOINT_DOCUMENT, { from, to });
  const restarting = { at: restoration.startedAt, where: "kube-system" };
  await runDocument(deps, asking, master, deps.env.RESTART_WORKLOADS_DOCUMENT, restarting);
}

export const handler = stepHandler(STEP, StepInput, rewriteEndpoint, collaborators(calls, ENV));
