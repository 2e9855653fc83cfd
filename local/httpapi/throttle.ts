import type { HttpApiConfiguration } from "./model.ts";

interface Bucket {
  tokens: number;
  /** Epoch milliseconds when `tokens` was so. */
  at: number;
}

/** Token buckets, one a route, as API Gateway throttles (`http-api-throttling.html`). True for a request that may pass. */
export function createThrottle(limits: HttpApiConfiguration["throttle"]): (routeKey: string, nowMs: number) => boolean {
  if (!limits) return () => true;
  const buckets = new Map<string, Bucket>();
  return (routeKey, nowMs) => {
    const { tokens, at } = buckets.get(routeKey) ?? { tokens: limits.burst, at: nowMs };
    const refilled = Math.min(limits.burst, tokens + (Math.max(0, nowMs - at) / 1000) * limits.ratePerSecond);
    const passes = refilled >= 1;
    buckets.set(routeKey, { tokens: passes ? refilled - 1 : refilled, at: nowMs });
    return passes;
  };
}
