import * as z from "zod";

/** An event of ours as EventBridge delivers it; `functions/usecases/story.ts` puts it there. */
export const BusEvent = z.discriminatedUnion("detail-type", [
  z.object({
    "detail-type": z.literal("Holdfast Cluster Event"),
    detail: z.object({ id: z.string(), cluster: z.string(), type: z.string(), message: z.string() }),
  }),
  z.object({
    "detail-type": z.literal("Holdfast Cluster Status Change"),
    detail: z.object({ id: z.string(), cluster: z.string(), status: z.string(), reason: z.string().nullable() }),
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

/** What a channel is told of an event, or nothing. `id` is the same for the same fact, however often it is told. */
export const noticeOf = (event: BusEvent): { readonly id: string; readonly text: string } | undefined => {
  const { detail } = event;
  const id = `${detail.cluster}#${detail.id}`;
  if ("status" in detail) {
    if (!BAD_STATUS.has(detail.status)) return undefined;
    return { id, text: `🔴 ${detail.cluster} is ${detail.status}. ${detail.reason ?? ""}`.trimEnd() };
  }
  const mark = MARKS[detail.type];
  return mark === undefined ? undefined : { id, text: `${mark} ${detail.cluster}: ${detail.message}` };
};
