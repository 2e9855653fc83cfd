import type { OperationRecord } from "../cluster/records.ts";
import { counted } from "../text/counted.ts";
import { quorumOf } from "./quorum.ts";

/** Duration of a loss: until detection, until restoration, and without quorum. Seconds, with one decimal. */
export interface Restoration {
  /** The moment of the loss is known. If not, times are counted from when it was seen, and were longer in truth. */
  readonly exact: boolean;
  /** From the loss, or from the last sign of life, until it was seen. */
  readonly detectSeconds: number;
  readonly restoreSeconds: number;
  /** Null when the members that were left were a majority throughout, or more were lost later. */
  readonly withoutQuorumSeconds: number | null;
  /** The majority was lost after the repair had begun, by further losses. */
  readonly lostLater: boolean;
  /** From the loss until the API answered through its balancer; null where that was not looked at. */
  readonly withoutApiSeconds: number | null;
}

/**
 * Reads from a repair's own record how it went; undefined if it repaired no loss. Quorum is counted as back when the
 * first so many of the lost members had committed a read ("Await member") that they were a majority again.
 */
export function restorationOf(
  { loss, startedAt, steps }: Pick<OperationRecord, "loss" | "startedAt" | "steps">,
  size: number,
  wholeAt: Date,
): Restoration | undefined {
  if (!loss) return undefined;
  const seenAt = Date.parse(startedAt);
  const exact = loss.exact === true;
  const lostAt = exact ? Date.parse(loss.at) : seenAt;
  const missing = quorumOf(size) - (size - loss.members.length);
  const back = Object.values(steps)
    .filter(({ name, finishedAt }) => name === "Await member" && finishedAt !== null)
    .map(({ finishedAt }) => Date.parse(finishedAt ?? ""))
    .sort((a, b) => a - b);
  const api = Object.values(steps).find(({ name, finishedAt }) => name === "Verify API" && finishedAt !== null);
  const quorumAt = missing > 0 ? (back[missing - 1] ?? wholeAt.getTime()) : undefined;
  return {
    exact,
    detectSeconds: seconds(seenAt - Date.parse(loss.at)),
    restoreSeconds: seconds(wholeAt.getTime() - lostAt),
    withoutQuorumSeconds: quorumAt === undefined ? null : seconds(quorumAt - lostAt),
    // Only a repair that found no majority asks the API.
    lostLater: quorumAt === undefined && api !== undefined,
    withoutApiSeconds: api ? seconds(Date.parse(api.finishedAt ?? "") - lostAt) : null,
  };
}

/** Clocks of two services may disagree by a little; a time before the loss is none. */
function seconds(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds / 100) / 10);
}

/** What is known of it, as a person reads it. */
export function explainRestoration(restoration: Restoration, size: number): string {
  const { exact, detectSeconds, restoreSeconds, withoutQuorumSeconds, lostLater, withoutApiSeconds } = restoration;
  const whole = `Whole again: ${size} of ${counted(size, "member")} healthy, ${restoreSeconds} s after the loss`;
  const seen = exact
    ? `, which was seen after ${detectSeconds} s.`
    : ` was seen. The last sign of life was ${detectSeconds} s before that.`;
  const atLeast = exact ? "" : "at least ";
  const quorum =
    withoutQuorumSeconds === null
      ? lostLater
        ? "More masters were lost meanwhile, and etcd had no quorum for a time."
        : "etcd had a quorum throughout."
      : `etcd had no quorum for ${atLeast}${withoutQuorumSeconds} s.`;
  const api = withoutApiSeconds === null ? "" : ` The API answered again after ${atLeast}${withoutApiSeconds} s.`;
  return `${whole}${seen} ${quorum}${api}`;
}
