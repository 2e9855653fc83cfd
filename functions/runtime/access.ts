import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import {
  type AccessRules,
  type Action,
  type Grants,
  grantsFor,
  grantsFrom,
  isPrincipal,
  needsSecondPerson,
} from "../domain/access/authorization.ts";
import { type Caller, callerMay, DEFAULT_ACCESS, payloadOf, principalsOfClaims } from "../domain/access/caller.ts";
import { whyTooLarge } from "../domain/access/limits.ts";
import { ClusterUnknown, NotAllowed } from "../domain/cluster/errors.ts";
import type { ClusterSpec } from "../domain/spec/spec.ts";
import { apiRules } from "./api-rules.ts";
import { readEnv } from "./env.ts";

const env = readEnv({
  /**
   * Sessions of the roles by which chats call (ARNs that end in `*`): each call is held against the chats' rules
   * before.
   */
  CHAT_CALLERS: z.string().default(""),
});

const Authorizer = z.union([
  z.object({ iam: z.object({ userArn: z.string().min(1) }) }),
  // Of the console's function, which has found the session (functions/usecases/console/forward.ts).
  z.object({ session: z.object({ principals: z.array(z.string()).min(1), authMethod: z.enum(["iam", "token"]) }) }),
  z.object({ jwt: z.object({ claims: z.record(z.string(), z.coerce.string()) }) }),
]);

const chats = env.CHAT_CALLERS.split(",")
  .filter((arn) => arn !== "")
  .map((arn) => `iam:${arn}`);

function isChat({ principals }: Caller): boolean {
  return principals.some((principal) => chats.some((chat) => isPrincipal(chat, principal)));
}

/** Read once a cold start: rules that are not as they should be let nobody in. */
const rules = ((): AccessRules => {
  const given = apiRules() ?? DEFAULT_ACCESS;
  const asChat: AccessRules["principals"] = Object.fromEntries(
    chats.map((chat) => [chat, [{ role: "admin", clusters: "*" }]]),
  );
  return { ...given, principals: { ...given.principals, ...asChat } };
})();

/** Who calls, as API Gateway's authorizer has found out. Throws NotAllowed where none has. */
export function callerOf({ requestContext, headers }: APIGatewayProxyEventV2): Caller {
  const { sourceIp, userAgent } = requestContext.http;
  const from = { sourceIp, userAgent };
  const { data } = Authorizer.safeParse("authorizer" in requestContext ? requestContext.authorizer : undefined);
  if (!data) throw new NotAllowed("nobody has verified who calls");
  if ("iam" in data) return { principals: [`iam:${data.iam.userArn}`], authMethod: "iam", ...from };
  if ("session" in data) return { ...data.session, ...from };
  const principals = principalsOfClaims(data.jwt.claims, payloadOf(headers["authorization"]));
  if (principals.length === 0) throw new NotAllowed("the token names nobody: it has no claim sub");
  const endsAt = Number(data.jwt.claims["exp"]) * 1_000;
  return {
    principals,
    authMethod: "token",
    ...(Number.isFinite(endsAt) ? { tokenEndsAt: new Date(endsAt) } : {}),
    ...from,
  };
}

/** What the console offers to whoever has these names; each request is checked again. */
export function grantsOf(principals: readonly string[]): Grants {
  return grantsFrom(rules, principals);
}

export function may(caller: Caller, action: Action, cluster: string | null): boolean {
  return callerMay(rules, caller, action, cluster);
}

/** Throws NotAllowed; or ClusterUnknown, since to whom may not read a cluster it is not there. */
export function requireAccess(caller: Caller, action: Action, cluster: string | null): void {
  if (may(caller, action, cluster)) return;
  if (cluster !== null && action !== "create" && !may(caller, "read", cluster))
    throw new ClusterUnknown(`there is no cluster ${cluster}`);
  throw new NotAllowed(`${caller.principals[0]} is not allowed to ${action} ${cluster ?? "every cluster"}`);
}

/**
 * Throws NotAllowed for what two persons must do: the API knows one. Chats have seen both, and hold their own rule
 * before.
 */
export function requireSecondPerson(caller: Caller, action: Action): void {
  if (!needsSecondPerson(rules, action) || isChat(caller)) return;
  throw new NotAllowed(
    `to ${action} takes two persons (secondPerson): ask for it in a chat, where somebody else confirms it`,
  );
}

/**
 * Throws NotAllowed if a new cluster (`from` null), or what a change asks for, is above the limits of the caller's
 * grants.
 */
export function requireWithinLimits(
  caller: Caller,
  action: "create" | "change",
  from: ClusterSpec | null,
  to: ClusterSpec,
): void {
  const why = whyTooLarge(grantsFor(rules, caller.principals, action, to.name), from, to);
  if (why !== undefined) throw new NotAllowed(`${caller.principals[0]} may not ${action} ${to.name} so: ${why}`);
}
