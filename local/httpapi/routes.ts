import type { ApiRoute } from "./model.ts";

export interface RouteMatch {
  readonly route: ApiRoute;
  /** Decoded values by name. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface CompiledRoute {
  readonly route: ApiRoute;
  readonly method: string;
  readonly path: RegExp;
  /** Sorts routes: fixed segments before variables before greedy variables, an exact method before ANY. */
  readonly rank: string;
}

const DEFAULT_ROUTE = "$default";

/** Finds the most specific route (APIGW `http-api-develop-routes.html`); undefined if not even `$default` is there. */
export function createRouter(routes: readonly ApiRoute[]): (method: string, path: string) => RouteMatch | undefined {
  const fallback = routes.find(({ routeKey }) => routeKey === DEFAULT_ROUTE);
  const compiled = routes
    .filter((route) => route !== fallback)
    .map(compile)
    .sort((one, other) => (one.rank < other.rank ? -1 : 1));
  return (method, path) => {
    for (const candidate of compiled) {
      if (candidate.method !== "ANY" && candidate.method !== method) continue;
      const match = candidate.path.exec(path);
      if (match) return { route: candidate.route, pathParameters: decodeAll(match.groups ?? {}) };
    }
    return fallback && { route: fallback, pathParameters: {} };
  };
}

function compile(route: ApiRoute): CompiledRoute {
  const [method = "", path = ""] = route.routeKey.split(" ");
  const segments = path.split("/").slice(1).map(compileSegment);
  return {
    route,
    method,
    path: new RegExp(`^/${segments.map(({ source }) => source).join("/")}$`),
    rank: `${segments.map(({ rank }) => rank).join("")}~${method === "ANY" ? 1 : 0}`,
  };
}

function compileSegment(segment: string): { readonly source: string; readonly rank: string } {
  const variable = /^\{([^+}]+)(\+?)\}$/.exec(segment);
  if (!variable) return { source: segment.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), rank: "0" };
  const [, name = "", greedy] = variable;
  // Group names may hold letters and digits only, variables of API Gateway `.`, `-` and `_` too.
  const group = `v${Buffer.from(name).toString("hex")}`;
  return greedy ? { source: `(?<${group}>.+)`, rank: "2" } : { source: `(?<${group}>[^/]+)`, rank: "1" };
}

function decodeAll(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([group, value]) => [Buffer.from(group.slice(1), "hex").toString(), decode(value)]),
  );
}

/** Percent-decoded; what is not properly encoded stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
