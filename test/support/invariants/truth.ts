import { isWhole, type Seen, type Violation } from "./observations.ts";

/**
 * A reconcile run's period, the time for which a heartbeat must say so, and the reconciler itself: later than that a
 * loss is known.
 */
const DETECTION_MS = 100_000;
/** Between etcd's last answer and the words of it: completing the operation, and a look of ours every second. */
const PUBLISH_MS = 10_000;

/**
 * T: the API says ACTIVE only of a cluster whose etcd is whole, or for as long as the detection of a loss may take.
 */
export function checkTruth({ api, etcd, size }: Pick<Seen, "api" | "etcd" | "size">): Violation[] {
  const whole = etcd.filter((sample) => isWhole(sample, size));
  return api.flatMap(({ from, to, status }, index): Violation[] => {
    if (status !== "ACTIVE") return [];
    const becomes = index > 0 && api[index - 1]?.status !== "ACTIVE";
    const since = becomes ? (api[index - 1]?.from ?? from) - PUBLISH_MS : from - DETECTION_MS;
    const known = etcd.some((sample) => sample.from <= since || becomes);
    if (!known || whole.some((sample) => sample.to >= since && sample.from <= to)) return [];
    const what = becomes ? "the API says ACTIVE again, etcd does not" : "the API still says ACTIVE of a broken cluster";
    return [{ invariant: "T", at: from, what }];
  });
}
