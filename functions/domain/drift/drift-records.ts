/** What is looked at together. */
export const DRIFT_AREAS = ["network", "groups", "endpoint", "machines"] as const;
export type DriftArea = (typeof DRIFT_AREAS)[number];

/** Something of a cluster that is not as it was made. */
export interface Drift {
  /** The same for as long as the same thing is missing: `nat-gateway/us-west-2a`. */
  readonly key: string;
  readonly area: DriftArea;
  /** For people, as a phrase. */
  readonly message: string;
}

export interface DriftRecord extends Drift {
  /** When it was first seen. */
  readonly since: string;
  /** It is in the cluster's event history. */
  readonly reported: boolean;
}

/** What is known of a cluster's drift. */
export interface DriftState {
  /** Increases with each write, so that the later of two concurrent writes changes nothing. */
  readonly version: number;
  /** When all areas were last looked at together. */
  readonly fullAt: string | null;
  readonly found: readonly DriftRecord[];
}

export const NO_DRIFT: DriftState = { version: 0, fullAt: null, found: [] };
