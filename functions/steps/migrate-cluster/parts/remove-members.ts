import { NotReadyYet, QuorumAtRisk } from "../../../domain/cluster/errors.ts";
import type { Begun, ClusterRecord, MemberRecord } from "../../../domain/cluster/records.ts";
import { settledMembers } from "../../../domain/migrate/settled-members.ts";
import { peerUrlOf, readMemberList } from "../../../domain/repair/member-list.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import type { EnvOf } from "../../../runtime/env.ts";
import { NonEmpty, readEnv } from "../../../runtime/env.ts";
import { stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";
import { type Asking, runDocument } from "../../../usecases/members/host-command.ts";
import { planOf } from "../../../usecases/members/members.ts";
import { changeVoters, markLeaving, mastersAtWorkCalls } from "../../../usecases/migrate/masters-at-work.ts";
import { readMigration } from "../../../usecases/migrate/open-migration.ts";
import { requireHealthy, requireHealthyCalls } from "../../../usecases/migrate/require-healthy.ts";
import { SlotsInput, type SlotsRequest } from "./enlist-members.ts";

const calls = { ...mastersAtWorkCalls, ...requireHealthyCalls };

const STEP = "Remove members";
const ENV = { LIST_MEMBERS_DOCUMENT: NonEmpty, CHANGE_VOTERS_DOCUMENT: NonEmpty, MEMBER_HEALTH_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/**
 * Takes members out of etcd before anything of theirs is touched: while all that stay are healthy, and after the
 * leadership is with one that stays. Every one that stays must list them no more.
 */
export async function removeMembers(
  deps: Collaborators,
  { cluster: name, operation, slots }: SlotsRequest,
  begun: Begun,
): Promise<void> {
  const asking = { operation, step: STEP, member: null, begun };
  const { cluster } = await readMigration(deps, name);
  const staying = settledMembers(await deps.store.listMembers(name)).filter(({ member }) => !slots.includes(member));
  const keeper = staying.find(({ member }) => member === cluster.leader) ?? staying[0];
  if (!keeper?.instanceId) throw new QuorumAtRisk(`nobody would be left in ${name} without ${slots.join(", ")}`);
  await requireHealthy(deps, cluster, staying);
  await markLeaving(deps, cluster, slots);
  await changeVoters(deps, cluster, asking, keeper.instanceId, { promote: [], remove: slots, keeper: keeper.member });
  await confirm(deps, cluster, asking, staying, slots);
}

/** Asked one after the other: a member that lags behind is waited for. */
async function confirm(
  deps: Collaborators,
  cluster: ClusterRecord,
  asking: Asking,
  staying: readonly MemberRecord[],
  slots: readonly string[],
): Promise<void> {
  const gone = slots.map((slot) => peerUrlOf(planOf(cluster, slot).address));
  for (const { member, instanceId } of staying) {
    if (instanceId === null) continue;
    const listed = readMemberList(await runDocument(deps, asking, instanceId, deps.env.LIST_MEMBERS_DOCUMENT));
    if (listed.some(({ peerUrl }) => gone.includes(peerUrl)))
      throw new NotReadyYet(`master ${member} lists ${slots.join(", ")} in etcd still`);
  }
}

export const handler = stepHandler(STEP, SlotsInput, removeMembers, () => ({
  ...system,
  aws: calls,
  env: readEnv(ENV),
}));
