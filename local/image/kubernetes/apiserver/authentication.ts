import { createPublicKey, verify } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { z } from "zod";
import { unauthorized } from "./status.ts";

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/**
 * Who sends a request: by client certificate (CN is the user, each O a group), by a service account's token, or anonymous. Throws
 * 401 for a certificate of a foreign authority, and for any other token.
 */
export function authenticate(request: IncomingMessage, serviceAccountKey: string | undefined): User {
  const certificateUser = readClientCertificate(request);
  if (certificateUser) return certificateUser;
  const { authorization } = request.headers;
  if (authorization === undefined) return ANONYMOUS;
  const account = serviceAccountKey === undefined ? undefined : readToken(authorization, serviceAccountKey);
  if (!account) throw unauthorized();
  return account;
}

const Claims = z.object({ sub: z.string().regex(/^system:serviceaccount:[^:]+:[^:]+$/), exp: z.number() });

/** ES256, which is how a key of this kind signs; that the account and its pod are still there is not looked at. */
function readToken(authorization: string, serviceAccountKey: string): User | undefined {
  const [, header = "", payload = "", signature = ""] =
    /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(authorization) ?? [];
  const key = { key: createPublicKey(serviceAccountKey), dsaEncoding: "ieee-p1363" } as const;
  if (!verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url")))
    return undefined;
  const claims = Claims.safeParse(JSON.parse(Buffer.from(payload, "base64url").toString())).data;
  if (!claims || claims.exp * 1000 < Date.now()) return undefined;
  const namespace = claims.sub.split(":")[2] ?? "";
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { name: claims.sub, groups };
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
