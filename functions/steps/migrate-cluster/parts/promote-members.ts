import * as z from "zod";
import { CatchUpFailed, NotReadyYet } from "../../../domain/cluster/errors.ts";
import type { Begun, ClusterRecord, MemberRecord } from "../../../domain/cluster/records.ts";
import type { Migration } from "../../../domain/migrate/migration-records.ts";
import { settledMembers } from "../../../domain/migrate/settled-members.ts";
import { describeProgress, readProgress, whyNotPromoted } from "../../../domain/repair/catch-up.ts";
import { MemberName } from "../../../domain/spec/value-schemas.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import type { EnvOf } from "../../../runtime/env.ts";
import { NonEmpty, readEnv } from "../../../runtime/env.ts";
import { stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";
import { type Asking, runDocument } from "../../../usecases/members/host-command.ts";
import { planOf } from "../../../usecases/members/members.ts";
import { changeVoters, markLeaving, mastersAtWorkCalls } from "../../../usecases/migrate/masters-at-work.ts";
import { changeMigration, readMigration } from "../../../usecases/migrate/open-migration.ts";
import { requireHealthy, requireHealthyCalls } from "../../../usecases/migrate/require-healthy.ts";
import { SlotsInput } from "./enlist-members.ts";

const calls = { ...mastersAtWorkCalls, ...requireHealthyCalls };

const STEP = "Promote members";
const ENV = { MEMBER_PROGRESS_DOCUMENT: NonEmpty, CHANGE_VOTERS_DOCUMENT: NonEmpty, MEMBER_HEALTH_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

const Input = SlotsInput.extend({ removes: z.array(MemberName) });

/** As in a repair: etcd's largest store is copied in that time. */
const CATCH_UP_MS = 10 * 60_000;

/**
 * Makes learners voters once all of them have caught up by Holdfast's own limit, and takes out whom they replace, in one
 * command on a host. Throws CatchUpFailed after ten minutes.
 */
export async function promoteMembers(
  deps: Collaborators,
  { cluster: name, operation, slots, removes }: z.output<typeof Input>,
  begun: Begun,
): Promise<void> {
  const asking = { operation, step: STEP, member: null, begun };
  const { cluster, migration } = await readMigration(deps, name);
  const staying = settledMembers(await deps.store.listMembers(name)).filter(({ member }) => !removes.includes(member));
  const master = await masterFor(deps, name, staying, begun);
  // A former run that asked for the change has seen that they had caught up.
  if (begun.command?.document !== deps.env.CHANGE_VOTERS_DOCUMENT) {
    await requireCaughtUp(deps, { cluster, migration, asking }, master, slots);
    await requireHealthy(deps, cluster, staying);
    await markLeaving(deps, cluster, removes);
  }
  // A single master that is replaced leaves the cluster to the new one.
  const keeper = staying.find(({ member }) => member === cluster.leader) ?? staying[0];
  await changeVoters(deps, cluster, asking, master, {
    promote: slots,
    remove: removes,
    keeper: keeper?.member ?? slots[0] ?? "",
  });
}

/**
 * A voter that stays. Of a single master that is replaced, that one; in later runs also the new one, since it may have
 * the cluster by now.
 */
async function masterFor(
  deps: Collaborators,
  cluster: string,
  staying: readonly MemberRecord[],
  { first, command }: Begun,
): Promise<string> {
  const all = await deps.store.listMembers(cluster);
  const either = all.flatMap(({ instanceId }) => instanceId ?? []);
  if (staying.length === 0 && !first) return either[Math.floor(Math.random() * either.length)] ?? "";
  const healthy = [...staying, ...all.filter(({ migrating }) => migrating !== "joining")].filter(
    ({ health, instanceId }) => health === "healthy" && instanceId !== null,
  );
  const asked = healthy.find(({ instanceId }) => instanceId === command?.instanceId);
  const master = (asked ?? healthy[0])?.instanceId;
  if (!master) throw new NotReadyYet(`no master of ${cluster} is known to be healthy`);
  return master;
}

async function requireCaughtUp(
  deps: Collaborators,
  { cluster, migration, asking }: { cluster: ClusterRecord; migration: Migration; asking: Asking },
  master: string,
  slots: readonly string[],
): Promise<void> {
  if (slots.length === 0) return;
  const now = deps.clock.now().getTime();
  const since = migration.learningSince ?? now;
  if (migration.learningSince == null)
    await changeMigration(deps, { cluster: cluster.name, operation: asking.operation }, { learningSince: now });
  const looks = readProgress(await runDocument(deps, asking, master, deps.env.MEMBER_PROGRESS_DOCUMENT));
  for (const slot of slots) {
    const { address } = planOf(cluster, slot);
    const why = whyNotPromoted(looks, address);
    if (why === undefined) continue;
    if (now - since < CATCH_UP_MS) throw new NotReadyYet(`member ${slot} has not caught up: ${why}`);
    throw new CatchUpFailed(`Member ${slot} did not catch up within ten minutes: ${describeProgress(looks, address)}.`);
  }
}

export const handler = stepHandler(STEP, Input, promoteMembers, () => ({ ...system, aws: calls, env: readEnv(ENV) }));
