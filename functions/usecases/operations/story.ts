import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { eventBridge } from "../../aws/eventbridge/client.ts";
import { publish } from "../../aws/eventbridge/event-bus.ts";
import type { ClusterStatus, EventView } from "../../domain/api/views.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { logger } from "../../runtime/logger.ts";
import { eventId } from "../../store/clusters.ts";

export const storyCalls = { ...bind(eventBridge, { publish }) };

type Collaborators = Deps<typeof storyCalls>;

/**
 * Adds a sentence to the cluster's story and puts it on the event bus (docs/events.md). A step that runs twice tells it
 * twice there, under the same `id`; in the story it stands once.
 */
export const tellEvent = async (
  deps: Collaborators,
  cluster: string,
  event: EventView,
  id: string = eventId(event),
): Promise<void> => {
  await deps.store.addEvent(cluster, event, id);
  await announce(deps, "Holdfast Cluster Event", { version: 1, id, cluster, ...event }, event.time);
};

/** Puts a change of a cluster's status on the event bus. */
export const tellStatus = async (
  deps: Collaborators,
  change: { cluster: string; status: ClusterStatus; reason: string | null; operation: string | null },
  now: Date,
): Promise<void> => {
  const id = `${change.operation ?? now.toISOString()}#${change.status}`;
  await announce(deps, "Holdfast Cluster Status Change", { version: 1, id, ...change }, now.toISOString());
};

/** The same id for all that is seen of one thing in this day or hour; the event itself has the time at which it was seen. */
export const idWithin = (period: "day" | "hour", event: EventView): string => {
  const begin = period === "day" ? `${event.time.slice(0, 10)}T00` : event.time.slice(0, 13);
  return eventId({ ...event, time: `${begin}:00:00.000Z` });
};

/** Adds a sentence that may be found each minute, and puts it on the bus only when none of this id was there yet. */
export const tellOnce = async (deps: Collaborators, cluster: string, event: EventView, id: string): Promise<void> => {
  if (!(await deps.store.addEvent(cluster, event, id))) return;
  await announce(deps, "Holdfast Cluster Event", { version: 1, id, cluster, ...event }, event.time);
};

/** Puts on the event bus what belongs to no cluster, and so is in no cluster's story. The same `id` all day. */
export const tellOrphans = async (
  deps: Collaborators,
  found: { readonly count: number; readonly resources: readonly { readonly id: string; readonly uid: string }[] },
  now: Date,
): Promise<void> => {
  const id = `${now.toISOString().slice(0, 10)}#orphaned-resources`;
  await announce(deps, "Holdfast Orphaned Resources", { version: 1, id, ...found }, now.toISOString());
};

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "repair" });

/** One more of something that an alarm watches (infra/constructs/repair-alarms.ts). */
export const countMetric = (name: "VolumesStuck" | "RepairBudgetSpent"): void => {
  metrics.addMetric(name, MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
};

/** Nothing of ours hinges on an event, so one that cannot be put is no reason to fail. */
const announce = async (deps: Collaborators, detailType: string, detail: object, time: string): Promise<void> => {
  try {
    await deps.aws.publish(detailType, detail, new Date(time));
  } catch (error) {
    logger.warn("an event could not be published", {
      detailType,
      error: error instanceof Error ? error : String(error),
    });
  }
};
