import { RestoreFailed } from "../../../domain/cluster/errors.ts";
import type { Begun } from "../../../domain/cluster/records.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import { type EnvOf, NonEmpty } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { collaborators } from "../../../runtime/system.ts";
import { hostCommandCalls, runDocument } from "../../../usecases/members/host-command.ts";
import { recordEvent, recordEventCalls } from "../../../usecases/operations/record-event.ts";
import { changeRestoration, readRestoration } from "../../../usecases/restore/restoration.ts";

const calls = { ...hostCommandCalls, ...recordEventCalls };

const STEP = "Forget former hosts";
const ENV = { TAKEN_DATA_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Takes the former hosts out of the data: Nodes, their leases, and addresses of API servers. That it begins is written
 * down by "Check taken data": the keys are not counted again. From its end on API servers may start.
 */
export async function forgetHosts(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<void> {
  const { cluster, restoration } = await readRestoration(deps, name);
  const { takeover, checked, file, from } = restoration;
  if (!takeover || !checked) throw new RestoreFailed(`the data of ${name} is not checked yet`);
  const master = (await deps.store.listMembers(name)).find(({ instanceId }) => instanceId !== null)?.instanceId;
  if (!master) throw new RestoreFailed("there is no master to ask");
  const asking = { operation, step: STEP, member: null, begun };
  await runDocument(deps, asking, master, deps.env.TAKEN_DATA_DOCUMENT, { forget: "yes" });
  const source = cluster.takenFrom?.cluster ?? "another cluster";
  const message = `${name} has the data of ${source} as of backup ${from.kind === "backup" ? from.id : "none"}: revision ${file?.revision}, ${file?.keys} keys, as a new etcd cluster. Nodes of before are out of it.`;
  const time = deps.clock.now().toISOString();
  await recordEvent(deps, name, { time, type: "data-taken-over", message, member: null, operation });
  const change = { ...restoration, serving: true, takeover: { ...takeover, hostsForgotten: true } };
  await changeRestoration(deps, { cluster: name, operation }, change);
}

export const handler = stepHandler(STEP, StepInput, forgetHosts, collaborators(calls, ENV));
