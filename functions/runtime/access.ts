import type { APIGatewayProxyEventV2 } from "aws-lambda";
import * as z from "zod";
import { AccessRules, type Action } from "../domain/authorization.ts";
import { type Caller, callerMay, DEFAULT_ACCESS, principalsOfClaims } from "../domain/caller.ts";
import { ClusterUnknown, NotAllowed } from "../domain/errors.ts";
import { readEnv } from "./env.ts";

const env = readEnv({
  /** Rules as JSON; empty where nobody has set any. */
  API_ACCESS: z.string().default(""),
  /** Names of the roles by which chats call: what they may ask for is held against their own rules before. */
  CHAT_ROLES: z.string().default(""),
});

const Authorizer = z.union([
  z.object({ iam: z.object({ userArn: z.string().min(1) }) }),
  z.object({ jwt: z.object({ claims: z.record(z.string(), z.coerce.string()) }) }),
]);

/** Read once a cold start: rules that are not as they should be let nobody in. */
const rules = ((): AccessRules => {
  const given = env.API_ACCESS === "" ? DEFAULT_ACCESS : AccessRules.parse(JSON.parse(env.API_ACCESS));
  const chats = env.CHAT_ROLES.split(",").filter((role) => role !== "");
  const asChat: AccessRules["principals"] = Object.fromEntries(
    chats.map((role) => [`iam:arn:*:assumed-role/${role}/*`, [{ role: "admin", clusters: "*" }]]),
  );
  return { ...given, principals: { ...given.principals, ...asChat } };
})();

/** Who calls, as API Gateway's authorizer has found out. Throws NotAllowed where none has. */
export const callerOf = ({ requestContext }: APIGatewayProxyEventV2): Caller => {
  const { sourceIp, userAgent } = requestContext.http;
  const from = { sourceIp, userAgent };
  const { data } = Authorizer.safeParse("authorizer" in requestContext ? requestContext.authorizer : undefined);
  if (!data) throw new NotAllowed("nobody has verified who calls");
  if ("iam" in data) return { principals: [`iam:${data.iam.userArn}`], door: "iam", ...from };
  return { principals: principalsOfClaims(data.jwt.claims), door: "token", ...from };
};

export const may = (caller: Caller, action: Action, cluster: string | null): boolean =>
  callerMay(rules, caller, action, cluster);

/** Throws NotAllowed; or ClusterUnknown, since to whom may not read a cluster it is not there. */
export const requireAccess = (caller: Caller, action: Action, cluster: string | null): void => {
  if (may(caller, action, cluster)) return;
  if (cluster !== null && action !== "create" && !may(caller, "read", cluster))
    throw new ClusterUnknown(`there is no cluster ${cluster}`);
  throw new NotAllowed(`${caller.principals[0]} is not allowed to ${action} ${cluster ?? "every cluster"}`);
};
