import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import type { Caller } from "../../domain/access/caller.ts";
import { cookieOf, hashOf, isOwnPage, NO_COOKIE, secretOf, untilOf } from "../../domain/console/console-session.ts";
import { type ConsoleRoute, findTarget, SELF_ROUTE } from "../../domain/console/targets.ts";
import { parseJson } from "../../domain/text/parse-json.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Reply } from "../../runtime/problems.ts";
import {
  deleteConsoleSession,
  findConsoleSession,
  putConsoleCode,
  putConsoleSession,
  takeConsoleCode,
} from "../../store/console-sessions.ts";
import type { Table } from "../../store/keys.ts";
import { forward, type InvokeRoute } from "./forward.ts";

export interface ConsoleDeps {
  readonly store: Table;
  readonly clock: Pick<Clock, "now">;
  readonly newSecret: () => string;
  readonly invoke: InvokeRoute;
  readonly routes: readonly ConsoleRoute[];
}

/** A code that opens a session once: of a caller whom API Gateway has verified. */
export async function openSession(
  { store, clock, newSecret }: ConsoleDeps,
  { principals, authMethod, tokenEndsAt }: Caller,
  hours: number,
): Promise<Reply> {
  const now = clock.now();
  const code = newSecret();
  const until = untilOf(hours, tokenEndsAt, now);
  await putConsoleCode(store, hashOf(code), { principals, authMethod, until }, now);
  return answerOf(201, { code, until });
}

/** The session itself; every other path below `/session` is one of the API. */
const SELF = "self";
const OpenRequest = z.strictObject({ code: z.string().min(1).max(100) });

/** Below `/session`: the same routes as for those who sign, for who has the cookie of a session. */
export async function answerSession(deps: ConsoleDeps, event: APIGatewayProxyEventV2): Promise<Reply> {
  const { method } = event.requestContext.http;
  const [first = "", ...rest] = segmentsOf(event.rawPath);
  if (method !== "GET" && !isOwnPage(event.headers))
    return refusal(403, "Only the console's own page may ask for this.");
  const isSelf = first === SELF && rest.length === 0;
  if (isSelf && method === "POST") return trade(deps, event);
  const secret = secretOf(event.cookies);
  const session = secret && (await findConsoleSession(deps.store, hashOf(secret), deps.clock.now()));
  if (!session) return { ...refusal(401, "Sign in: holdfast console"), cookies: secret ? [NO_COOKIE] : [] };
  if (isSelf && method === "DELETE") {
    await deleteConsoleSession(deps.store, hashOf(secret));
    return { ...answerOf(200, { signedOut: true }), cookies: [NO_COOKIE] };
  }
  const target =
    isSelf && method === "GET"
      ? { ...SELF_ROUTE, path: event.rawPath, pathParameters: {} }
      : findTarget(deps.routes, method, [first, ...rest]);
  if (!target) return refusal(404, `There is no ${method} ${event.rawPath}.`);
  return forward(deps.invoke, event, target, session);
}

/** Trades the code of the command line for a cookie. */
async function trade({ store, clock, newSecret }: ConsoleDeps, event: APIGatewayProxyEventV2): Promise<Reply> {
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString("utf8") : (event.body ?? "");
  const { data } = OpenRequest.safeParse(parseJson(text));
  const now = clock.now();
  const session = data && (await takeConsoleCode(store, hashOf(data.code), now));
  if (!session) return refusal(401, "This code was used already, or is older than a minute. Run: holdfast console");
  const secret = newSecret();
  await putConsoleSession(store, hashOf(secret), session);
  return { ...answerOf(200, { until: session.until }), cookies: [cookieOf(secret, session.until, now)] };
}

function answerOf(status: number, body: unknown): Reply {
  return { status, body, headers: { "cache-control": "no-store" } };
}

function refusal(status: 401 | 403 | 404, detail: string): Reply {
  const title = { 401: "Signed out", 403: "You are not allowed to do this", 404: "Not found" }[status];
  const headers = { "cache-control": "no-store", "content-type": "application/problem+json" };
  return { status, body: { type: "about:blank", title, status, detail }, headers };
}

function segmentsOf(rawPath: string): string[] {
  return rawPath.split("/").slice(2);
}
