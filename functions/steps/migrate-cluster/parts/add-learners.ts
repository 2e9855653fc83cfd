import type { Begun } from "../../../domain/cluster/records.ts";
import { peerUrlOf } from "../../../domain/repair/member-list.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import type { EnvOf } from "../../../runtime/env.ts";
import { NonEmpty, readEnv } from "../../../runtime/env.ts";
import { stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";
import {
  chooseMaster,
  hostCommandCalls,
  runDocument,
  SHORT_COMMAND_MS,
} from "../../../usecases/members/host-command.ts";
import { planOf } from "../../../usecases/members/members.ts";
import { changeMigration, readMigration } from "../../../usecases/migrate/open-migration.ts";
import { SlotsInput, type SlotsRequest } from "./enlist-members.ts";

const STEP = "Add learners";
const ENV = { ADD_LEARNERS_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof hostCommandCalls, EnvOf<typeof ENV>>;

/** etcd hears of new members: as learners, which copy the data and do not count for its majority. */
export async function addLearners(
  deps: Collaborators,
  { cluster: name, operation, slots }: SlotsRequest,
  begun: Begun,
): Promise<void> {
  const { cluster } = await readMigration(deps, name);
  const master = await chooseMaster(deps, name, begun, SHORT_COMMAND_MS);
  const learners = slots.map((slot) => `${slot}=${peerUrlOf(planOf(cluster, slot).address)}`).join(" ");
  const asking = { operation, step: STEP, member: null, begun };
  await runDocument(deps, asking, master, deps.env.ADD_LEARNERS_DOCUMENT, { learners });
  await changeMigration(deps, { cluster: name, operation }, { learningSince: null });
}

export const handler = stepHandler(STEP, SlotsInput, addLearners, () => ({
  ...system,
  aws: hostCommandCalls,
  env: readEnv(ENV),
}));
