import type { FoundResource } from "../../domain/deletion/deletion.ts";
import { Owned, type OwningCluster, type Refusal } from "../../domain/ownership/ownership.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { logger } from "../../runtime/logger.ts";
import { removeAll } from "./remove.ts";

/** What the gate lets pass, with its owned, and what it refuses. */
export interface OwnershipCheck<F extends FoundResource> {
  readonly permitted: readonly { readonly owned: Owned<F["kind"]>; readonly found: F }[];
  readonly refused: readonly Refusal[];
}

/** Asks the gate about each; `decide` where other rules hold than for what carries tags. */
export function checkOwnership<F extends FoundResource>(
  found: readonly F[],
  decide: (found: F) => Owned<F["kind"]> | Refusal,
): OwnershipCheck<F> {
  const decisions = found.map((each) => ({ each, decision: decide(each) }));
  return {
    permitted: decisions.flatMap(({ each, decision }) =>
      decision instanceof Owned ? [{ owned: decision, found: each }] : [],
    ),
    refused: decisions.flatMap(({ decision }) => (decision instanceof Owned ? [] : [decision])),
  };
}

/** Removes all that is found and is the cluster's. What the gate refuses is left alone and said in the log. */
export async function removeOwned<F extends FoundResource>(
  deps: Deps,
  what: string,
  owningCluster: OwningCluster,
  steps: {
    readonly find: () => Promise<readonly F[]>;
    readonly remove: (owned: Owned<F["kind"]>, found: F) => Promise<void>;
  },
): Promise<void> {
  const said = new Set<string>();
  await removeAll(deps, what, {
    find: async () => {
      const { permitted, refused } = checkOwnership(await steps.find(), (each) =>
        Owned.decide<F["kind"]>(owningCluster, each),
      );
      for (const refusal of refused.filter(({ id }) => !said.has(id))) {
        said.add(refusal.id);
        logger.warn("left alone", { ...refusal });
      }
      return permitted;
    },
    remove: ({ owned, found }) => steps.remove(owned, found),
    id: ({ owned }) => owned.id,
  });
}
