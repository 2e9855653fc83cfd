import type { NormalizedSchema } from "@smithy/core/schema";
import { AwsError } from "./contract.ts";
import type { Operation } from "./operation.ts";
import type { WireRequest } from "./protocol.ts";
import { readForm } from "./query-form.ts";
import { readDocument } from "./request-content.ts";
import { matchRoute } from "./route.ts";
import { hasTrait, membersOf, textTrait } from "./schema.ts";
import type { Service } from "./service.ts";

/** A request understood: which operation, and its input as the SDK's types have it. */
export interface DecodedRequest {
  readonly operation: Operation;
  readonly input: Record<string, unknown>;
}

/** Throws the service's "unknown operation" error, or its serialization error when the body cannot be read. */
export async function decodeRequest(service: Service, request: WireRequest): Promise<DecodedRequest> {
  switch (service.protocol) {
    case "json": {
      const target = request.headers["x-amz-target"] ?? "";
      const operation = operationNamed(service, target.slice(target.lastIndexOf(".") + 1));
      const input = await readBody(service, operation.input, request.body.toString() || "{}");
      return { operation, input };
    }
    case "query":
    case "ec2": {
      const form = request.body.length > 0 ? new URLSearchParams(request.body.toString()) : request.url.searchParams;
      const operation = operationNamed(service, form.get("Action") ?? "");
      return { operation, input: asInput(readForm(service, operation.input, form)) };
    }
    case "restXml":
    case "restJson":
      return decodeRest(service, request);
  }
}

/** The error of a service for an operation that it does not have. */
export function unknownOperation(service: Service, name: string): AwsError {
  return service.protocol === "query" || service.protocol === "ec2"
    ? new AwsError("InvalidAction", `The action ${name} is not valid for this web service.`)
    : new AwsError("UnknownOperationException", `The operation ${name} is not known to ${service.signingName}.`);
}

function operationNamed(service: Service, name: string): Operation {
  const operation = service.operations.get(name);
  if (!operation) throw unknownOperation(service, name);
  return operation;
}

async function decodeRest(service: Service, request: WireRequest): Promise<DecodedRequest> {
  for (const operation of service.routed) {
    const labels = operation.route && matchRoute(operation.route, request);
    if (!operation.route || !labels) continue;
    const byName = new Map(operation.route.labels.map((name, index) => [name, labels[index] ?? ""]));
    return { operation, input: await readRestInput(service, operation.input, request, byName) };
  }
  throw unknownOperation(service, `${request.method} ${request.url.pathname}`);
}

async function readRestInput(
  service: Service,
  schema: NormalizedSchema,
  request: WireRequest,
  labels: ReadonlyMap<string, string>,
): Promise<Record<string, unknown>> {
  const members = membersOf(schema);
  const payload = members.find(([, member]) => hasTrait(member, "httpPayload"));
  const streamed = payload && request.content && hasTrait(payload[1], "streaming") ? request.content : undefined;
  const body = request.content && !streamed ? await readDocument(request.content) : request.body;
  const input = payload || body.length === 0 ? {} : await readBody(service, schema, body.toString());
  if (payload && streamed) input[payload[0]] = streamed;
  else if (payload && body.length > 0) input[payload[0]] = await readPayload(service, payload[1], body);
  for (const [name, member] of members) {
    const bound = readBound(service, member, request, labels.get(name));
    if (bound !== undefined) input[name] = bound;
  }
  return input;
}

/** What a member gets from the path, the query or a header; `undefined` when it is not there or belongs in the body. */
function readBound(service: Service, member: NormalizedSchema, request: WireRequest, label?: string): unknown {
  if (label !== undefined) return service.codec.readText(member, decodeURIComponent(label));
  const parameter = textTrait(member, "httpQuery");
  if (parameter !== undefined) return readParameter(service, member, request.url.searchParams.getAll(parameter));
  const header = textTrait(member, "httpHeader");
  const value = header === undefined ? undefined : request.headers[header.toLowerCase()];
  if (value !== undefined) return service.codec.readText(member, value);
  const prefix = textTrait(member, "httpPrefixHeaders");
  return prefix === undefined ? undefined : readPrefixed(request.headers, prefix.toLowerCase());
}

function readParameter(service: Service, member: NormalizedSchema, values: readonly string[]): unknown {
  const [first] = values;
  if (first === undefined) return undefined;
  if (!member.isListSchema()) return service.codec.readText(member, first);
  return values.map((value) => service.codec.readText(member.getValueSchema(), value));
}

function readPrefixed(headers: Readonly<Record<string, string>>, prefix: string): Record<string, string> | undefined {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return found.length === 0
    ? undefined
    : Object.fromEntries(found.map(([name, value]) => [name.slice(prefix.length), value]));
}

async function readPayload(service: Service, member: NormalizedSchema, body: Buffer): Promise<unknown> {
  if (member.isBlobSchema()) return new Uint8Array(body);
  if (member.isStringSchema()) return body.toString();
  return readBody(service, member, body.toString());
}

async function readBody(service: Service, schema: NormalizedSchema, text: string): Promise<Record<string, unknown>> {
  try {
    const body =
      service.protocol === "restXml" ? service.codec.readXml(schema, text) : await service.codec.readJson(schema, text);
    return asInput(body);
  } catch (error) {
    const code = service.protocol === "restXml" ? "MalformedXML" : "SerializationException";
    throw new AwsError(code, error instanceof Error ? error.message : String(error));
  }
}

/** Inputs are structures; the unit type reads as nothing at all. */
function asInput(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
