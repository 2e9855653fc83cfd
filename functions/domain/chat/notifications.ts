import * as z from "zod";
import type { EventView } from "../api/views.ts";
import type { ClusterRecord } from "../cluster/records.ts";
import { ClusterName } from "../spec/value-schemas.ts";

/**
 * One of Holdfast's own events as EventBridge delivers it (usecases/record-event.ts publishes it). Only the identifying
 * fields are read. The text comes from the table.
 */
export const BusEvent = z.discriminatedUnion("detail-type", [
  z.object({
    "detail-type": z.literal("Holdfast Cluster Event"),
    detail: z.object({ id: z.string(), cluster: ClusterName }),
  }),
  z.object({
    "detail-type": z.literal("Holdfast Cluster Status Change"),
    detail: z.object({ id: z.string(), cluster: ClusterName, status: z.string() }),
  }),
]);
export type BusEvent = z.output<typeof BusEvent>;

/**
 * Event types (docs/events.md) that are posted, each with its symbol. A failure is posted as the status change that
 * follows it.
 */
const MARKS: Readonly<Record<string, string>> = {
  "master-lost": "🔧",
  "member-hung": "🔧",
  "volume-lost": "🔧",
  "volume-damaged": "🔧",
  "cluster-whole": "✅",
  "repair-budget-spent": "🔴",
};
const BAD_STATUS = new Set(["DEGRADED", "FAILED"]);

/** What the table has of the fact that an event is about. */
export interface Recorded {
  /** The event of that id in the cluster's event history. */
  readonly event: Pick<EventView, "type" | "message"> | undefined;
  readonly cluster: Pick<ClusterRecord, "status" | "reason"> | undefined;
}

/**
 * The notification for an event. Null for an event that the table does not have, and for a status that is no longer
 * current. The same fact always has the same `id`.
 */
export function notificationOf(
  { detail }: BusEvent,
  { event, cluster }: Recorded,
): { readonly id: string; readonly text: string } | undefined {
  const id = `${detail.cluster}#${detail.id}`;
  if ("status" in detail) {
    if (!BAD_STATUS.has(detail.status) || cluster?.status !== detail.status) return undefined;
    return { id, text: `🔴 ${detail.cluster} is ${cluster.status}. ${cluster.reason ?? ""}`.trimEnd() };
  }
  const mark = MARKS[event?.type ?? ""];
  return mark === undefined ? undefined : { id, text: `${mark} ${detail.cluster}: ${event?.message}` };
}
