import { HttpResponse } from "@smithy/core/protocols";
import type { Operation } from "../wire/operation.ts";
import type { WireRequest, WireResponse } from "../wire/protocol.ts";
import { isRecord } from "../wire/schema.ts";

/** The client half of a protocol, as the SDK has it: what the server half must agree with. */
interface ClientProtocol {
  setSerdeContext(context: unknown): void;
  serializeRequest(operation: unknown, input: unknown, context: unknown): Promise<unknown>;
  deserializeResponse(operation: unknown, context: unknown, response: unknown): Promise<unknown>;
}

type ClientClass = new (configuration: object) => { readonly config: object };

export interface ClientSide {
  request(operation: Operation, input: unknown): Promise<WireRequest>;
  read(operation: Operation, response: WireResponse): Promise<unknown>;
}

export function clientSide(module: object, clientName: string): ClientSide {
  const candidate: unknown = Reflect.get(module, clientName);
  if (!isClientClass(candidate)) throw new Error(`${clientName} is not a client`);
  const { config } = new candidate({ region: "us-west-2", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  const protocol: unknown = Reflect.get(config, "protocol");
  if (!isClientProtocol(protocol)) throw new Error(`${clientName} has no protocol`);
  const endpoint = async () => ({ protocol: "http:", hostname: "localhost", path: "/", port: 1, query: {} });
  const context = { ...config, endpoint, disableHostPrefix: true };
  protocol.setSerdeContext(context);
  return {
    async request(operation, input) {
      return wireRequest(await protocol.serializeRequest(schemaOf(module, operation), input, context));
    },
    read(operation, { status, headers, body }) {
      const bytes = typeof body === "string" ? Buffer.from(body) : body;
      const response = new HttpResponse({ statusCode: status, headers: { ...headers }, body: bytes });
      return protocol.deserializeResponse(schemaOf(module, operation), context, response);
    },
  };
}

function isClientClass(value: unknown): value is ClientClass {
  return typeof value === "function";
}

function isClientProtocol(value: unknown): value is ClientProtocol {
  return isRecord(value) && "serializeRequest" in value && "deserializeResponse" in value;
}

function schemaOf(module: object, operation: Operation) {
  const tuple: unknown = Reflect.get(module, `${operation.name}$`);
  if (!Array.isArray(tuple)) throw new Error(`${operation.name} has no schema`);
  const [, namespace, name, traits, input, output] = tuple;
  return { namespace, name, traits, input, output };
}

function wireRequest(request: unknown): WireRequest {
  if (!isRecord(request)) throw new Error("not a request");
  const { method, path, query, headers, body } = request;
  const url = new URL(`http://localhost${path}`);
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of [value].flat()) url.searchParams.append(name, String(one ?? ""));
  }
  const lowered = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  const bytes =
    body instanceof Uint8Array ? Buffer.copyBytesFrom(body) : Buffer.from(typeof body === "string" ? body : "");
  return {
    method: String(method),
    url,
    rawPath: url.pathname,
    headers: Object.fromEntries(lowered),
    body: bytes,
  };
}
