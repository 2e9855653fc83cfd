import { elb } from "../../../aws/load-balancing/client.ts";
import { registerTargets } from "../../../aws/load-balancing/load-balancing.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { endpointOf } from "../../../domain/cluster/recorded-network.ts";
import type { Begun, ClusterRecord } from "../../../domain/cluster/records.ts";
import { planBackOut } from "../../../domain/migrate/migration-step.ts";
import { peerUrlOf } from "../../../domain/repair/member-list.ts";
import { isOrAre } from "../../../domain/text/counted.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import type { EnvOf } from "../../../runtime/env.ts";
import { NonEmpty, readEnv } from "../../../runtime/env.ts";
import { StepInput, type StepRequest, stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";
import { attemptEach } from "../../../usecases/deletion/remove.ts";
import {
  type Asking,
  chooseMaster,
  hostCommandCalls,
  runDocument,
  SHORT_COMMAND_MS,
} from "../../../usecases/members/host-command.ts";
import { planOf } from "../../../usecases/members/members.ts";
import { readSlots, readSlotsCalls } from "../../../usecases/migrate/read-slots.ts";
import { endSlot, forgetSlots, removeSlot, removeSlotCalls } from "../../../usecases/migrate/remove-slot.ts";
import { recordEvent, recordEventCalls } from "../../../usecases/operations/record-event.ts";
import { slotsOf } from "./assess-migration.ts";

const calls = {
  ...readSlotsCalls,
  ...removeSlotCalls,
  ...hostCommandCalls,
  ...recordEventCalls,
  ...bind(elb, { registerTargets }),
};

const STEP = "Back out";
const ENV = { LIST_MEMBERS_DOCUMENT: NonEmpty, REMOVE_LEARNER_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * A migration stops. While nothing of its current part votes or has left etcd, that part is taken back, and the cluster is
 * as before it. Otherwise the migration stays open: the same request continues it. Throws NotReadyYet until it is done.
 */
export async function backOut(
  deps: Collaborators,
  { cluster: name, operation }: StepRequest,
  begun: Begun,
): Promise<{ undone: boolean }> {
  const asking = { operation, step: STEP, member: null, begun };
  const cluster = await deps.store.getCluster(name);
  const { migration } = cluster;
  if (!migration) return { undone: true };
  const { slots, silence } = await readSlots(deps, cluster, slotsOf(cluster, migration.changes ?? []), asking);
  const plan = planBackOut({ migration, slots, etcdAnswers: silence === undefined });
  const report = async (type: string, message: string): Promise<void> => {
    const time = deps.clock.now().toISOString();
    await recordEvent(deps, name, { time, type, message, member: null, operation });
  };
  if (plan.kind === "keep") {
    // An answer that only takes its time comes with the next try. A voter without an instance is for the next repair.
    const isLost = slots.some(({ record, placed }) => record === "full" && !placed);
    if (silence !== undefined && !isLost) throw new NotReadyYet(silence);
    await report("migration-open", `The migration is not taken back: ${plan.reason}. The same command continues it.`);
    return { undone: false };
  }
  const learners = slots.filter(({ slot, etcd }) => etcd === "learner" && plan.slots.includes(slot));
  await removeLearners(
    deps,
    cluster,
    asking,
    begun,
    learners.map(({ slot }) => slot),
  );
  await keep(deps, cluster, plan.stay);
  await attemptEach(plan.slots, async (slot) => {
    await endSlot(deps, name, slot);
    await removeSlot(deps, name, slot, { keepsData: false });
  });
  if (plan.slots.length > 0) {
    await forgetSlots(deps, { cluster: name, operation }, plan.slots);
    const who = `${plan.slots.length === 1 ? "Master" : "Masters"} ${plan.slots.join(", ")}`;
    await report("migration-undone", `${who} ${isOrAre(plan.slots.length)} removed again; the others are as before.`);
  }
  await deps.store.updateCluster(name, operation, { migration: null }, deps.clock.now());
  return { undone: true };
}

async function removeLearners(
  deps: Collaborators,
  cluster: ClusterRecord,
  asking: Asking,
  begun: Begun,
  slots: readonly string[],
): Promise<void> {
  for (const slot of slots) {
    const master = await chooseMaster(deps, cluster.name, begun, SHORT_COMMAND_MS, slot);
    const peerUrl = peerUrlOf(planOf(cluster, slot).address);
    await runDocument(deps, asking, master, deps.env.REMOVE_LEARNER_DOCUMENT, { peerUrl });
  }
}

/** Masters that were to leave, and have not, are members as before. */
async function keep(deps: Collaborators, cluster: ClusterRecord, slots: readonly string[]): Promise<void> {
  if (slots.length === 0) return;
  const addresses = slots.map((slot) => planOf(cluster, slot).address);
  await deps.aws.registerTargets(endpointOf(cluster).targetGroupArn, addresses);
  for (const slot of slots) await deps.store.updateMember(cluster.name, slot, { migrating: null });
}

export const handler = stepHandler(STEP, StepInput, backOut, () => ({ ...system, aws: calls, env: readEnv(ENV) }));
