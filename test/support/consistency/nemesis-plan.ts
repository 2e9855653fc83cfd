import { randomFrom } from "../../../local/faults/random.ts";

/** What a step does to its target. `terminate` and `crash` cost the instance; the others end after `holdMs`. */
export const ACTIONS = ["terminate", "crash", "freeze-etcd", "freeze", "partition", "kill-etcd"] as const;
export type NemesisAction = (typeof ACTIONS)[number];

export interface NemesisStep {
  readonly action: NemesisAction;
  /** Who leads when the step begins, or who comes so many places after in the order of names. */
  readonly places: readonly number[];
  readonly holdMs: number;
  /** A quiet time before it. */
  readonly pauseMs: number;
}

/**
 * Repairs are limited to thirty an hour; after so many lost instances a plan has faults only that end by themselves.
 */
const MAX_LOST = 22;

/**
 * What goes wrong, and in which order, for a seed: always the same. Half of the steps hit the leader; one in eight hits
 * two members at once, so that the majority is gone for a while.
 */
export function* planNemesis(seed: number): Generator<NemesisStep, never> {
  const random = randomFrom(seed);
  const pick = (of: readonly NemesisAction[]): NemesisAction => of[Math.floor(random() * of.length)] ?? "kill-etcd";
  for (let lost = 0; ; ) {
    const action = lost < MAX_LOST ? pick(ACTIONS) : pick(ACTIONS.slice(2));
    const first = random() < 0.5 ? 0 : 1 + Math.floor(random() * 2);
    const both = random() < 0.125;
    const places = both ? [first, (first + 1) % 3] : [first];
    if (action === "terminate" || action === "crash") lost += places.length;
    yield { action, places, holdMs: 1_000 + Math.floor(random() * 5_000), pauseMs: Math.floor(random() * 2_000) };
  }
}
