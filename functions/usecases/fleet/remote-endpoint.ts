import * as z from "zod";
import { EndpointUnreachable, type HoldfastAnswer, type HoldfastApi } from "../../aws/holdfast/api.ts";
import { IngressesSchema } from "../../domain/api/traffic-views.ts";
import {
  type ClusterView,
  ClusterViewSchema,
  OperationViewSchema,
  ProblemDocumentSchema,
  pageOf,
} from "../../domain/api/views.ts";
import type { EndpointRecord } from "../../domain/fleet/endpoint-records.ts";
import type { Ingress } from "../../domain/traffic/plan-traffic.ts";
import type { ClusterEndpoint, UpdateAnswer } from "./cluster-endpoint.ts";

const MAX_PAGES = 50;
/** Problems that pass by themselves. */
const LATER = /(cluster-busy|not-ready|too-many-requests)$/;
const Version = z.object({ info: z.object({ version: z.string() }) });

/** The clusters of another Holdfast, by its API. All but `update` only read; each throws EndpointUnreachable. */
export interface RemoteEndpoint extends ClusterEndpoint {
  list(): Promise<readonly ClusterView[]>;
  /** Of its API. */
  version(): Promise<string>;
  /** Load balancers of a cluster's services. */
  ingresses(cluster: string): Promise<readonly Ingress[]>;
}

export function remoteEndpoint(call: HoldfastApi): RemoteEndpoint {
  const read = async <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | undefined> => {
    const answer = await call({ method: "GET", path });
    return answer.status === 404 ? undefined : parsed(answer, schema);
  };
  return {
    version: async () => (await read("/openapi.json", Version))?.info.version ?? "unknown",
    ingresses: async (cluster) =>
      (await read(`/clusters/${encodeURIComponent(cluster)}/ingresses`, IngressesSchema))?.items ?? [],
    list: async () => {
      const all: ClusterView[] = [];
      let cursor = "";
      for (let page = 0; page < MAX_PAGES; page++) {
        const answer = await read(`/clusters?limit=100${cursor}`, pageOf(ClusterViewSchema));
        if (!answer) break;
        all.push(...answer.items);
        if (!answer.nextCursor) return all;
        cursor = `&cursor=${encodeURIComponent(answer.nextCursor)}`;
      }
      throw new EndpointUnreachable("its list of clusters does not end");
    },
    get: (cluster) => read(`/clusters/${encodeURIComponent(cluster)}`, ClusterViewSchema),
    operation: (id) => read(`/operations/${encodeURIComponent(id)}`, OperationViewSchema),
    update: async (cluster, spec, { key, by }) =>
      updateAnswer(
        await call({
          method: "PATCH",
          path: `/clusters/${encodeURIComponent(cluster)}`,
          // Who began the roll-out stands in the events of the cluster.
          headers: { "idempotency-key": key, "user-agent": `holdfast-hub for ${printable(by.principal)}` },
          body: { spec },
        }),
      ),
  };
}

/** An endpoint that did not answer when it was last asked: it is asked for its list only, until it does. */
export function brokenEndpoint({ name, unreachableSince }: EndpointRecord): ClusterEndpoint {
  const refuse = async (): Promise<never> => {
    throw new EndpointUnreachable(`endpoint ${name} does not answer since ${unreachableSince}`);
  };
  return { list: refuse, get: refuse, operation: refuse, update: refuse };
}

function parsed<S extends z.ZodType>({ status, document }: HoldfastAnswer, schema: S): z.output<S> {
  const result = status === 200 ? schema.safeParse(document) : undefined;
  if (result?.success) return result.data;
  const what = result ? "it does not answer as a Holdfast does" : `it answered ${status}`;
  throw new EndpointUnreachable(what);
}

function updateAnswer({ status, document }: HoldfastAnswer): UpdateAnswer {
  if (status === 202) return { kind: "started", operation: parsed({ status: 200, document }, OperationViewSchema).id };
  if (status === 200) return { kind: "unchanged" };
  const problem = ProblemDocumentSchema.safeParse(document).data;
  if (problem && LATER.test(problem.type)) return { kind: "busy", reason: problem.detail };
  if (problem && status < 500) return { kind: "refused", reason: problem.detail };
  throw new EndpointUnreachable(`it answered ${status}`);
}

/** As a header can carry it. */
function printable(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/g, "?").slice(0, 200);
}
