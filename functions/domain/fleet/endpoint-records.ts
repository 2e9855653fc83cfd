import * as z from "zod";
import type { Read } from "../api/output.ts";
import type { ClusterOutline } from "../api/views.ts";
import { LOCAL } from "./fleet-records.ts";

/** Short, since keys of requests have it beside a cluster's name and a roll-out's id. */
export const EndpointName = z
  .string()
  .max(20)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, "lower-case letters, digits and hyphens")
  .refine((name) => name !== LOCAL, { message: `another name than ${LOCAL}, which is this Holdfast` });

/** The path of roles that let a hub in: a hub takes no other role. */
export const HUB_ROLE_PATH = "/holdfast-hub/";

/** Another Holdfast, which has joined this one: its hub. */
export const EndpointRecordSchema = z.looseObject({
  name: z.string().min(1),
  /** Address of its API. */
  api: z.string(),
  region: z.string(),
  /** A role of its account that may call the API. */
  roleArn: z.string(),
  /** Of the API; null before it has answered. */
  version: z.string().nullable(),
  /** When it last answered; null: never. */
  lastSeenAt: z.string().nullable(),
  /** Since when it does not answer. */
  unreachableSince: z.string().nullable(),
  /** Why it does not. */
  reason: z.string().nullable(),
  joinedAt: z.string(),
});
export type EndpointRecord = Read<typeof EndpointRecordSchema>;

/** The account that a role is in. */
export function accountOf({ roleArn }: Pick<EndpointRecord, "roleArn">): string {
  return roleArn.split(":")[4] ?? "";
}

/** The last that was seen of a cluster of an endpoint: a copy, never the truth. */
export const MirrorRecordSchema = z.looseObject({
  endpoint: z.string().min(1),
  cluster: z.string().min(1),
  /** Its view as JSON, which was checked when it came: a fleet has hundreds, and reads them at once. */
  view: z.string(),
});
export type MirrorRecord = Read<typeof MirrorRecordSchema>;

/** A cluster as this Holdfast knows it. */
export interface KnownCluster {
  readonly endpoint: string;
  readonly view: ClusterOutline;
  /** Since when nothing is known of it: its endpoint does not answer. */
  readonly unknownSince: string | null;
}

/** A cluster of this Holdfast itself. */
export function ownCluster(view: ClusterOutline): KnownCluster {
  return { endpoint: LOCAL, view, unknownSince: null };
}

const MINUTE_MS = 60_000;
/** Each endpoint is asked again after this time, so that no cluster is asked for more often. */
const REFRESH_MS = 5 * MINUTE_MS;
/** What is older is not shown as if it were so: then the hub itself did not ask. */
const STALE_MS = 15 * MINUTE_MS;

/** Whether it is to be asked now. One that does not answer is asked each minute, by one request. */
export function isDue({ lastSeenAt, unreachableSince }: EndpointRecord, now: Date): boolean {
  if (lastSeenAt === null || unreachableSince !== null) return true;
  return now.getTime() - Date.parse(lastSeenAt) >= REFRESH_MS;
}

/** Since when nothing is known of the endpoint; null: it has answered lately. */
export function unknownSince(endpoint: EndpointRecord | undefined, now: Date): string | null {
  if (endpoint === undefined) return new Date(0).toISOString();
  const { lastSeenAt, unreachableSince, joinedAt } = endpoint;
  if (unreachableSince !== null) return unreachableSince;
  const since = lastSeenAt ?? joinedAt;
  return lastSeenAt === null || now.getTime() - Date.parse(since) > STALE_MS ? since : null;
}
