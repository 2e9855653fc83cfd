import type { Principal } from "../context/credentials.ts";
import type { Claims } from "./jwt.ts";
import type { HttpRequest } from "./model.ts";

/** What the gateway knows of a request once it has answered. */
export interface AccessFacts {
  readonly request: HttpRequest;
  readonly requestId: string;
  readonly requestTime: string;
  readonly routeKey: string | undefined;
  readonly status: number;
  readonly milliseconds: number;
  readonly principal?: Principal | undefined;
  readonly claims?: Claims | undefined;
  /** Why the authorizer refused. */
  readonly authorizerError?: string | undefined;
}

/**
 * A line of the stage's format, with `$context.…` replaced; what is not known is `-` ("Logging variables", HTTP APIs).
 */
export function accessLine(format: string, facts: AccessFacts): string {
  const { request, principal, claims = {} } = facts;
  const values: Readonly<Record<string, string | undefined>> = {
    requestId: facts.requestId,
    requestTime: facts.requestTime,
    routeKey: facts.routeKey,
    path: request.rawPath,
    status: String(facts.status),
    responseLatency: String(facts.milliseconds),
    "identity.sourceIp": request.sourceIp,
    "identity.userAgent": request.headers["user-agent"],
    "identity.userArn": principal?.arn,
    "authorizer.error": facts.authorizerError,
    ...Object.fromEntries(Object.entries(claims).map(([claim, value]) => [`authorizer.claims.${claim}`, value])),
  };
  return format.replaceAll(/\$context\.([\w.]+)/g, (_, name: string) =>
    JSON.stringify(values[name] ?? "-").slice(1, -1),
  );
}
