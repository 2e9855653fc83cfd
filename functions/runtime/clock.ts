import { setTimeout as delay } from "node:timers/promises";

/** The time, and waiting; a test has one that jumps. */
export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = { now: () => new Date(), sleep: (ms) => delay(ms) };
