import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type * as z from "zod";
import type { ApiRequest } from "../domain/api/requests.ts";
import { BadRequest, TooLarge } from "../domain/cluster/errors.ts";
import { isDeeperThan, MAX_DEPTH } from "../domain/spec/nesting.ts";
import type { Problem } from "../domain/spec/spec.ts";
import { quote, shown } from "../domain/spec/values.ts";
import { expectedBy } from "./expected-by.ts";

/** A spec has a few KB; anything above this is no request. */
const BODY_LIMIT = 65_536;

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

/** The parts of a request as its schemas give them; a part that the route does not have is undefined. */
export interface RequestParts<R extends ApiRequest> {
  readonly path: Parsed<R["path"]>;
  readonly query: Parsed<R["query"]>;
  readonly headers: Parsed<R["headers"]>;
  readonly body: Parsed<R["body"]>;
}

type RequestEvent = Pick<
  APIGatewayProxyEventV2,
  "pathParameters" | "queryStringParameters" | "headers" | "body" | "isBase64Encoded"
>;

/** Reads a request by its schemas. Throws TooLarge, or BadRequest, which names every place that is wrong at once. */
export function readRequest<R extends ApiRequest>(event: RequestEvent, request: R): RequestParts<R> {
  const problems: Problem[] = [];
  const parts = {
    path: parsePart("path", request.path, () => event.pathParameters ?? {}, problems),
    query: parsePart("query", request.query, () => event.queryStringParameters ?? {}, problems),
    headers: parsePart("header", request.headers, () => event.headers, problems),
    body: parsePart("body", request.body, () => readJson(event), problems),
  };
  if (!request.query) refuseUnknownQuery(event, problems);
  if (problems.length > 0) throw new BadRequest(problems.map(({ message }) => message).join("\n"), problems);
  // Each part is what its own schema gave, or undefined where there is no schema; the compiler cannot follow that.
  return parts as RequestParts<R>;
}

function parsePart(part: string, schema: z.ZodType | undefined, given: () => unknown, problems: Problem[]): unknown {
  if (!schema) return undefined;
  const value = given();
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  problems.push(...error.issues.map((issue) => problemOf(part, issue, value)));
  return undefined;
}

/** Where it is, what was given and what is expected; what was given is cut and made harmless. */
function problemOf(part: string, issue: z.core.$ZodIssue, root: unknown): Problem {
  const place = issue.path.map(String).join(".") || (part === "body" ? "body" : part);
  const given = issue.path.reduce<unknown>((value, key) => memberOf(value, key), root);
  const flag = shown(place);
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return { flag: shown(key), value: shown(memberOf(given, key)), message: `${quote(key)} is not a ${WORDS[part]}` };
  }
  return {
    flag,
    value: shown(given ?? ""),
    message:
      given === undefined
        ? `${flag}: missing; expected ${expectedBy(issue)}`
        : `${flag}: ${quote(given)} is not valid; expected ${expectedBy(issue)}`,
  };
}

const WORDS: Readonly<Record<string, string>> = {
  path: "parameter of this route",
  query: "query parameter of this route",
  header: "header of this route",
  body: "field of this request",
};

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? Object.entries(value).find(([name]) => name === String(key))?.[1]
    : undefined;
}

function refuseUnknownQuery({ queryStringParameters = {} }: RequestEvent, problems: Problem[]): void {
  for (const [key, value] of Object.entries(queryStringParameters))
    problems.push({ flag: shown(key), value: shown(value), message: `${quote(key)} is not a ${WORDS["query"]}` });
}

function readJson(event: RequestEvent): unknown {
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString() : (event.body ?? "");
  if (text.length > BODY_LIMIT) throw new TooLarge(`the body has over ${BODY_LIMIT} bytes`);
  const value = parseJson(text);
  if (isDeeperThan(value, MAX_DEPTH)) throw new BadRequest(`the body is nested deeper than ${MAX_DEPTH} levels`);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest("the body is not JSON");
  }
}
