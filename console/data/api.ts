import type { listBackups, planMigration, planRestore } from "../../dist/holdfast-api.ts";

/** What the API answers, as its OpenAPI document says. */
export type { Cluster, Deletion, Event, Operation, PlannedCluster, Problem } from "../../dist/holdfast-api.ts";

type Answer<Call extends (...args: never) => unknown> =
  Extract<Awaited<ReturnType<Call>>, { status: 200 }> extends { data: infer Data } ? Data : never;

export type Backup = Answer<typeof listBackups>["items"][number];
export type RestorePlan = Answer<typeof planRestore>;
export type MigrationPlan = Answer<typeof planMigration>;

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string | null;
}
