import { listGroupInstances } from "../../../aws/auto-scaling/auto-scaling.ts";
import { autoScaling } from "../../../aws/auto-scaling/client.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { nodeGroupName } from "../../../domain/cluster/naming.ts";
import { type Begun, ownerOf } from "../../../domain/cluster/records.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { hostCommandCalls, runDocument } from "../../../usecases/members/host-command.ts";
import { askNodes, restoreHostsCalls } from "../../../usecases/restore/hosts.ts";
import { readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = {
  ...hostCommandCalls,
  ...restoreHostsCalls,
  ...bind(autoScaling, { listGroupInstances }),
};

const STEP = "Restart workloads";
const ENV = { RESTART_WORKLOADS_DOCUMENT: NonEmpty, RESTART_KUBELET_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Restarts what remembers the time before: what Holdfast installed in kube-system, or on request the workloads of all
 * namespaces, and the kubelet of every node. A node that does not answer joins when its kubelet starts next, or is replaced.
 */
export async function restartWorkloads(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const master = (await deps.store.listMembers(name)).find(({ instanceId }) => instanceId !== null)?.instanceId;
  if (!master) throw new NotReadyYet("there is no master to ask");
  const asking = { operation, step: STEP, member: null, begun };
  const where = restoration.restartAll ? "everywhere" : "kube-system";
  await runDocument(deps, asking, master, deps.env.RESTART_WORKLOADS_DOCUMENT, { at: restoration.startedAt, where });
  const owner = ownerOf(cluster);
  const groups = await deps.aws.listGroupInstances(cluster.spec.zones.map((zone) => nodeGroupName(owner, zone)));
  const nodes = [...groups.values()].flat().map(({ instanceId }) => instanceId);
  await askNodes(deps, deps.env.RESTART_KUBELET_DOCUMENT, nodes);
}

export const handler = stepHandler(STEP, StepInput, restartWorkloads, collaborators(calls, ENV));
