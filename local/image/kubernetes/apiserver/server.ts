import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { buffer } from "node:stream/consumers";
import { parse } from "yaml";
import { messageOf } from "../common/command.ts";
import { versionInfo } from "../common/version.ts";
import { authenticate } from "./authentication.ts";
import { authorize, authorizePath, type Verb } from "./authorization.ts";
import { discover } from "./discovery.ts";
import { EtcdClient, EtcdUnavailableError } from "./etcd-client.ts";
import { checkHealth, etcdCheck, type HealthCheck } from "./health.ts";
import { describeOpenapi } from "./openapi.ts";
import type { ApiServerOptions } from "./options.ts";
import { decodeObject, PROTOBUF } from "./protobuf.ts";
import { CLUSTER_ROLE_BINDINGS, parseResourcePath, storageKey } from "./resources.ts";
import { type Answer, Rest } from "./rest.ts";
import { withBindings } from "./service-accounts.ts";
import {
  badRequest,
  methodNotAllowed,
  StatusError,
  serverTimeout,
  unknownPath,
  unsupportedMediaType,
} from "./status.ts";
import { Storage } from "./storage.ts";
import { ensureSystemNamespaces } from "./system-namespaces.ts";
import { tableOf, wantsTable } from "./table.ts";

const HEALTH_ENDPOINTS = ["/healthz", "/livez", "/readyz"];
/** Media types of a patch, and what is to be done with it. */
const STRATEGIC_PATCH = "application/strategic-merge-patch+json";
const PATCHES: Readonly<Record<string, Verb>> = {
  "application/merge-patch+json": "patch",
  [STRATEGIC_PATCH]: "patch",
  "application/apply-patch+yaml": "apply",
};

/** The API server as a Node server, not yet listening. Starts to create the system namespaces at once. */
export function createApiServer(options: ApiServerOptions): Server {
  const storage = new Storage(new EtcdClient(options.etcdServers, options.etcdTls));
  const rest = new Rest({
    storage,
    nodeGracePeriodMs: options.nodeGracePeriodMs,
    ...(options.serviceAccountSigningKey ? { serviceAccountSigningKey: options.serviceAccountSigningKey } : {}),
    signingAuthority: { certificate: options.signingCertificate, key: options.signingKey },
  });
  const handler = new RequestHandler(storage, rest, options.serviceAccountKey);
  return createServer(
    {
      cert: options.servingCertificate,
      key: options.servingKey,
      ca: options.clientAuthority,
      requestCert: true,
      // Anonymous requests are legitimate; a foreign certificate is refused by `authenticate`.
      rejectUnauthorized: false,
    },
    (request, response) => void handler.handle(request, response),
  );
}

class RequestHandler {
  readonly #storage: Storage;
  readonly #rest: Rest;
  readonly #serviceAccountKey: string | undefined;
  readonly #livenessChecks: readonly HealthCheck[];
  readonly #readinessChecks: readonly HealthCheck[];

  constructor(storage: Storage, rest: Rest, serviceAccountKey: string | undefined) {
    this.#storage = storage;
    this.#rest = rest;
    this.#serviceAccountKey = serviceAccountKey;
    const namespaces = ensureSystemNamespaces(storage);
    this.#livenessChecks = [{ name: "ping", check: async () => {} }, etcdCheck(storage)];
    this.#readinessChecks = [
      ...this.#livenessChecks,
      { name: "poststarthook/start-system-namespaces-controller", check: () => namespaces },
    ];
  }

  async #listBindings() {
    return (await this.#storage.list(storageKey(CLUSTER_ROLE_BINDINGS))).objects;
  }

  /** Answers one request, whatever happens. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "https://kubernetes");
    if (HEALTH_ENDPOINTS.includes(url.pathname)) {
      const checks = url.pathname === "/readyz" ? this.#readinessChecks : this.#livenessChecks;
      const { code, text: body } = await checkHealth(url.pathname.slice(1), checks, url.searchParams.has("verbose"));
      response.writeHead(code, { "content-type": "text/plain; charset=utf-8" }).end(body);
      return;
    }
    const { code, body } = await this.#answer(request, url).catch(toFailure);
    response.writeHead(code, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
  }

  async #answer(request: IncomingMessage, url: URL): Promise<Answer> {
    const signedIn = authenticate(request, this.#serviceAccountKey);
    const isAccount = signedIn.groups.includes("system:serviceaccounts");
    const user = isAccount ? withBindings(signedIn, await this.#listBindings()) : signedIn;
    if (url.pathname === "/version") return { code: 200, body: versionInfo() };
    const document = discover(url.pathname) ?? describeOpenapi(url.pathname);
    if (document) {
      authorizePath(user, url.pathname);
      return { code: 200, body: document };
    }
    const path = parseResourcePath(url.pathname);
    if (!path) throw unknownPath();
    const verb = verbOf(request, path.name !== undefined);
    const body = await readBody(request, verb);
    // A node may create only what bears its own name, which for this verb stands in the body.
    const name = path.name ?? (verb === "create" ? nameIn(body) : undefined);
    authorize(user, { ...path, verb, ...(name && { name }) });
    const answer = await this.#rest.handle({ ...path, verb }, user, url.searchParams, body);
    const isRead = verb === "get" || verb === "list";
    return isRead && wantsTable(request.headers.accept)
      ? { ...answer, body: tableOf(path.resource, answer.body) }
      : answer;
  }
}

function mediaType({ headers }: IncomingMessage): string {
  return (headers["content-type"] ?? "application/json").split(";")[0] ?? "";
}

function unsupported(expected: string): StatusError {
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${expected}`,
  );
}

function verbOf(request: IncomingMessage, isNamed: boolean): Verb {
  switch (request.method) {
    case "GET":
      return isNamed ? "get" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH": {
      const verb = PATCHES[mediaType(request)];
      if (!verb) throw unsupported(Object.keys(PATCHES).join(", "));
      return verb;
    }
    case "DELETE":
      return "delete";
    default:
      throw methodNotAllowed();
  }
}

async function readBody(request: IncomingMessage, verb: Verb): Promise<unknown> {
  const content = await buffer(request);
  if (verb === "get" || verb === "list" || verb === "delete") return undefined;
  const type = mediaType(request);
  if (verb === "create" && type === PROTOBUF) {
    const object = decodeObject(content);
    if (object === undefined) throw unsupported("application/json, as kubectl apply sends it");
    return object;
  }
  if ((verb === "create" || verb === "update") && type !== "application/json") throw unsupported("application/json");
  const body = parseBody(content.toString("utf8"), verb);
  // How lists merge depends on the kind; without them the two kinds of patch do the same.
  if (type === STRATEGIC_PATCH && hasListOrDirective(body)) throw unsupported("application/merge-patch+json");
  return body;
}

function parseBody(content: string, verb: Verb): unknown {
  try {
    return verb === "apply" ? parse(content) : JSON.parse(content);
  } catch (error) {
    throw badRequest(messageOf(error));
  }
}

function hasListOrDirective(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, child]) => name.startsWith("$") || hasListOrDirective(child));
}

function nameIn(body: unknown): string | undefined {
  const metadata = typeof body === "object" && body !== null && "metadata" in body ? body.metadata : undefined;
  const name = typeof metadata === "object" && metadata !== null && "name" in metadata ? metadata.name : undefined;
  return typeof name === "string" ? name : undefined;
}

function toFailure(error: unknown): Answer {
  const status =
    error instanceof StatusError
      ? error
      : error instanceof EtcdUnavailableError
        ? serverTimeout(error.message)
        : new StatusError(500, "InternalError", `Internal error occurred: ${messageOf(error)}`);
  return { code: status.code, body: status };
}
