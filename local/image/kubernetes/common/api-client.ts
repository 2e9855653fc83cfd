import { Agent } from "node:https";
import { exchange, type HttpsResponse } from "./https.ts";
import type { Connection } from "./kubeconfig.ts";
import { statusSchema } from "./objects.ts";

/** The API server answered with a Status of failure. `reason` is Kubernetes' own (`NotFound`, `AlreadyExists`, `Conflict`). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

/** Requests to one API server as one user. Keeps its connections open; `close()` ends them. */
export class ApiClient {
  readonly server: string;
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor(connection: Connection, options: { timeoutMs: number }) {
    this.server = connection.server;
    this.#timeoutMs = options.timeoutMs;
    this.#agent = new Agent({
      keepAlive: true,
      rejectUnauthorized: !connection.insecure,
      ...(connection.certificateAuthority && { ca: connection.certificateAuthority }),
      ...(connection.clientCertificate && { cert: connection.clientCertificate }),
      ...(connection.clientKey && { key: connection.clientKey }),
    });
  }

  get(path: string): Promise<unknown> {
    return this.#json("GET", path);
  }
  create(path: string, object: unknown): Promise<unknown> {
    return this.#json("POST", path, object);
  }
  update(path: string, object: unknown): Promise<unknown> {
    return this.#json("PUT", path, object);
  }
  mergePatch(path: string, patch: unknown): Promise<unknown> {
    return this.#json("PATCH", path, patch, "application/merge-patch+json");
  }
  /** Server-side apply, by force. */
  apply(path: string, object: unknown): Promise<unknown> {
    return this.#json("PATCH", `${path}?fieldManager=kubectl&force=true`, object, "application/apply-patch+yaml");
  }
  delete(path: string): Promise<unknown> {
    return this.#json("DELETE", path);
  }

  /** The answer as it came, whatever its status. Rejects only when there is none. */
  raw(method: string, path: string, body?: { text: string; type: string }): Promise<HttpsResponse> {
    return exchange({
      method,
      url: new URL(path, this.server),
      agent: this.#agent,
      timeoutMs: this.#timeoutMs,
      headers: {
        accept: "application/json",
        ...(body && { "content-type": body.type }),
      },
      ...(body && { body: body.text }),
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #json(method: string, path: string, object?: unknown, type = "application/json"): Promise<unknown> {
    const body = object === undefined ? undefined : { text: JSON.stringify(object), type };
    const response = await this.raw(method, path, body);
    if (response.status >= 400) throw toApiError(response);
    return JSON.parse(response.body);
  }
}

/** The error in an answer of failure; what is no Status (a health check, a proxy) is quoted. */
export function toApiError({ status, body }: HttpsResponse): ApiError {
  try {
    const answer = statusSchema.parse(JSON.parse(body));
    return new ApiError(answer.code, answer.reason, answer.message);
  } catch {
    return new ApiError(status, status >= 500 ? "InternalError" : "Unknown", `HTTP ${status}: ${body.trim()}`);
  }
}

/** Whether the API server refused with this reason, for instance `NotFound`. */
export function isReason(error: unknown, reason: string): boolean {
  return error instanceof ApiError && error.reason === reason;
}
