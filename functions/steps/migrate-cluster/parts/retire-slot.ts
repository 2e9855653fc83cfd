import type { Begun, MemberRecord } from "../../../domain/cluster/records.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import type { EnvOf } from "../../../runtime/env.ts";
import { NonEmpty, readEnv } from "../../../runtime/env.ts";
import { MemberStepInput, type MemberStepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";
import { drainCalls, drainNode } from "../../../usecases/members/drain.ts";
import {
  chooseMaster,
  hostCommandCalls,
  runDocument,
  SHORT_COMMAND_MS,
} from "../../../usecases/members/host-command.ts";
import { endSlot, removeSlot, removeSlotCalls } from "../../../usecases/migrate/remove-slot.ts";
import { recordEvent, recordEventCalls } from "../../../usecases/operations/record-event.ts";

const calls = { ...removeSlotCalls, ...hostCommandCalls, ...drainCalls, ...recordEventCalls };

const STEP = "Retire slot";
const ENV = { FORGET_NODES_DOCUMENT: NonEmpty, DRAIN_NODE_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Evicts the pods of a slot that etcd does not have any more, ends its master, and removes what it had. Its data stays as a
 * snapshot.
 */
export async function retireSlot(deps: Collaborators, request: MemberStepRequest, begun: Begun): Promise<void> {
  const { cluster, operation, member } = request;
  const record = (await deps.store.listMembers(cluster)).find((each) => each.member === member);
  if (!record) return;
  await drain(deps, request, record, begun);
  await endSlot(deps, cluster, member);
  if (record.instanceId !== null) {
    const asking = { operation, step: STEP, member, begun };
    const master = await chooseMaster(deps, cluster, begun, SHORT_COMMAND_MS, member);
    await runDocument(deps, asking, master, deps.env.FORGET_NODES_DOCUMENT, { nodes: record.instanceId });
  }
  await removeSlot(deps, cluster, member, { keepsData: true });
  const message = `What master ${member} had is removed. A snapshot of its data stays for a week.`;
  const time = deps.clock.now().toISOString();
  await recordEvent(deps, cluster, { time, type: "master-removed", message, member, operation });
}

/** Once: what follows is repeated until the instance has ended. */
async function drain(
  deps: Collaborators,
  { cluster, operation, member }: MemberStepRequest,
  { instanceId, drained }: MemberRecord,
  begun: Begun,
): Promise<void> {
  if (instanceId === null || drained === true) return;
  const asking = { operation, step: STEP, member, begun };
  const why = await drainNode(deps, asking, { cluster, instanceId, member });
  await deps.store.updateMember(cluster, member, { drained: true });
  if (why === undefined) return;
  const time = deps.clock.now().toISOString();
  const message = `Master ${member} goes although it could not be drained: ${why}.`;
  await recordEvent(deps, cluster, { time, type: "drain-incomplete", message, member, operation });
}

export const handler = stepHandler(STEP, MemberStepInput, retireSlot, () => ({
  ...system,
  aws: calls,
  env: readEnv(ENV),
}));
