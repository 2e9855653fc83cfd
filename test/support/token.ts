import * as z from "zod";
import type { LocalCloud } from "../../local/cloud.ts";

/** A token of the local issuer. */
export async function tokenOf({ endpoints }: LocalCloud, subject: string, role?: string): Promise<string> {
  const answer = await fetch(`${endpoints.api}/_issuer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ subject, lifetime: 36_000, claims: role === undefined ? {} : { holdfast_role: role } }),
  });
  return z.object({ token: z.string() }).parse(await answer.json()).token;
}
