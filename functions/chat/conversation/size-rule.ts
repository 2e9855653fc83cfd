import * as z from "zod";
import type { ApiClient } from "../../../client/api-client.ts";
import { type AccessRules, grantsFor } from "../../domain/access/authorization.ts";
import { whyTooLarge } from "../../domain/access/limits.ts";
import { demandOf } from "../../domain/api/api-demand.ts";
import { ClusterViewSchema } from "../../domain/api/views.ts";
import { specFromDocument, specFromPatch } from "../../domain/spec/parse-spec.ts";
import type { ClusterSpec } from "../../domain/spec/spec.ts";

const SpecBody = z.object({ spec: z.unknown() });
const CountBody = z.object({ count: z.unknown() });

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/**
 * Why a request would make a cluster larger than this person's grants allow; undefined if it would not, and for one that the
 * API refuses anyway. `api` reads the cluster that is to be changed.
 */
export async function whyTooLargeFor(
  { access, principal }: { readonly access: AccessRules; readonly principal: string },
  { method, path, body }: Asked,
  api: ApiClient,
): Promise<string | undefined> {
  const { action, cluster } = demandOf(method, path, body);
  if (action !== "create" && action !== "change") return undefined;
  const grants = grantsFor(access, [principal], action, cluster);
  if (grants.some(({ limits }) => limits === undefined)) return undefined;
  if (path.startsWith("/fleets/") && path.includes("/rollouts"))
    return "your roles limit the size of clusters, and a roll-out changes many: use the terminal";
  const from = cluster === null || action === "create" ? null : await readSpec(api, cluster);
  const wanted =
    from === null ? specFromDocument(SpecBody.safeParse(body).data?.spec) : specFromPatch(from, patchOf(body));
  if (!wanted.ok) return undefined;
  const why = whyTooLarge(grants, from, wanted.spec);
  return why && `you may not ${action} ${wanted.spec.name} so: ${why}`;
}

async function readSpec(api: ApiClient, name: string): Promise<ClusterSpec> {
  return (await api.get(`/clusters/${encodeURIComponent(name)}`, ClusterViewSchema)).spec;
}

/** Of `PATCH /clusters/{name}`, of `/scale`, and of `/resume`, which changes nothing. */
function patchOf(body: unknown) {
  const count = CountBody.safeParse(body).data?.count;
  return { document: SpecBody.safeParse(body).data?.spec ?? (count === undefined ? {} : { nodeCount: count }) };
}
