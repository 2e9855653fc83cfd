import { setTimeout as delay } from "node:timers/promises";

/** Repeats `attempt` until it does not throw; its last error when `timeoutMs` have passed. */
export async function eventually<Result>(attempt: () => Promise<Result>, timeoutMs = 8000): Promise<Result> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(50);
    }
  }
}
