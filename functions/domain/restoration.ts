import { quorumOf } from "./quorum.ts";
import type { OperationRecord } from "./records.ts";

/** How long a loss was unseen, how long it lasted, and for how long it took the quorum away. Seconds, to a tenth. */
export interface Restoration {
  readonly detectSeconds: number;
  readonly restoreSeconds: number;
  /** Null when the members that were left were a majority throughout. */
  readonly withoutQuorumSeconds: number | null;
}

/**
 * Reads from a repair's own record how it went; undefined if it repaired no loss. Quorum is counted as back when the
 * first so many of the lost members had committed a read ("Await member") that they were a majority again.
 */
export const restorationOf = (
  { loss, startedAt, steps }: Pick<OperationRecord, "loss" | "startedAt" | "steps">,
  size: number,
  wholeAt: Date,
): Restoration | undefined => {
  if (!loss) return undefined;
  const lostAt = Date.parse(loss.at);
  const missing = quorumOf(size) - (size - loss.members.length);
  const back = Object.values(steps)
    .filter(({ name, finishedAt }) => name === "Await member" && finishedAt !== null)
    .map(({ finishedAt }) => Date.parse(finishedAt ?? ""))
    .sort((a, b) => a - b);
  const quorumAt = missing > 0 ? (back[missing - 1] ?? wholeAt.getTime()) : undefined;
  return {
    detectSeconds: seconds(Date.parse(startedAt) - lostAt),
    restoreSeconds: seconds(wholeAt.getTime() - lostAt),
    withoutQuorumSeconds: quorumAt === undefined ? null : seconds(quorumAt - lostAt),
  };
};

/** Clocks of two services may disagree by a little; a time before the loss is none. */
const seconds = (milliseconds: number): number => Math.max(0, Math.round(milliseconds / 100) / 10);
