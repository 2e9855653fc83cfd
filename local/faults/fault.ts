import * as z from "zod";

/** What every fault that strikes again and again may be limited by. */
export const limits = {
  /** Ends after so many strikes; without it the fault lasts until it is ended, or for `durationMs`. */
  count: z.int().positive().optional(),
  /** Lets the first `nth` − 1 chances pass; then strikes once, unless `count` says otherwise. */
  nth: z.int().positive().optional(),
  /** Of striking at a chance; 1 without it. */
  probability: z.number().gt(0).max(1).optional(),
  /** Of everything random in the fault: the same seed gives the same strikes. */
  seed: z.int().optional(),
};

/** How long a fault lasts at most. */
export const duration = { durationMs: z.number().positive().optional() };

/** What a fault in force may ask of the registry. */
export interface FaultControl {
  /** From 0 to below 1, from the fault's seed. */
  random(): number;
  /** Does it strike at this chance? A strike is counted, and written to the timeline as `what`. */
  strikes(what: string): boolean;
  /** Writes to the timeline. */
  note(what: string): void;
}

/** Ends what a fault does. */
export type Undo = () => void | Promise<void>;

/** A fault that lasts returns how to end it; one that has done all that it does returns nothing. */
export type Started = Promise<Undo | undefined>;
