import type { Event } from "../data/api.ts";
import { shortName } from "./access.ts";

export type ClusterEvent = Event & { readonly cluster: string };

/** By which way something was asked for. */
export function wayOf({ by }: Event): string {
  if (!by) return "Holdfast itself";
  const { userAgent } = by;
  if (userAgent.startsWith("holdfast-console")) return "console";
  if (userAgent.startsWith("holdfast-cli")) return "command line";
  if (userAgent.startsWith("holdfast-chat")) return "chat";
  return "API";
}

/** `alice, console` */
export function actorOf(event: Event): string {
  return event.by ? `${shortName(event.by.principal)}, ${wayOf(event)}` : wayOf(event);
}

/** Newest first. */
export function newestFirst(events: readonly ClusterEvent[]): ClusterEvent[] {
  return events.toSorted((one, other) => (one.time < other.time ? 1 : -1));
}
