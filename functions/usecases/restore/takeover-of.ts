import type { Caller } from "../../domain/access/caller.ts";
import type { FromBackup } from "../../domain/api/restore-body.ts";
import { requireAccess } from "../../runtime/access.ts";
import { type CheckedTakeover, checkTakeover, sourceOf, type TakeoverAsked } from "./take-over.ts";

/**
 * The takeover that a request to create or plan asks for; undefined if it asks for none. Who takes a cluster over has
 * its secrets and its authorities: it takes the permission to delete it, as a restore does.
 */
export async function takeoverOf(
  deps: Parameters<typeof checkTakeover>[0],
  caller: Caller,
  body: Omit<TakeoverAsked, "fromBackup"> & { readonly fromBackup?: FromBackup | undefined },
): Promise<CheckedTakeover | undefined> {
  const { fromBackup } = body;
  if (!fromBackup) return undefined;
  requireAccess(caller, "delete", sourceOf({ ...body, fromBackup }));
  return await checkTakeover(deps, { ...body, fromBackup });
}
