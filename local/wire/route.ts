import type { NormalizedSchema } from "@smithy/core/schema";
import { hasTrait, isRecord, membersOf, requiredMembers, textTrait } from "./schema.ts";

/** Where a REST operation lives: from the trait `http: [method, "/path/{Label}?query", status]`. */
export interface Route {
  readonly method: string;
  /** The status of a successful answer. */
  readonly status: number;
  /** Names of the input's members, in the order of the pattern's groups. */
  readonly labels: readonly string[];
  readonly path: RegExp;
  /** Query parameters that must be there; `undefined` means with any value. */
  readonly query: ReadonlyMap<string, string | undefined>;
  readonly headers: readonly string[];
  /** The greater, the more specific: `?list-type=2` must be tried before the bare path. */
  readonly specificity: number;
}

const s3Namespace = "com.amazonaws.s3";
/** JavaScript clients send the operation's name in it, others do not; so it can refute a route but is not needed. */
const operationHint = "x-id";

export function routeOf(namespace: string, traits: unknown, input: NormalizedSchema): Route | undefined {
  const http = isRecord(traits) ? traits["http"] : undefined;
  if (!Array.isArray(http)) return undefined;
  const [method, template, status]: unknown[] = http;
  if (typeof method !== "string" || typeof template !== "string" || typeof status !== "number") return undefined;
  const [path = "", search = ""] = (namespace === s3Namespace ? withBucket(template, input) : template).split("?");
  const labels: string[] = [];
  const query = new Map<string, string | undefined>();
  for (const part of search.split("&").filter(Boolean)) {
    const [key = "", value] = part.split("=");
    query.set(key, value);
  }
  const headers: string[] = [];
  if (namespace === s3Namespace) requireBindings(input, query, headers);
  const pattern = patternOf(path, labels);
  const literalCharacters = path.replace(/\{[^}]+\}/g, "").length;
  const needed = query.size - Number(query.has(operationHint));
  const specificity = (needed + headers.length) * 1000 + literalCharacters;
  return { method, status, labels, path: pattern, query, headers, specificity };
}

/** S3's model leaves the bucket to the endpoint rules; at an IP address those put it first in the path. */
function withBucket(template: string, input: NormalizedSchema): string {
  const takesBucket = membersOf(input).some(([name]) => name === "Bucket");
  return takesBucket && !template.includes("{Bucket}") ? template.replace("/", "/{Bucket}/") : template;
}

/** Operations of S3 that share method and path (PutObject, UploadPart, CopyObject) differ by what they require. */
function requireBindings(input: NormalizedSchema, query: Map<string, string | undefined>, headers: string[]): void {
  const required = requiredMembers(input);
  for (const [name, member] of membersOf(input)) {
    if (!required.includes(name)) continue;
    const parameter = textTrait(member, "httpQuery");
    if (parameter !== undefined && !query.has(parameter)) query.set(parameter, undefined);
    const header = textTrait(member, "httpHeader");
    if (header !== undefined && !hasTrait(member, "httpPayload")) headers.push(header.toLowerCase());
  }
}

function patternOf(path: string, labels: string[]): RegExp {
  const pattern = path
    .replace(/\/$/, "")
    .replace(/[.*?^$()|[\]\\]/g, "\\$&")
    .replace(/\{([^}+]+)(\+?)\}/g, (_, label: string, greedy: string) => {
      labels.push(label);
      return greedy ? "(.+)" : "([^/]+)";
    });
  return new RegExp(`^${pattern}/?$`);
}

/** The labels' values, still percent-encoded, if the request is this route's. */
export function matchRoute(
  route: Route,
  request: { method: string; url: URL; headers: Readonly<Record<string, string>> },
): readonly string[] | undefined {
  if (route.method !== request.method) return undefined;
  const parameters = request.url.searchParams;
  for (const [key, value] of route.query) {
    if (key === operationHint && !parameters.has(key)) continue;
    if (value === undefined ? !parameters.has(key) : parameters.get(key) !== value) return undefined;
  }
  if (!route.headers.every((name) => name in request.headers)) return undefined;
  return route.path.exec(request.url.pathname)?.slice(1);
}
