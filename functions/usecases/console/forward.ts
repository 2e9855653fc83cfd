import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import type { ConsoleSession } from "../../domain/console/console-session.ts";
import type { ConsoleTarget } from "../../domain/console/targets.ts";
import { bodyTag, matchesAny } from "../../domain/spec/spec-tag.ts";
import type { Reply } from "../../runtime/problems.ts";

/** Invokes the function of a route with an event as API Gateway makes it; its answer as text. */
export type InvokeRoute = (functionName: string, event: unknown) => Promise<string>;

const Answer = z.object({
  statusCode: z.number(),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().default(""),
});

/** Of a page's own; the routes know neither. */
const NOT_PASSED_ON = new Set(["authorization", "cookie", "if-none-match"]);

/**
 * Asks the function of a route, as who the session is. Answers of reads have a tag of what was answered, and 304 as long
 * as nothing else would be: the page polls.
 */
export async function forward(
  invoke: InvokeRoute,
  event: APIGatewayProxyEventV2,
  target: ConsoleTarget,
  session: ConsoleSession,
): Promise<Reply> {
  const payload = await invoke(target.function, eventFor(event, target, session));
  const { statusCode, headers, body } = Answer.parse(JSON.parse(payload));
  const { etag: specTag, ...kept } = headers;
  if (event.requestContext.http.method !== "GET" || statusCode !== 200)
    return { status: statusCode, headers: { ...kept, "cache-control": "no-store" }, text: body };
  const etag = bodyTag(body);
  const answered = {
    ...kept,
    etag,
    "cache-control": "no-store",
    // What a change is conditional on is another tag than that of the whole answer.
    ...(specTag === undefined ? {} : { "x-holdfast-if-match": specTag }),
  };
  if (matchesAny(event.headers["if-none-match"], etag)) return { status: 304, headers: answered, text: "" };
  return { status: 200, headers: answered, text: body };
}

/** As API Gateway would have made it, with another authorizer: nobody but it and this function may invoke the routes'. */
function eventFor(
  event: APIGatewayProxyEventV2,
  { route, path, pathParameters }: ConsoleTarget,
  session: ConsoleSession,
) {
  const { cookies: _, ...rest } = event;
  const { http } = event.requestContext;
  const userAgent = `holdfast-console ${http.userAgent}`;
  return {
    ...rest,
    routeKey: route,
    rawPath: path,
    pathParameters,
    headers: Object.fromEntries(Object.entries(event.headers).filter(([name]) => !NOT_PASSED_ON.has(name))),
    requestContext: {
      ...event.requestContext,
      routeKey: route,
      http: { ...http, path, userAgent },
      authorizer: { session: { principals: session.principals, authMethod: session.authMethod } },
    },
  };
}
