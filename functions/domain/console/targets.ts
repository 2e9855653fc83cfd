/** A route that the console may ask for, and the function that answers it. */
export interface ConsoleRoute {
  /** `METHOD /path/{name}` */
  readonly route: string;
  readonly function: string;
}

export interface ConsoleTarget extends ConsoleRoute {
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The route of a path below `/session`, with its variables decoded; undefined if there is none. */
export function findTarget(
  routes: readonly ConsoleRoute[],
  method: string,
  segments: readonly string[],
): ConsoleTarget | undefined {
  for (const each of routes) {
    const [asked, path = ""] = each.route.split(" ");
    const pathParameters = asked === method ? variablesOf(path.split("/").slice(1), segments) : undefined;
    if (pathParameters) return { ...each, path: `/${segments.join("/")}`, pathParameters };
  }
  return undefined;
}

function variablesOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const variables: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? "";
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined && part !== segment) return undefined;
    if (name !== undefined) variables[name] = segment;
    if (segment === "") return undefined;
  }
  return variables;
}

/** Who the caller is. API Gateway has no such route: only the console's function asks for it. */
export const SELF_ROUTE: ConsoleRoute = { route: "GET /session/self", function: "list-clusters" };
/** Open to everybody: the console's files say nothing about anybody's clusters. */
export const PAGES_ROUTE = "GET /console/{proxy+}";
/** Whoever has the cookie of a session; one route, since a stack has room for 500 resources. */
export const SESSION_ROUTE = "ANY /session/{proxy+}";
/** How the page signs in by the stack's issuer of tokens: below `/console/`, where everything is open. */
export const SIGN_IN_PATH = "sign-in.json";
