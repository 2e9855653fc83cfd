/** What the demo saw. Each of `checks` must be true; durations are in milliseconds. */
export interface Observations {
  readonly cluster: string;
  readonly durations: Record<string, number>;
  readonly checks: Record<string, boolean>;
  readonly writes: { acknowledged: number; failed: number; maxGapMs: number };
}

export function newObservations(cluster: string): Observations {
  return {
    cluster,
    durations: {},
    checks: {},
    writes: { acknowledged: 0, failed: 0, maxGapMs: 0 },
  };
}

/** Every check was made, and held. */
export function allHeld({ checks }: Observations, expected: readonly string[]): boolean {
  return expected.every((name) => checks[name] === true);
}
