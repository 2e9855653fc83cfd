import { createHash } from "node:crypto";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import { type Caller, type Signature, signatureOf } from "../domain/access/caller.ts";
import { changesNothing } from "../domain/api/api-demand.ts";
import type { ApiRequest } from "../domain/api/requests.ts";
import type { IdempotencyClaim } from "../store/claims.ts";
import { callerOf, requireAccess, requireSecondPerson } from "./access.ts";
import { httpHandler } from "./http-handler.ts";
import type { Reply } from "./problems.ts";
import { type RequestParts, readRequest } from "./request.ts";
import { countAgainst } from "./request-rate.ts";

/** A request that was read and allowed. */
export interface ApiCall<R extends ApiRequest> extends RequestParts<R> {
  readonly caller: Caller;
  /** The caller, for the event history of a cluster. */
  readonly by: Signature;
  /** What the `Idempotency-Key` claims, for a request that comes down to this document; undefined without a key. */
  readonly claim: (document: unknown) => IdempotencyClaim | undefined;
}

type Run<R extends ApiRequest> = (call: ApiCall<R>) => Promise<Reply>;

/** What one route does; more than one may share a function. */
export interface Answering {
  readonly route: string;
  readonly answer: (event: APIGatewayProxyEventV2) => Promise<Reply>;
}

/** Reads the request by the contract, holds it against the caller's roles and rate, and only then runs. */
export function answering<R extends ApiRequest>(request: R, run: Run<R>): Answering {
  return {
    route: request.route,
    answer: async (event) => {
      const parts = readRequest(event, request);
      const caller = callerOf(event);
      const { action } = request;
      if (action !== null && action !== "join") {
        requireAccess(caller, action, clusterOf(parts));
        const [method = "", path = ""] = request.route.split(" ");
        if (!changesNothing(method, path, parts.body)) requireSecondPerson(caller, action);
      }
      if (request.costly) await countAgainst(caller, new Date());
      return run({ ...parts, caller, by: signatureOf(caller), claim: idempotencyClaim(event, caller) });
    },
  };
}

export function apiHandler<R extends ApiRequest>(request: R, run: Run<R>) {
  return apiHandlers(answering(request, run));
}

/** One function for several routes; those below `/token` are the same for callers with a token. */
export function apiHandlers(...routes: readonly Answering[]) {
  const byRoute = new Map(routes.map(({ route, answer }) => [route, answer]));
  return httpHandler(async (event) => {
    const answer = byRoute.get(event.routeKey.replace(" /token/", " /"));
    if (!answer) throw new Error(`${event.routeKey} does not lead here`);
    const reply = await answer(event);
    const location = reply.headers?.["location"];
    if (location === undefined || !event.routeKey.includes(" /token/")) return reply;
    return { ...reply, headers: { ...reply.headers, location: `/token${location}` } };
  });
}

const InPath = z.object({ name: z.string() });
const InSpec = z.object({ spec: z.object({ name: z.string() }) });

/** The cluster that a request is about, by its path or by its spec; null when it is about none yet, or about all. */
function clusterOf({ path, body }: { readonly path: unknown; readonly body: unknown }): string | null {
  return InPath.safeParse(path).data?.name ?? InSpec.safeParse(body).data?.spec.name ?? null;
}

const IdempotencyKey = z.object({ "idempotency-key": z.string() });

/** A key is good for one request of its owner: the account of those who sign, the subject of a token. */
function idempotencyClaim(event: APIGatewayProxyEventV2, caller: Caller) {
  return (document: unknown) => {
    const key = IdempotencyKey.safeParse(event.headers).data?.["idempotency-key"];
    if (key === undefined) return undefined;
    const owner = caller.authMethod === "iam" ? event.requestContext.accountId : caller.principals[0];
    const requestHash = createHash("sha256").update(JSON.stringify(document)).digest("hex");
    return { key: `${owner}#${key}`, requestHash };
  };
}
