import type { Clock } from "../../../functions/runtime/clock.ts";

/** A clock that jumps over what is waited for. */
export class TestClock implements Clock {
  #now = Date.parse("2026-11-29T12:00:00Z");
  /** All that was slept; nothing waits long inside of a function. */
  sleptMs = 0;

  now(): Date {
    return new Date(this.#now);
  }

  async sleep(ms: number): Promise<void> {
    this.sleptMs += ms;
    this.#now += ms;
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
