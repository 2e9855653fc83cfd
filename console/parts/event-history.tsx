import { now } from "../data/clock.ts";
import { actorOf, type ClusterEvent } from "../models/activity.ts";
import { ageOf } from "../models/words.ts";
import { hrefOf } from "../router.ts";
import { Said } from "./basics.tsx";

/** What happened, newest first, and by whom. */
export function EventHistory({
  events,
  showsCluster = false,
}: {
  readonly events: readonly ClusterEvent[];
  readonly showsCluster?: boolean;
}) {
  return (
    <ol class="event-history">
      {events.map((event) => (
        <li key={`${event.time} ${event.type} ${event.member} ${event.cluster} ${event.message}`}>
          <time dateTime={event.time} title={event.time}>
            {ageOf(event.time, now.value)}
          </time>
          <div>
            <p>
              <Said>{event.message}</Said>
            </p>
            <p class="about">
              {showsCluster ? <a href={hrefOf("clusters", event.cluster)}>{event.cluster}</a> : null}
              <span>{event.type}</span>
              {event.member === null ? null : <span>master {event.member}</span>}
              <span>
                by <Said>{actorOf(event)}</Said>
              </span>
              {event.operation === null ? null : <a href={hrefOf("operations", event.operation)}>operation</a>}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
