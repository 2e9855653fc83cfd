import { REQUESTS } from "../domain/api/requests.ts";
import { requireWithinLimits } from "../runtime/access.ts";
import { answering, apiHandlers } from "../runtime/api-handler.ts";
import { NonEmpty, readEnv } from "../runtime/env.ts";
import { system } from "../runtime/system.ts";
import { acceptMigration, acceptMigrationCalls } from "../usecases/migrate/accept-migration.ts";
import { checkMigration } from "../usecases/migrate/check-migration.ts";
import { accepted, toClusterView } from "../usecases/operations/views.ts";

const env = readEnv({ MIGRATE_STATE_MACHINE: NonEmpty, MEMBER_HEALTH_DOCUMENT: NonEmpty });
const deps = { ...system, aws: acceptMigrationCalls, env };

const { migrateCluster, planMigration } = REQUESTS;

/** `POST /clusters/{name}/migrate/plan`: what would be done. Changes nothing. */
const plan = answering(planMigration, async ({ path: { name }, body }) => {
  return { status: 200, body: (await checkMigration(deps, name, body)).plan };
});

/**
 * `POST /clusters/{name}/migrate`: brings the masters to these zones. 202 with the operation, or 200 with the cluster if
 * they are there. One that stopped is continued by the same request.
 */
const migrate = answering(migrateCluster, async ({ path: { name: cluster }, body: asked, caller, by, claim }) => {
  const operation = await acceptMigration(deps, {
    cluster,
    asked,
    claim: claim({ route: migrateCluster.route, cluster, ...asked }),
    by,
    admit: (from, to) => requireWithinLimits(caller, "change", from, to),
  });
  if (operation) return accepted(operation);
  const [record, members] = await Promise.all([deps.store.getCluster(cluster), deps.store.listMembers(cluster)]);
  return { status: 200, body: toClusterView(record, members) };
});

export const handler = apiHandlers(migrate, plan);
