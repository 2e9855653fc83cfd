import { type Agent, request } from "node:https";

export interface HttpsRequest {
  readonly method: string;
  readonly url: URL;
  readonly agent: Agent;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange; afterwards the connection is destroyed, so that the next attempt gets a fresh one. */
  readonly timeoutMs: number;
}

export interface HttpsResponse {
  readonly status: number;
  readonly body: string;
}

/** One HTTPS exchange. Rejects with the network's error, or with `ETIMEDOUT`. (`fetch` cannot present client certificates.) */
export function exchange(options: HttpsRequest): Promise<HttpsResponse> {
  return new Promise((resolve, reject) => {
    const { method, url, agent, body = "" } = options;
    const headers = { ...options.headers, "content-length": String(Buffer.byteLength(body)) };
    const outgoing = request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
    const timer = setTimeout(() => {
      const message = `${method} ${url.href}: no answer within ${options.timeoutMs} ms`;
      outgoing.destroy(Object.assign(new Error(message), { code: "ETIMEDOUT" }));
    }, options.timeoutMs);
    outgoing.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.end(body);
  });
}
