import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import {
  parseToken,
  readTokenSecret,
  sameSecret,
  TOKEN_SECRET_NAMESPACE,
  type ValidToken,
} from "../common/bootstrap-token.ts";
import { secretSchema } from "../common/objects.ts";
import { unauthorized } from "./status.ts";
import type { Storage } from "./storage.ts";

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/**
 * Who sends a request: by client certificate (CN is the user, each O a group), by bootstrap token, or anonymous.
 * Throws 401 for a certificate of a foreign authority and for an unknown or expired token.
 */
export async function authenticate(request: IncomingMessage, storage: Storage): Promise<User> {
  const certificateUser = readClientCertificate(request);
  if (certificateUser) return certificateUser;
  const { authorization } = request.headers;
  if (authorization === undefined) return ANONYMOUS;
  const token = parseToken(/^Bearer (.+)$/.exec(authorization)?.[1] ?? "");
  if (!token) throw unauthorized();
  const secret = await storage.get(`secrets/${TOKEN_SECRET_NAMESPACE}/bootstrap-token-${token.id}`);
  const valid = secret && readTokenSecret(secretSchema.parse(secret), new Date());
  if (!valid?.authenticates || !sameSecret(valid.secret, token.secret)) throw unauthorized();
  return {
    name: `system:bootstrap:${valid.id}`,
    groups: ["system:bootstrappers", ...valid.extraGroups, "system:authenticated"],
  };
}

/** The tokens that may sign `cluster-info` now. */
export async function listSigningTokens(storage: Storage): Promise<ValidToken[]> {
  const { objects } = await storage.list(`secrets/${TOKEN_SECRET_NAMESPACE}/bootstrap-token-`);
  const tokens = objects.map((object) => readTokenSecret(secretSchema.parse(object), new Date()));
  return tokens.filter((token) => token !== undefined).filter((token) => token.signs);
}

function readClientCertificate(request: IncomingMessage): User | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerCertificate();
  // Without a certificate Node answers with an empty object.
  if (!certificate?.subject) return undefined;
  if (!socket.authorized) throw unauthorized();
  const { CN: name, O: organizations } = certificate.subject;
  return { name: [name].flat()[0] ?? "", groups: [...[organizations ?? []].flat(), "system:authenticated"] };
}
