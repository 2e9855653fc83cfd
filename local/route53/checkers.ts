import type { CloudContext } from "../context/context.ts";
import type { HealthCheck, Route53State } from "./model.ts";
import type { ProbeLimits, ProbeResult } from "./probe.ts";

export interface CheckerTimings {
  /** What a second of `RequestInterval` takes, in milliseconds. */
  readonly checkSecond: number;
}

/** Asks an endpoint of the internet, which may be of this cloud or of another. */
export type Probe = (config: HealthCheck["config"], limits: ProbeLimits) => Promise<ProbeResult>;

/** "How Route 53 determines whether a health check is healthy": 4 s to connect, 10 s for TCP checks, 2 s to answer. */
const CONNECT_SECONDS = 4;
const TCP_CONNECT_SECONDS = 10;
const ANSWER_SECONDS = 2;
/** However short intervals are here, this machine may need that long. */
const MIN_LIMIT_MS = 1_000;

/**
 * The health checkers, which all see the same here: AWS has some in each of eight Regions, and an endpoint is healthy
 * for more than 18 % of them.
 */
export async function keepProbing(
  context: CloudContext,
  parts: { readonly state: Route53State; readonly probe: Probe; readonly timings: CheckerTimings },
  signal: AbortSignal,
): Promise<void> {
  const due = new Map<string, number>();
  const running = new Set<string>();
  while (!signal.aborted) {
    const now = context.clock.now();
    for (const check of Object.values(parts.state.healthChecks)) {
      if (check.config.Disabled || running.has(check.id) || (due.get(check.id) ?? 0) > now) continue;
      due.set(check.id, now + (check.config.RequestInterval ?? 30) * parts.timings.checkSecond);
      running.add(check.id);
      void probeOnce(context, parts, check).finally(() => running.delete(check.id));
    }
    await context.clock.sleep(2 * parts.timings.checkSecond, signal).catch(() => undefined);
  }
}

async function probeOnce(
  context: CloudContext,
  { probe, timings }: { readonly probe: Probe; readonly timings: CheckerTimings },
  check: HealthCheck,
): Promise<void> {
  const limit = (seconds: number) => Math.max(seconds * timings.checkSecond, MIN_LIMIT_MS);
  const connectMs = limit(check.config.Type === "TCP" ? TCP_CONNECT_SECONDS : CONNECT_SECONDS);
  const version = check.version;
  const result = await probe(check.config, { connectMs, answerMs: limit(ANSWER_SECONDS) }).catch(
    (error: unknown): ProbeResult => ({ healthy: false, text: `Failure: ${String(error)}` }),
  );
  // What was asked of another endpoint says nothing about this one.
  if (check.version === version) record(check, result, context.clock.now());
}

/** The state changes after as many equal results in a row as the threshold asks, both ways. */
function record(check: HealthCheck, { healthy, text }: ProbeResult, at: number): void {
  check.latest = { text, at };
  if (!healthy) check.failure = { text, at };
  check.streak = healthy === check.healthy ? 0 : check.streak + 1;
  if (check.streak < (check.config.FailureThreshold ?? 3)) return;
  check.healthy = healthy;
  check.streak = 0;
}

/** What records that name the check see. A disabled one counts as healthy, before it is inverted. */
export function isHealthy({ config, healthy }: HealthCheck): boolean {
  return (config.Disabled || healthy) !== (config.Inverted ?? false);
}
