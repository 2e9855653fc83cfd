import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { refusalOf } from "../context/browser-check.ts";
import type { CredentialStore } from "../context/credentials.ts";
import { authenticationError } from "./authentication.ts";
import { checkConstraints } from "./constraints.ts";
import { AwsError, type CallContext, type CallInterceptor, ConnectionLost } from "./contract.ts";
import { encodeError } from "./errors.ts";
import { readRequest, writeResponse } from "./http.ts";
import type { Operation } from "./operation.ts";
import type { WireRequest, WireResponse } from "./protocol.ts";
import type { RequestContent } from "./request-content.ts";
import { decodeRequest, unknownOperation } from "./requests.ts";
import { checkRequiredMembers } from "./required-members.ts";
import { encodeOutput } from "./responses.ts";
import { isRecord } from "./schema.ts";
import type { Handler, Service } from "./service.ts";
import { claimedService, SignatureError, type Verified, verifySignature } from "./sigv4.ts";
import { unknownService, unsignedRequest } from "./unknown-service.ts";

/** One answered call; benchmarks and call budgets count them. `startedAt` in epoch milliseconds. */
export interface CallRecord {
  readonly service: string;
  readonly operation: string;
  readonly principal: string;
  readonly startedAt: number;
  readonly durationMs: number;
  /** What was asked, decoded; absent when it could not be. */
  readonly input?: unknown;
  /** The error's code, absent when the call succeeded. */
  readonly error?: string;
}

export interface WireOptions {
  readonly services: readonly Service[];
  readonly credentials: CredentialStore;
  readonly log: (line: string) => void;
  /**
   * Called with every understood call before its handler; throws `AwsError` to throttle, to deny or to inject a fault.
   */
  readonly beforeCall?: (call: CallContext, input: unknown) => void | Promise<void>;
  /** Stands around every call that `beforeCall` let pass. */
  readonly intercept?: CallInterceptor;
  readonly onCall?: (record: CallRecord) => void;
  /** Epoch milliseconds against which signatures are checked; the machine's clock unless clients live by another. */
  readonly now?: () => number;
}

export interface WireServer {
  /** Not listening yet; takes a port or the path of a Unix socket. */
  readonly server: Server;
  /** One more server with the same services, for another address or socket. */
  another(): Server;
  /** Stops listening and drops every connection, idle or not. */
  close(): Promise<void>;
}

/** Longer than the SDK's agents keep a socket, so that it is never the server that closes under a request. */
const keepAliveMs = 120_000;

/** Serves every service at one address: the scope of a request's signature says which one is meant. */
export function createWireServer(options: WireOptions): WireServer {
  const endpoint = new Endpoint(options);
  const servers: Server[] = [];
  const another = () => {
    const server = createServer((request, response) => void endpoint.serve(request, response));
    server.keepAliveTimeout = keepAliveMs;
    server.headersTimeout = keepAliveMs + 1000;
    servers.push(server);
    return server;
  };
  return {
    server: another(),
    another,
    close: async () => {
      await Promise.all(servers.map(closeNow));
    },
  };
}

async function closeNow(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** What is known of a call so far; its record has it, however the call ends. */
interface Progress {
  operation: string;
  principal: string;
  input?: unknown;
}

class Endpoint {
  readonly #options: WireOptions;
  readonly #services: ReadonlyMap<string, Service>;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#services = new Map(options.services.map((service) => [service.signingName, service]));
  }

  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const refusal = refusalOf(incoming);
      if (refusal !== undefined)
        return await writeResponse(outgoing, "", this.#refuse(randomUUID(), "AccessDenied", 403, refusal));
      const { request, content } = await readRequest(incoming);
      await writeResponse(outgoing, request.method, await this.#answer(request, content));
    } catch (error) {
      if (!(error instanceof ConnectionLost))
        this.#options.log(`wire: a request could not be answered: ${describe(error)}`);
      outgoing.destroy();
    }
  }

  async #answer(request: WireRequest, content: RequestContent | undefined): Promise<WireResponse> {
    const requestId = randomUUID();
    const name = claimedService(request.headers, request.url.search.slice(1));
    const service = name === undefined ? undefined : this.#services.get(name)?.inProtocolOf(request);
    if (!service) return this.#noService(name, request, requestId);
    const startedAt = Date.now();
    const started = performance.now();
    const progress: Progress = { operation: "-", principal: "-" };
    let code: string | undefined;
    try {
      return await this.#call(service, request, content, requestId, progress);
    } catch (thrown) {
      if (thrown instanceof ConnectionLost) {
        code = ConnectionLost.name;
        throw thrown;
      }
      const error = this.#asAwsError(service, thrown);
      code = error.code;
      return encodeError(service, error, requestId);
    } finally {
      const durationMs = performance.now() - started;
      const failure = code !== undefined && { error: code };
      this.#options.onCall?.({ service: service.signingName, ...progress, startedAt, durationMs, ...failure });
    }
  }

  async #call(
    service: Service,
    request: WireRequest,
    content: RequestContent | undefined,
    requestId: string,
    progress: Progress,
  ): Promise<WireResponse> {
    const { principal, region, chunks } = this.#authenticate(service, request);
    progress.principal = principal.arn;
    const whole = content ? { ...request, content: content.open(chunks) } : request;
    const { operation, input } = await decodeRequest(service, whole);
    progress.operation = operation.name;
    progress.input = input;
    const handler = this.#handler(service, operation);
    checkRequiredMembers(service, operation.input, input);
    checkConstraints(service, operation.name, input);
    const call = { requestId, service: service.signingName, operation: operation.name, region, principal };
    await this.#options.beforeCall?.(call, input);
    const answer = async () => handler(input, call);
    const output = await (this.#options.intercept?.(call, input, answer) ?? answer());
    return encodeOutput(service, operation, isRecord(output) ? output : {}, requestId);
  }

  #authenticate(service: Service, request: WireRequest): Verified {
    const { method, rawPath: path, headers, body } = request;
    const signed = { method, path, query: request.url.search.slice(1), headers, body };
    try {
      return verifySignature(signed, this.#options.credentials, this.#options.now?.());
    } catch (error) {
      throw error instanceof SignatureError ? authenticationError(service, error) : error;
    }
  }

  #handler(service: Service, operation: Operation): Handler {
    const handler = service.handlerOf(operation.name);
    if (handler) return handler;
    const { code } = unknownOperation(service, operation.name);
    const message = `${service.signingName}:${operation.name} is not emulated by the local cloud.`;
    throw new AwsError(code, message, { status: 501 });
  }

  #asAwsError(service: Service, thrown: unknown): AwsError {
    if (!(thrown instanceof AwsError)) {
      this.#options.log(`wire: ${service.signingName} failed: ${describe(thrown)}`);
      return new AwsError("InternalFailure", "The request processing has failed because of an internal error.", {
        status: 500,
      });
    }
    const isUnknown = thrown.code === "InvalidAction" || thrown.code === "UnknownOperationException";
    if (isUnknown) this.#options.log(`wire: ${service.signingName}: ${thrown.message}`);
    return thrown;
  }

  #noService(name: string | undefined, request: WireRequest, requestId: string): WireResponse {
    if (name === undefined) {
      const missing = "Request is missing Authentication Token";
      this.#options.log(`wire: ${missing}`);
      return unsignedRequest(request, missing, requestId);
    }
    const message = `The local cloud has no service "${name}".`;
    this.#options.log(`wire: ${message}`);
    return unknownService(request, name, message, requestId);
  }

  /** An answer that belongs to no service, so it is in none's own form. */
  #refuse(requestId: string, code: string, status: number, message: string): WireResponse {
    this.#options.log(`wire: ${message}`);
    const headers = { "x-amzn-requestid": requestId, "x-amzn-errortype": code, "content-type": "application/json" };
    return { status, headers, body: JSON.stringify({ __type: code, message }) };
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
