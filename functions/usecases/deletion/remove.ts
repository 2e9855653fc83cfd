import { AccessMissing, NotReadyYet } from "../../domain/cluster/errors.ts";
import type { Deps } from "../../runtime/collaborators.ts";
import { pollUntil } from "../../runtime/poll.ts";

/**
 * Does it for each, side by side. One that is not yet possible keeps none of the others: NotReadyYet names them all at
 * the end. Any other error ends it, after all were tried.
 */
export async function attemptEach<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(items.map(act));
  const errors = outcomes.flatMap((outcome): unknown[] => (outcome.status === "rejected" ? [outcome.reason] : []));
  const hard = errors.find((error) => !(error instanceof NotReadyYet));
  if (hard !== undefined) throw hard;
  if (errors.length > 0) throw new NotReadyYet(errors.map((error) => (error as NotReadyYet).message).join("; "));
}

interface Removal<T> {
  readonly find: () => Promise<readonly T[]>;
  readonly remove: (item: T) => Promise<void>;
  readonly id: (item: T) => string | undefined;
}

/** Reads what is there, asks for its removal, and reads again, until nothing is there any more. */
export async function removeAll<T>({ clock }: Pick<Deps, "clock">, what: string, steps: Removal<T>): Promise<void> {
  await pollUntil(
    clock,
    async () => {
      const found = await findAgain(steps);
      if (found.length === 0) return true;
      await attemptEach(found, steps.remove).catch(async (error: unknown) => {
        if (!(error instanceof AccessMissing) || !(await hasShrunk(found, steps))) throw error;
      });
      throw new NotReadyYet(`${what} ${found.map(steps.id).join(", ")} to go`);
    },
    { waitingFor: `${what} to go`, firstMs: 120 },
  );
}

/**
 * Lists name what is then read by itself. What went away between the two has no path that a permission could match: that
 * is a denial, too. The next list names it no more.
 */
async function findAgain<T>({ find }: Pick<Removal<T>, "find">): Promise<readonly T[]> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof AccessMissing)) throw error;
    return await find();
  }
}

/**
 * Permissions hang on tags, and what went away since it was found has none: to ask for its removal is denied. As long
 * as something goes, a denial may mean that; one that stays when nothing goes any more is a permission that is missing.
 */
async function hasShrunk<T>(found: readonly T[], { find, id }: Removal<T>): Promise<boolean> {
  const left = new Set((await findAgain({ find })).map(id));
  return found.some((item) => !left.has(id(item)));
}
