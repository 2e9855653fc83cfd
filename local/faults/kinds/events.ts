import * as z from "zod";
import type { BusEvent } from "../../eventbridge/event.ts";
import type { EventBridgeService, EventFault } from "../../eventbridge/event-bridge.ts";
import { duration, type FaultControl, limits, type Started, type Undo } from "../fault.ts";

/** A fault of events on their way from a bus to the targets of its rules. */
export const eventsFault = z.strictObject({
  kind: z.literal("events"),
  action: z.enum(["drop", "duplicate", "delay", "reorder"]),
  source: z.string().optional(),
  detailType: z.string().optional(),
  /** A part of the event as JSON. */
  match: z.string().optional(),
  /** With `duplicate`: deliveries in all. */
  copies: z.int().min(2).max(100).default(2),
  /**
   * With `delay`: how late. With `duplicate`: between two copies. With `reorder`: within which time events change
   * places.
   */
  delayMs: z.number().min(0).optional(),
  ...limits,
  ...duration,
});
export type EventsFault = z.infer<typeof eventsFault>;

const USUAL_DELAY_MS = 2_000;

/** The faults that events meet. While none is in force the bus has none. */
export class EventFaults {
  readonly #bus: Pick<EventBridgeService, "setFaults">;
  readonly #deciders = new Set<(event: BusEvent) => EventFault | undefined>();

  constructor(bus: Pick<EventBridgeService, "setFaults">) {
    this.#bus = bus;
  }

  async start(request: EventsFault, control: FaultControl): Started {
    return this.#add((event) => {
      if (!concerns(request, event)) return undefined;
      const what = `${request.action} ${event["detail-type"]} ${event.id}`;
      return control.strikes(what) ? misbehaviour(request, control) : undefined;
    });
  }

  #add(decider: (event: BusEvent) => EventFault | undefined): Undo {
    this.#deciders.add(decider);
    this.#bus.setFaults((event) => this.#decide(event));
    return () => {
      this.#deciders.delete(decider);
      if (this.#deciders.size === 0) this.#bus.setFaults(undefined);
    };
  }

  /** Several faults on one event add up. */
  #decide(event: BusEvent): EventFault {
    const faults = [...this.#deciders].map((decide) => decide(event) ?? {});
    const largest = (values: readonly (number | undefined)[], min: number) =>
      Math.max(min, ...values.map((value) => value ?? min));
    return {
      drop: faults.some(({ drop }) => drop),
      copies: largest(
        faults.map(({ copies }) => copies),
        1,
      ),
      copyGapMs: largest(
        faults.map(({ copyGapMs }) => copyGapMs),
        0,
      ),
      delayMs: faults.reduce((sum, { delayMs = 0 }) => sum + delayMs, 0),
    };
  }
}

function concerns({ source, detailType, match }: EventsFault, event: BusEvent): boolean {
  return (
    (source === undefined || source === event.source) &&
    (detailType === undefined || detailType === event["detail-type"]) &&
    (match === undefined || JSON.stringify(event).includes(match))
  );
}

function misbehaviour({ action, copies, delayMs }: EventsFault, { random }: FaultControl): EventFault {
  switch (action) {
    case "drop":
      return { drop: true };
    case "duplicate":
      return { copies, copyGapMs: delayMs ?? 0 };
    case "delay":
      return { delayMs: delayMs ?? USUAL_DELAY_MS };
    case "reorder":
      return { delayMs: random() * (delayMs ?? USUAL_DELAY_MS) };
  }
}
