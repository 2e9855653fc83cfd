import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** An answer, or what to answer to the first, second… request; the last one is repeated. */
export type Answers = readonly { readonly status: number; readonly body: unknown }[];

/** Answers like the HTTP API from a table of `METHOD /path`; anything else is a 404 problem. */
export class FakeApi implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server: Server;

  private constructor(routes: Readonly<Record<string, Answers>>) {
    const served = new Map<string, number>();
    this.#server = createServer(async (request, response) => {
      const body = await text(request);
      const path = request.url ?? "";
      const method = request.method ?? "";
      this.received.push({ method, path, headers: request.headers, body: body === "" ? undefined : JSON.parse(body) });
      const route = `${method} ${path}`;
      const answers = routes[route] ?? [{ status: 404, body: problem(404, `there is no ${path}`) }];
      const turn = served.get(route) ?? 0;
      served.set(route, turn + 1);
      const answer = answers[Math.min(turn, answers.length - 1)];
      response.writeHead(answer?.status ?? 500, { "content-type": "application/json", etag: '"spec-1"' });
      response.end(JSON.stringify(answer?.body));
    });
  }

  static async start(routes: Readonly<Record<string, Answers>>): Promise<FakeApi> {
    const api = new FakeApi(routes);
    await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  get url(): string {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return `http://127.0.0.1:${address.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function problem(status: number, detail: string, more: object = {}) {
  return { type: "about:blank", title: "Refused", status, detail, ...more };
}
