import type { Seen, Violation } from "./observations.ts";

/** D: what was acknowledged is there, and a revision that was seen is never unseen. */
export function checkData({ acknowledged, found, revisions }: Pick<Seen, "acknowledged" | "found" | "revisions">) {
  return [
    ...[...acknowledged]
      .filter(([key, value]) => found.get(key) !== value)
      .map(([key, value]): Violation => {
        return {
          invariant: "D",
          at: 0,
          what: `${key} was acknowledged as ${value} and is ${found.get(key) ?? "not there"}`,
        };
      }),
    ...revisions.flatMap((later): Violation[] => {
      const earlier = revisions.find(({ to, revision }) => to < later.from && revision > later.revision);
      if (earlier === undefined) return [];
      const what = `revision ${later.revision} after ${earlier.revision} had been read`;
      return [{ invariant: "D", at: later.from, what }];
    }),
  ];
}
