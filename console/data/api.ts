import type * as api from "../../dist/holdfast-api.ts";

/** What the API answers, as its OpenAPI document says; nobody changes an answer. */
export type Cluster = ReadOnly<api.Cluster>;
export type Deletion = ReadOnly<api.Deletion>;
export type Event = ReadOnly<api.Event>;
export type Operation = ReadOnly<api.Operation>;
export type PlannedCluster = ReadOnly<api.PlannedCluster>;
export type Problem = ReadOnly<api.Problem>;

type ReadOnly<T> = T extends object
  ? { readonly [K in keyof T]: ReadOnly<T[K]> | (object extends Pick<T, K> ? undefined : never) }
  : T;

type Answer<Call extends (...args: never) => unknown> =
  Extract<Awaited<ReturnType<Call>>, { status: 200 }> extends { data: infer Data } ? ReadOnly<Data> : never;

export type Backup = Answer<typeof api.listBackups>["items"][number];
export type RestorePlan = Answer<typeof api.planRestore>;

export type FleetSummary = Answer<typeof api.listFleets>["items"][number];
export type Fleet = Answer<typeof api.getFleet>;
export type Rollout = Answer<typeof api.getRollout>;
export type Endpoint = Answer<typeof api.listEndpoints>["items"][number];
export type PlannedRollout = Answer<typeof api.planRollout>;

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string | null;
}
