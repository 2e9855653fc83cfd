import type { FoundResource } from "../../domain/deletion/deletion.ts";
import { type Claimant, Owned, type Refusal } from "../../domain/ownership/ownership.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { logger } from "../../runtime/logger.ts";
import { removeAll } from "./remove.ts";

/** What the gate lets pass, with its permit, and what it refuses. */
export interface Permits<F extends FoundResource> {
  readonly permitted: readonly { readonly permit: Owned<F["kind"]>; readonly found: F }[];
  readonly refused: readonly Refusal[];
}

/** Asks the gate about each; `decide` where other rules hold than for what carries tags. */
export const permitEach = <F extends FoundResource>(
  found: readonly F[],
  decide: (found: F) => Owned<F["kind"]> | Refusal,
): Permits<F> => {
  const decisions = found.map((each) => ({ each, decision: decide(each) }));
  return {
    permitted: decisions.flatMap(({ each, decision }) =>
      decision instanceof Owned ? [{ permit: decision, found: each }] : [],
    ),
    refused: decisions.flatMap(({ decision }) => (decision instanceof Owned ? [] : [decision])),
  };
};

/** Removes all that is found and is the cluster's. What the gate refuses is left alone and said in the log. */
export const removeOwned = async <F extends FoundResource>(
  deps: Deps,
  what: string,
  claimant: Claimant,
  steps: {
    readonly find: () => Promise<readonly F[]>;
    readonly remove: (permit: Owned<F["kind"]>, found: F) => Promise<void>;
  },
): Promise<void> => {
  const said = new Set<string>();
  await removeAll(deps, what, {
    find: async () => {
      const { permitted, refused } = permitEach(await steps.find(), (each) => Owned.decide<F["kind"]>(claimant, each));
      for (const refusal of refused.filter(({ id }) => !said.has(id))) {
        said.add(refusal.id);
        logger.warn("left alone", { ...refusal });
      }
      return permitted;
    },
    remove: ({ permit, found }) => steps.remove(permit, found),
    id: ({ permit }) => permit.id,
  });
};
