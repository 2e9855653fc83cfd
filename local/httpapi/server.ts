import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { refusalOf } from "../context/browser-check.ts";
import type { HttpApi } from "./http-api.ts";
import { type HttpRequest, type HttpResponse, messageResponse } from "./model.ts";

/** Largest request body of an HTTP API (docs/references/aws.md#http-api). */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

export interface HttpServerOptions {
  /** Undefined as long as there is no API: then only the pages of the local cloud answer. */
  readonly api: () => HttpApi | undefined;
  /** The local cloud's own pages by `METHOD /path`, which the API does not see. A last segment `*` stands for any. */
  readonly pages: Readonly<Record<string, (request: HttpRequest) => HttpResponse | Promise<HttpResponse>>>;
  readonly log: (line: string) => void;
}

/** Serves the API at `/` and the local cloud's own pages beside it. Not listening yet. */
export function createHttpServer(options: HttpServerOptions): Server {
  return createServer(listenerOf(options));
}

/**
 * The same by TLS, as hosts reach it, and without the local cloud's own pages: those are for whoever sits at this
 * machine.
 */
export function createHttpsServer(
  options: Omit<HttpServerOptions, "pages">,
  tls: { readonly certificate: string; readonly key: string },
): Server {
  return createTlsServer({ cert: tls.certificate, key: tls.key }, listenerOf({ ...options, pages: {} }));
}

function listenerOf(options: HttpServerOptions): RequestListener {
  return (incoming, outgoing) => {
    answer(options, incoming)
      .catch((error: unknown) => {
        options.log(
          `http: ${incoming.method} ${incoming.url}: ${error instanceof Error ? error.stack : String(error)}`,
        );
        return messageResponse(500, "Internal Server Error");
      })
      .then((response) => write(outgoing, response));
  };
}

async function answer({ api, pages }: HttpServerOptions, incoming: IncomingMessage): Promise<HttpResponse> {
  const refusal = refusalOf(incoming);
  if (refusal !== undefined) return messageResponse(403, refusal);
  const body = await readBody(incoming);
  if (!body) return messageResponse(413, "Request Entity Too Large");
  const [rawPath = "/", ...query] = (incoming.url ?? "/").split("?");
  const request: HttpRequest = {
    method: incoming.method ?? "GET",
    rawPath,
    rawQueryString: query.join("?"),
    headers: headersOf(incoming),
    body,
    sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1",
  };
  const page = pages[`${request.method} ${rawPath}`] ?? pages[`${request.method} ${rawPath.replace(/[^/]+$/, "*")}`];
  if (page) return await page(request);
  return (await api()?.(request)) ?? messageResponse(404, "Not Found");
}

/** The whole body, or undefined when it is too large; the rest of it is then read and dropped. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

/** Lower-case names; repeated values joined by commas, cookies by semicolons. */
function headersOf(incoming: IncomingMessage): Record<string, string> {
  const headers = Object.entries(incoming.headersDistinct).map(([name, values = []]) => [
    name,
    values.join(name === "cookie" ? "; " : ","),
  ]);
  return Object.fromEntries(headers);
}

function write(outgoing: ServerResponse, { statusCode, headers, cookies, body }: HttpResponse): void {
  if (cookies.length > 0) outgoing.setHeader("set-cookie", [...cookies]);
  outgoing.writeHead(statusCode, { ...headers, "content-length": body.length });
  outgoing.end(body);
}
