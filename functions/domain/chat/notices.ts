import * as z from "zod";
import type { EventView } from "../api/views.ts";
import type { ClusterRecord } from "../cluster/records.ts";
import { ClusterName } from "../spec/spec.ts";

/**
 * An event of ours as EventBridge delivers it; `functions/usecases/operations/story.ts` puts it there. Only what names the fact is read: what is
 * said of it is what the table has.
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

/** Types of events (docs/events.md) that are news, and the mark of each. What failed is told as the status that follows. */
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
  /** The event of that id in the cluster's story. */
  readonly event: Pick<EventView, "type" | "message"> | undefined;
  readonly cluster: Pick<ClusterRecord, "status" | "reason"> | undefined;
}

/**
 * What a channel is told of an event, or nothing: not of what the table does not know, and not of a status that has passed.
 * `id` is the same for the same fact, however often it is told.
 */
export const noticeOf = (
  { detail }: BusEvent,
  { event, cluster }: Recorded,
): { readonly id: string; readonly text: string } | undefined => {
  const id = `${detail.cluster}#${detail.id}`;
  if ("status" in detail) {
    if (!BAD_STATUS.has(detail.status) || cluster?.status !== detail.status) return undefined;
    return { id, text: `🔴 ${detail.cluster} is ${cluster.status}. ${cluster.reason ?? ""}`.trimEnd() };
  }
  const mark = MARKS[event?.type ?? ""];
  return mark === undefined ? undefined : { id, text: `${mark} ${detail.cluster}: ${event?.message}` };
};
