import * as z from "zod";
import type { Action } from "../access/authorization.ts";
import { FIELDS } from "../spec/field-table.ts";

/**
 * What a request of the HTTP API (docs/api.md) asks to be allowed; `cluster` is null when it is about all or about
 * none.
 */
export interface ApiDemand {
  readonly action: Action;
  readonly cluster: string | null;
}

const SpecBody = z.object({ spec: z.object({ name: z.string() }) });
const FlagsBody = z.object({ flags: z.array(z.object({ flag: z.string(), value: z.string() })) });

/** The name that a request to create or plan is about. The first flag that names a cluster counts, as for the spec. */
function nameIn(body: unknown): string | null {
  const flags = FlagsBody.safeParse(body).data?.flags;
  if (flags === undefined) return SpecBody.safeParse(body).data?.spec.name ?? null;
  const names: readonly string[] = FIELDS.name.flags;
  return flags.find(({ flag }) => names.includes(flag))?.value ?? null;
}

/**
 * An unknown route that reads is about all clusters; an unknown one that writes is a change of all, which few may do.
 */
export function demandOf(method: string, path: string, body: unknown): ApiDemand {
  const [, collection, name, action] = (path.split("?")[0] ?? "").split("/").map(decodeURIComponent);
  // A fleet, and an endpoint, may have any cluster.
  if (method === "GET" && (collection === "fleets" || collection === "rollouts" || collection === "endpoints"))
    return { action: "read", cluster: "*" };
  const named = collection === "clusters" && name !== undefined && name !== "" ? name : null;
  if (method === "GET") return { action: "read", cluster: named };
  if (collection === "console-sessions") return { action: "read", cluster: null };
  if (method === "DELETE") return { action: "delete", cluster: named };
  if (method === "POST" && named === null && (collection === "clusters" || collection === "plan"))
    return { action: "create", cluster: nameIn(body) };
  return { action: ACTION_OF[action ?? ""] ?? "change", cluster: named };
}

/** Actions on a cluster that do not change its spec. */
const ACTION_OF: Readonly<Record<string, Action>> = {
  repair: "repair",
  backup: "repair",
  drill: "repair",
  kubeconfig: "administer",
  // It throws data away.
  restore: "delete",
};

const DryRun = z.object({ dryRun: z.literal(true) });

/** True if the request only reads, whatever its method. A route without dry runs refuses a body that asks for one. */
export function changesNothing(method: string, path: string, body: unknown): boolean {
  if (method === "GET" || DryRun.safeParse(body).success) return true;
  return method === "POST" && /(^|\/)plan$/.test(path.split("?")[0] ?? "");
}
