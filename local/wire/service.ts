import { NormalizedSchema, type TypeRegistry } from "@smithy/core/schema";
import { type Codec, codecFor } from "./codec.ts";
import type { CallContext, Handlers } from "./contract.ts";
import { type Operation, operationsOf } from "./operation.ts";
import { type Protocol, protocolOf, type WireRequest } from "./protocol.ts";
import { isRecord } from "./schema.ts";

/** Answers one operation; its input and output were checked when `defineService` was called with typed handlers. */
export type Handler = (input: unknown, call: CallContext) => unknown;

/** A service as the wire sees it: everything but its behaviour comes from the SDK's client package. */
export interface Service {
  /** The name in a signature's scope (`ec2`, `elasticloadbalancing`, `states`), by which requests find their service. */
  readonly signingName: string;
  readonly protocol: Protocol;
  /** What follows `application/x-amz-json-`. */
  readonly jsonVersion: string;
  readonly xmlNamespace: string;
  readonly namespace: string;
  readonly operations: ReadonlyMap<string, Operation>;
  /** REST operations, the most specific route first. */
  readonly routed: readonly Operation[];
  readonly codec: Codec;
  handlerOf(operation: string): Handler | undefined;
  /** The schema of a modelled error; EC2 has none, and its codes are free text. */
  errorSchema(code: string): NormalizedSchema | undefined;
  /** Whether it takes forms, too; its errors then have a second name. */
  readonly takesForms: boolean;
  /** The service in the protocol of this request: some take forms beside their newer JSON, for clients of before. */
  inProtocolOf(request: Pick<WireRequest, "headers">): Service;
}

export interface ServiceOptions {
  /** The XML namespace of a JSON service that also takes forms and answers them in XML. */
  readonly queryNamespace?: string;
}

/**
 * Describes a service by its SDK client package: `defineService(ec2, "EC2Client", { DescribeVpcs: … })`.
 * Throws if the package does not look as the pinned version does, or speaks a protocol that is not known here.
 */
export function defineService<M extends object>(
  module: M,
  clientName: keyof M & string,
  handlers: Handlers<M>,
  { queryNamespace }: ServiceOptions = {},
): Service {
  const { protocol, signingName } = clientOf(module[clientName]);
  const { options } = protocol;
  const shapeId = protocol.getShapeId();
  const operations = operationsOf(module);
  const routed = [...operations.values()].filter((operation) => operation.route !== undefined);
  routed.sort((a, b) => (b.route?.specificity ?? 0) - (a.route?.specificity ?? 0));
  const kind = protocolOf(shapeId);
  const service: Service = {
    signingName,
    protocol: kind,
    takesForms: queryNamespace !== undefined,
    jsonVersion: shapeId.endsWith("1_0") ? "1.0" : "1.1",
    xmlNamespace: options.xmlNamespace ?? "",
    namespace: options.defaultNamespace,
    operations,
    routed,
    codec: codecFor(kind),
    handlerOf(operation) {
      const handler: unknown = Reflect.get(handlers, operation);
      return isHandler(handler) ? handler.bind(handlers) : undefined;
    },
    errorSchema: (code) => errorSchemaOf(options.errorTypeRegistries ?? [], code),
    inProtocolOf: ({ headers }) => (inForms && isForm(headers) ? inForms : service),
  };
  const inForms: Service | undefined =
    queryNamespace === undefined
      ? undefined
      : { ...service, protocol: "query", xmlNamespace: queryNamespace, codec: codecFor("query") };
  return service;
}

/** Whether a request is a form, which is what the query protocols send. */
export function isForm(headers: WireRequest["headers"]): boolean {
  return headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
}

/** The header in which a service names the request. */
export function requestIdHeader({ signingName }: Pick<Service, "signingName">): string {
  return signingName === "s3" ? "x-amz-request-id" : "x-amzn-requestid";
}

function errorSchemaOf(registries: readonly TypeRegistry[], code: string): NormalizedSchema | undefined {
  for (const registry of registries) {
    const schema = registry.find((candidate) => Array.isArray(candidate) && candidate[2] === code);
    if (schema !== undefined) return NormalizedSchema.of(schema);
  }
  return undefined;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}

/** The part of a client's protocol object that is used here. Undocumented, hence guarded. */
interface ClientProtocol {
  getShapeId(): string;
  readonly options: {
    readonly defaultNamespace: string;
    readonly xmlNamespace?: string;
    readonly errorTypeRegistries?: readonly TypeRegistry[];
  };
}

type ClientClass = new (configuration: object) => { readonly config: unknown };

function isClientClass(value: unknown): value is ClientClass {
  return typeof value === "function";
}

function isClientProtocol(value: unknown): value is ClientProtocol {
  if (!isRecord(value) || typeof value["getShapeId"] !== "function" || !isRecord(value["options"])) return false;
  return typeof value["options"]["defaultNamespace"] === "string";
}

function clientOf(candidate: unknown): { protocol: ClientProtocol; signingName: string } {
  if (!isClientClass(candidate)) throw new Error("not a client class of the AWS SDK");
  const credentials = { accessKeyId: "unused", secretAccessKey: "unused" };
  const { config } = new candidate({ region: "local", credentials });
  if (!isRecord(config)) throw new Error(`${candidate.name}: no configuration`);
  const { protocol, signingName, defaultSigningName } = config;
  const name = signingName ?? defaultSigningName;
  if (!isClientProtocol(protocol) || typeof name !== "string") {
    throw new Error(`${candidate.name}: its configuration is not laid out as in the SDK version this was written for`);
  }
  return { protocol, signingName: name };
}
