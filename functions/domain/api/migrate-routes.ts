import { MigrationPlanSchema } from "../migrate/planned-migration.ts";
import { CLUSTER_EXAMPLE, MIGRATION_PLAN_EXAMPLE, OPERATION_EXAMPLE } from "./examples.ts";
import { REQUESTS } from "./requests.ts";
import type { ApiRoute } from "./route-types.ts";
import { ClusterViewSchema, OperationViewSchema } from "./views.ts";

const PROBLEMS = ["cluster-unknown", "cluster-busy", "spec-rejected"] as const;
const EXAMPLE = { masterZones: ["us-west-2a", "us-west-2b", "us-west-2c"] };

/** To change how many masters a cluster has, and where. */
export const MIGRATE_ROUTES = {
  migrateCluster: {
    request: REQUESTS.migrateCluster,
    tag: "Clusters",
    summary: "Change the number or the zones of the masters",
    description:
      "One slot after the other, with a backup before. All that is in the way is in one answer. The same request continues a migration that stopped.",
    function: "migrate-cluster",
    answers: {
      202: {
        description: "The operation has begun; follow it at `Location`.",
        schema: OperationViewSchema,
        example: { ...OPERATION_EXAMPLE, id: "migrate-01kb0v3j6z8f6c3w9m2n4p5q7r", kind: "migrate", steps: [] },
        headers: { Location: "Path of the operation." },
      },
      200: {
        description: "There is nothing to do: the cluster as it is.",
        schema: ClusterViewSchema,
        example: CLUSTER_EXAMPLE,
      },
    },
    problems: [...PROBLEMS, "idempotency-mismatch"],
    body: { schema: REQUESTS.migrateCluster.body, example: EXAMPLE },
  },
  planMigration: {
    request: REQUESTS.planMigration,
    tag: "Clusters",
    summary: "What a migration of the masters would do",
    description: "Held against cluster, account and network. Changes nothing.",
    function: "migrate-cluster",
    answers: { 200: { description: "The plan.", schema: MigrationPlanSchema, example: MIGRATION_PLAN_EXAMPLE } },
    problems: [...PROBLEMS],
    body: { schema: REQUESTS.planMigration.body, example: EXAMPLE },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
