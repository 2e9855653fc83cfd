import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { decodeChunks } from "./aws-chunked.ts";
import type { WireRequest, WireResponse } from "./protocol.ts";

/** Reads a request to its end. Rejects when the client goes away meanwhile. */
export async function readRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const signedBody = await buffer(incoming);
  const headers = flatten(incoming.headers);
  const target = incoming.url ?? "/";
  const chunked = headers["x-amz-content-sha256"]?.startsWith("STREAMING-") ?? false;
  return {
    method: incoming.method ?? "GET",
    rawPath: target.split("?")[0] ?? "/",
    url: new URL(`http://localhost${target}`),
    headers,
    signedBody,
    body: chunked ? decodeChunks(signedBody) : signedBody,
  };
}

export function writeResponse(outgoing: ServerResponse, method: string, response: WireResponse): void {
  const { status, headers, body } = response;
  // The answer to HEAD has the length of what GET would bring, which only the handler knows.
  outgoing.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
  outgoing.end(method === "HEAD" ? undefined : body);
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return flat;
}
