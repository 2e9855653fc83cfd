import type { SimulatedHost } from "./host.ts";

const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 10_000;

/**
 * `try_for` of `functions/hosts/boot/common.sh`: tries until it succeeds, with growing pauses; the last error after
 * `seconds`.
 */
export async function tryFor<T>(host: SimulatedHost, seconds: number, attempt: () => Promise<T>): Promise<T> {
  const startedAt = host.clock.now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      host.signal.throwIfAborted();
      if (host.clock.now() - startedAt >= seconds * 1_000) throw error;
    }
    await host.sleep(pause);
  }
}

/** Looks until it holds; false after `ms`. */
export async function holdsWithin(host: SimulatedHost, ms: number, holds: () => boolean): Promise<boolean> {
  const startedAt = host.clock.now();
  for (;;) {
    if (holds()) return true;
    if (host.clock.now() - startedAt >= ms) return false;
    await host.sleep(LOOK_MS);
  }
}

const LOOK_MS = 25;
