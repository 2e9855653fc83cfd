import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import type { Migration } from "../../domain/migrate/migration-records.ts";
import type { Deps } from "../../runtime/collaborators.ts";

/** The migration that is under way, with its cluster. */
export interface OpenMigration {
  readonly cluster: ClusterRecord;
  readonly migration: Migration;
}

export async function readMigration(deps: Deps, name: string): Promise<OpenMigration> {
  const cluster = await deps.store.getCluster(name);
  const { migration } = cluster;
  if (!migration) throw new OwnershipConflict(`no migration of ${name} is under way`);
  return { cluster, migration };
}

/** Only the steps of one operation write it, one at a time. */
export async function changeMigration(
  deps: Deps,
  { cluster: name, operation }: { readonly cluster: string; readonly operation: string },
  change: Partial<Migration>,
): Promise<void> {
  const { migration } = await readMigration(deps, name);
  await deps.store.updateCluster(name, operation, { migration: { ...migration, ...change } }, deps.clock.now());
}
