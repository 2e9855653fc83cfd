import type { Signature } from "../../domain/access/caller.ts";
import type { ClusterOutline, ClusterView, OperationView } from "../../domain/api/views.ts";
import type { Patch } from "../../domain/fleet/rollout-records.ts";

export type UpdateAnswer =
  | { readonly kind: "started"; readonly operation: string }
  /** There was nothing to do, or it was recorded at once. */
  | { readonly kind: "unchanged" }
  /** Not now. */
  | { readonly kind: "busy"; readonly reason: string }
  /** Never so. */
  | { readonly kind: "refused"; readonly reason: string };

/** Where clusters are: a Holdfast, by what a fleet asks of it. */
export interface ClusterEndpoint {
  /** All clusters; may lag by a moment. */
  list(): Promise<readonly ClusterOutline[]>;
  /** Undefined if there is none of the name. */
  get(cluster: string): Promise<ClusterView | undefined>;
  /** Undefined if there is none of the id. */
  operation(id: string): Promise<OperationView | undefined>;
  /** The same request, with the same key, is executed once. */
  update(
    cluster: string,
    patch: Patch,
    request: { readonly key: string; readonly by: Signature },
  ): Promise<UpdateAnswer>;
}

/** Endpoints by their names. */
export type ClusterEndpoints = ReadonlyMap<string, ClusterEndpoint>;
