import { RestorePlanSchema } from "../restore/loss.ts";
import { OPERATION_EXAMPLE, RESTORE_PLAN_EXAMPLE } from "./examples.ts";
import { REQUESTS } from "./requests.ts";
import type { ApiRoute } from "./route-types.ts";
import { OperationViewSchema } from "./views.ts";

const PROBLEMS = [
  "cluster-unknown",
  "backup-unknown",
  "cluster-busy",
  "restore-refused",
  "backup-unusable",
  "backup-foreign",
] as const;
const EXAMPLE = { from: "backup", backup: "latest" };

/** To bring a cluster back from a backup, or from the member that is left. */
export const RESTORE_ROUTES = {
  restoreCluster: {
    request: REQUESTS.restoreCluster,
    tag: "Clusters",
    summary: "Restore a cluster in place",
    description:
      "Stops etcd and API servers of all masters first. Takes the cluster from a repair or a change. The same request continues a restore that stopped.",
    function: "restore-cluster",
    answers: {
      202: {
        description: "The operation has begun; follow it at `Location`.",
        schema: OperationViewSchema,
        example: OPERATION_EXAMPLE,
        headers: { Location: "Path of the operation." },
      },
    },
    problems: [...PROBLEMS, "idempotency-mismatch"],
    body: { schema: REQUESTS.restoreCluster.body, example: EXAMPLE },
  },
  planRestore: {
    request: REQUESTS.planRestore,
    tag: "Clusters",
    summary: "What a restore would lose",
    description: "Held against the cluster and the backup. Changes nothing.",
    function: "restore-cluster",
    answers: { 200: { description: "The plan.", schema: RestorePlanSchema, example: RESTORE_PLAN_EXAMPLE } },
    problems: [...PROBLEMS],
    body: { schema: REQUESTS.planRestore.body, example: EXAMPLE },
  },
} as const satisfies Readonly<Record<string, ApiRoute>>;
