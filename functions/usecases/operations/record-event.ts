import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { eventBridge } from "../../aws/eventbridge/client.ts";
import { publish } from "../../aws/eventbridge/event-bus.ts";
import type { ClusterStatus, EventView } from "../../domain/api/views.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { logger } from "../../runtime/logger.ts";
import { eventId } from "../../store/events.ts";

export const recordEventCalls = { ...bind(eventBridge, { publish }) };

type Collaborators = Deps<typeof recordEventCalls>;

/**
 * Records an event in the cluster's event history and publishes it (docs/events.md). A step that runs twice publishes
 * it twice, with the same `id`; the event history has it once.
 */
export async function recordEvent(
  deps: Collaborators,
  cluster: string,
  event: EventView,
  id: string = eventId(event),
): Promise<void> {
  await deps.store.addEvent(cluster, event, id);
  await announce(deps, "Holdfast Cluster Event", { version: 1, id, cluster, ...event }, event.time);
}

/** Publishes an event that would fill the event history without being of much use to a person. */
export async function publishEvent(deps: Collaborators, cluster: string, event: EventView): Promise<void> {
  await announce(deps, "Holdfast Cluster Event", { version: 1, id: eventId(event), cluster, ...event }, event.time);
}

/** Publishes a change of a cluster's status. */
export async function publishStatus(
  deps: Collaborators,
  change: { cluster: string; status: ClusterStatus; reason: string | null; operation: string | null },
  now: Date,
): Promise<void> {
  const id = `${change.operation ?? now.toISOString()}#${change.status}`;
  await announce(deps, "Holdfast Cluster Status Change", { version: 1, id, ...change }, now.toISOString());
}

/** The same id for all findings of one kind within this day or hour. The event itself has the time of the finding. */
export function idWithin(period: "day" | "hour", event: EventView): string {
  const begin = period === "day" ? `${event.time.slice(0, 10)}T00` : event.time.slice(0, 13);
  return eventId({ ...event, time: `${begin}:00:00.000Z` });
}

/** An id of its own for each instance: a second one within the same operation is news. */
export function idOn(instanceId: string, event: EventView): string {
  return `${eventId(event)}#${instanceId}`;
}

/** Records a finding that may repeat each minute. It is published only if no event with this id exists. */
export async function recordEventOnce(
  deps: Collaborators,
  cluster: string,
  event: EventView,
  id: string,
): Promise<void> {
  if (!(await deps.store.addEvent(cluster, event, id))) return;
  await announce(deps, "Holdfast Cluster Event", { version: 1, id, cluster, ...event }, event.time);
}

/** Publishes resources that belong to no cluster and are in no event history. The same `id` all day. */
export async function publishOrphans(
  deps: Collaborators,
  found: { readonly count: number; readonly resources: readonly { readonly id: string; readonly uid: string }[] },
  now: Date,
): Promise<void> {
  const id = `${now.toISOString().slice(0, 10)}#orphaned-resources`;
  await announce(deps, "Holdfast Orphaned Resources", { version: 1, id, ...found }, now.toISOString());
}

const metrics = new Metrics({ namespace: "Holdfast", serviceName: "repair" });

/** Counts an occurrence for an alarm (infra/constructs/repair-alarms.ts). */
export function countMetric(name: "VolumesStuck" | "RepairBudgetSpent"): void {
  metrics.addMetric(name, MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
}

/** Nothing depends on a published event, so a failure to publish is only logged. */
async function announce(deps: Collaborators, detailType: string, detail: object, time: string): Promise<void> {
  try {
    await deps.aws.publish(detailType, detail, new Date(time));
  } catch (error) {
    logger.warn("an event could not be published", {
      detailType,
      error: error instanceof Error ? error : String(error),
    });
  }
}
