import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { WireRequest, WireResponse } from "./protocol.ts";
import { type RequestContent, requestContent } from "./request-content.ts";
import { claimedService } from "./sigv4.ts";

/** A request whose body is still to come, if it is for a service that streams. */
export interface IncomingRequest {
  readonly request: WireRequest;
  readonly content: RequestContent | undefined;
}

/** Reads a request; its body too, but that of S3, which may not fit into memory. Rejects when the client goes away meanwhile. */
export async function readRequest(incoming: IncomingMessage): Promise<IncomingRequest> {
  const headers = flatten(incoming.headers);
  const target = incoming.url ?? "/";
  const url = new URL(`http://localhost${target}`);
  const streams = claimedService(headers, url.search.slice(1)) === "s3";
  return {
    request: {
      method: incoming.method ?? "GET",
      rawPath: target.split("?")[0] ?? "/",
      url,
      headers,
      body: streams ? Buffer.alloc(0) : await buffer(incoming),
    },
    content: streams ? requestContent(incoming, headers) : undefined,
  };
}

export async function writeResponse(outgoing: ServerResponse, method: string, response: WireResponse): Promise<void> {
  const { status, headers, body } = response;
  const length = body instanceof Readable ? {} : { "content-length": Buffer.byteLength(body) };
  // The answer to HEAD has the length of what GET would bring, which only the handler knows.
  outgoing.writeHead(status, { ...length, ...headers });
  if (method === "HEAD") {
    outgoing.end();
    if (body instanceof Readable) body.destroy();
  } else if (body instanceof Readable) await pipeline(body, outgoing);
  else outgoing.end(body);
}

function flatten(headers: IncomingHttpHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return flat;
}
