import { elb } from "../../../aws/load-balancing/client.ts";
import { readTargets, registerTargets } from "../../../aws/load-balancing/load-balancing.ts";
import { NotReadyYet } from "../../../domain/cluster/errors.ts";
import { endpointOf } from "../../../domain/cluster/recorded-network.ts";
import { bind } from "../../../runtime/bind.ts";
import type { Deps } from "../../../runtime/collaborators.ts";
import type { EnvOf } from "../../../runtime/env.ts";
import { NonEmpty, readEnv } from "../../../runtime/env.ts";
import { stepHandler } from "../../../runtime/handlers.ts";
import { system } from "../../../runtime/system.ts";
import { planOf } from "../../../usecases/members/members.ts";
import { changeMigration, readMigration } from "../../../usecases/migrate/open-migration.ts";
import { requireHealthy, requireHealthyCalls } from "../../../usecases/migrate/require-healthy.ts";
import { SlotsInput, type SlotsRequest } from "./enlist-members.ts";

const calls = { ...requireHealthyCalls, ...bind(elb, { registerTargets, readTargets }) };

const ENV = { MEMBER_HEALTH_DOCUMENT: NonEmpty };
type Collaborators = Deps<typeof calls, EnvOf<typeof ENV>>;

/** New masters serve the API: their API servers are up, and their load balancer sends clients to them. */
export async function admitMembers(
  deps: Collaborators,
  { cluster: name, operation, slots }: SlotsRequest,
): Promise<void> {
  const { cluster, migration } = await readMigration(deps, name);
  const records = (await deps.store.listMembers(name)).filter(({ member }) => slots.includes(member));
  await requireHealthy(deps, cluster, records, { apiServer: true });
  const { targetGroupArn } = endpointOf(cluster);
  const addresses = slots.map((slot) => planOf(cluster, slot).address);
  const targets = (await deps.aws.readTargets(targetGroupArn)) ?? [];
  const stateOf = (address: string) => targets.find((target) => target.address === address)?.state;
  const missing = addresses.filter((address) => stateOf(address) === undefined);
  if (missing.length > 0) await deps.aws.registerTargets(targetGroupArn, missing);
  const waiting = addresses.filter((address) => stateOf(address) !== "healthy");
  if (waiting.length > 0) throw new NotReadyYet(`the load balancer has not found ${waiting.join(", ")} healthy yet`);
  const admitted = [...new Set([...(migration.admitted ?? []), ...slots])];
  await changeMigration(deps, { cluster: name, operation }, { admitted });
}

export const handler = stepHandler("Admit members", SlotsInput, admitMembers, () => ({
  ...system,
  aws: calls,
  env: readEnv(ENV),
}));
