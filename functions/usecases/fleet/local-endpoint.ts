import { createHash } from "node:crypto";
import { ClusterBusy, HoldfastError, NotReadyYet, OperationUnknown } from "../../domain/cluster/errors.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import type { Table } from "../../store/keys.ts";
import { changeCluster, type changeClusterCalls, type Machines } from "../change/change-cluster.ts";
import { toClusterView, toOperationView } from "../operations/views.ts";
import type { ClusterEndpoint, UpdateAnswer } from "./cluster-endpoint.ts";
import { listLocalClusters } from "./local-clusters.ts";

/** The clusters of this Holdfast. A change is the same as one by the API, with the same checks. */
export function localEndpoint(
  deps: Deps<typeof changeClusterCalls>,
  table: Table,
  machines: Machines,
): ClusterEndpoint {
  const { store } = deps;
  return {
    list: () => listLocalClusters(table),
    get: async (name) => {
      const cluster = await store.findCluster(name);
      return cluster && toClusterView(cluster, await store.listMembers(name));
    },
    operation: async (id) => {
      try {
        return toOperationView(await store.getOperation(id));
      } catch (error) {
        if (error instanceof OperationUnknown) return undefined;
        throw error;
      }
    },
    update: async (cluster, patch, { key, by }) => {
      const requestHash = createHash("sha256").update(JSON.stringify(patch)).digest("hex");
      try {
        const operation = await changeCluster(deps, machines, {
          cluster,
          patch: { document: patch },
          ifMatch: undefined,
          claim: { key, requestHash },
          by,
          // Its limits were checked when the roll-out began.
          admit: () => {},
        });
        return operation ? { kind: "started", operation: operation.id } : { kind: "unchanged" };
      } catch (error) {
        return answerOf(error);
      }
    },
  };
}

/** What nobody has foreseen is no answer: it is asked again. */
function answerOf(error: unknown): UpdateAnswer {
  if (error instanceof ClusterBusy || error instanceof NotReadyYet) return { kind: "busy", reason: error.message };
  if (error instanceof HoldfastError) return { kind: "refused", reason: error.message };
  throw error;
}
