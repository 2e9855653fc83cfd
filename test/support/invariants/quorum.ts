import { voluntaryOutages } from "./calls.ts";
import { majorityOf, type Seen, type Violation } from "./observations.ts";

/**
 * How long a repair acts on one answer of etcd: assessment, moving the leader away, termination. What broke within it,
 * nobody could have known.
 */
const ANSWER_MS = 15_000;

/** Q: what we end on purpose leaves a majority of healthy voters, and never are two members out on purpose at once. */
export function checkQuorumKept({ calls, cloud, etcd, size }: Seen): Violation[] {
  const outages = voluntaryOutages(calls, cloud);
  const needed = majorityOf(size);
  return outages.flatMap(({ at, member, what }): Violation[] => {
    const lately = etcd.filter(({ to }) => to <= at && to > at - ANSWER_MS);
    const others = lately.map(({ members }) => members.filter((one) => one.healthy && one.member !== member).length);
    const max = Math.max(...others);
    const alone: Violation[] =
      others.length > 0 && max < needed
        ? [
            {
              invariant: "Q",
              at,
              what: `${what} of ${member} with only ${max} other healthy members, ${needed} needed`,
            },
          ]
        : [];
    const before = outages.find(
      (other) => other.member !== member && other.at <= at && !isBack({ cloud, etcd }, other.member, other.at, at),
    );
    const second: Violation[] =
      before === undefined
        ? []
        : [{ invariant: "Q", at, what: `${what} of ${member} while ${before.member} is still out by ${before.what}` }];
    return [...alone, ...second];
  });
}

/** Was the member seen healthy on another instance between the two moments? */
function isBack({ cloud, etcd }: Pick<Seen, "cloud" | "etcd">, member: string, from: number, to: number): boolean {
  const runs = (at: number): string | undefined =>
    cloud.findLast((sample) => sample.at <= at)?.masters.find((one) => one.member === member && one.state === "running")
      ?.instanceId;
  const former = runs(from);
  return etcd.some(
    (sample) =>
      sample.from > from &&
      sample.to <= to &&
      sample.members.some((one) => one.member === member && one.healthy) &&
      ![undefined, former].includes(runs(sample.from)),
  );
}
