import type { Principal } from "../context/credentials.ts";
import type { Claims } from "./jwt.ts";
import type { HttpRequest } from "./model.ts";
import { decode, type RouteMatch } from "./routes.ts";

export interface EventFacts {
  readonly request: HttpRequest;
  readonly match: RouteMatch;
  readonly accountId: string;
  readonly apiId: string;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Who signed, on routes that ask for a signature. */
  readonly caller: { readonly principal: Principal; readonly accessKeyId: string } | undefined;
  /** Of the token, on routes that ask for one. */
  readonly claims?: Claims | undefined;
}

/**
 * The event that a function receives, payload format 2.0 (docs/references/aws.md#http-api). What is absent is left out,
 * not null.
 */
export function toEvent(facts: EventFacts): Record<string, unknown> {
  const { request, match } = facts;
  const { cookie, ...headers } = request.headers;
  const query = queryParameters(request.rawQueryString);
  const text = isText(headers["content-type"]);
  return {
    version: "2.0",
    routeKey: match.route.routeKey,
    rawPath: decode(request.rawPath),
    rawQueryString: request.rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers: {
      ...headers,
      "x-forwarded-for": request.sourceIp,
      "x-forwarded-proto": "http",
    },
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: requestContext(facts),
    ...(Object.keys(match.pathParameters).length > 0 && { pathParameters: match.pathParameters }),
    ...(request.body.length > 0 && { body: request.body.toString(text ? "utf8" : "base64") }),
    isBase64Encoded: request.body.length > 0 && !text,
  };
}

function requestContext({ request, match, ...facts }: EventFacts): Record<string, unknown> {
  const domainName = request.headers["host"] ?? "";
  return {
    accountId: facts.accountId,
    apiId: facts.apiId,
    ...(facts.caller && { authorizer: { iam: iamFacts(facts.caller, facts.accountId) } }),
    ...(facts.claims && { authorizer: { jwt: { claims: facts.claims, scopes: null } } }),
    domainName,
    domainPrefix: domainName.split(".")[0],
    http: {
      method: request.method,
      path: decode(request.rawPath),
      protocol: "HTTP/1.1",
      sourceIp: request.sourceIp,
      userAgent: request.headers["user-agent"] ?? "",
    },
    requestId: facts.requestId,
    routeKey: match.route.routeKey,
    stage: "$default",
    time: commonLogTime(facts.time),
    timeEpoch: facts.time,
  };
}

function iamFacts(
  { principal, accessKeyId }: NonNullable<EventFacts["caller"]>,
  accountId: string,
): Record<string, unknown> {
  return {
    accessKey: accessKeyId,
    accountId,
    callerId: principal.arn.split("/").at(-1),
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: principal.arn,
    userId: principal.arn.split("/").at(-1),
  };
}

/** Repeated parameters are joined by commas. */
function queryParameters(rawQueryString: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString))
    parameters[name] = name in parameters ? `${parameters[name]},${value}` : value;
  return parameters;
}

/** Anything but text, JSON, XML and JavaScript reaches the function in base64; forms too, as Slack sends them. */
function isText(contentType = "text/plain"): boolean {
  return /^(text\/|application\/([\w.-]+\+)?(json|xml)\b|application\/javascript)/.test(contentType);
}

/** `22/Nov/2026:07:00:00 +0000` */
function commonLogTime(epochMs: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(epochMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
