import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import { unauthorized } from "./status.ts";

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

const ANONYMOUS: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

/**
 * Who sends a request: by client certificate (CN is the user, each O a group), or anonymous. Throws 401 for a certificate of a
 * foreign authority, and for a bearer of any token: no kind of them is known here.
 */
export function authenticate(request: IncomingMessage): User {
  const certificateUser = readClientCertificate(request);
  if (certificateUser) return certificateUser;
  if (request.headers.authorization !== undefined) throw unauthorized();
  return ANONYMOUS;
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
