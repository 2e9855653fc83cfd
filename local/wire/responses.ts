import { Readable } from "node:stream";
import type { NormalizedSchema } from "@smithy/core/schema";
import type { Operation } from "./operation.ts";
import { type WireResponse, xmlResponse } from "./protocol.ts";
import { hasTrait, membersOf, textTrait } from "./schema.ts";
import { requestIdHeader, type Service } from "./service.ts";

/** A handler's output as the service would send it. */
export async function encodeOutput(
  service: Service,
  operation: Operation,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): Promise<WireResponse> {
  const { name, output: schema } = operation;
  const namespace = `xmlns="${service.xmlNamespace}"`;
  switch (service.protocol) {
    case "json": {
      const headers = {
        "x-amzn-requestid": requestId,
        "content-type": `application/x-amz-json-${service.jsonVersion}`,
      };
      return { status: 200, headers, body: schema.isUnitSchema() ? "{}" : service.codec.writeJson(schema, output) };
    }
    case "query": {
      const members = service.codec.writeXmlMembers(schema, withEmptyLists(schema, output));
      const result = schema.isUnitSchema() ? "" : `<${name}Result>${members}</${name}Result>`;
      const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
      return xmlResponse(200, requestId, `<${name}Response ${namespace}>${result}${metadata}</${name}Response>`);
    }
    case "ec2": {
      const members = service.codec.writeXmlMembers(schema, withEmptyLists(schema, output));
      const result = schema.isUnitSchema() ? "<return>true</return>" : members;
      const body = `<${name}Response ${namespace}><requestId>${requestId}</requestId>${result}</${name}Response>`;
      return xmlResponse(200, requestId, body);
    }
    case "restXml":
    case "restJson":
      return encodeRest(service, operation, output, requestId);
  }
}

/** AWS sends empty top-level lists, and clients index them without a look. */
function withEmptyLists(schema: NormalizedSchema, output: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const filled = { ...output };
  for (const [name, member] of membersOf(schema)) if (member.isListSchema()) filled[name] ??= [];
  return filled;
}

async function encodeRest(
  service: Service,
  operation: Operation,
  output: Readonly<Record<string, unknown>>,
  requestId: string,
): Promise<WireResponse> {
  const headers: Record<string, string> = { [requestIdHeader(service)]: requestId };
  const inBody: Record<string, unknown> = {};
  let status = operation.route?.status ?? 200;
  let payload: NormalizedSchema | undefined;
  let payloadValue: unknown;
  for (const [name, member] of membersOf(operation.output)) {
    const value = output[name];
    if (hasTrait(member, "httpPayload")) {
      payload = member;
      payloadValue = value;
    } else if (hasTrait(member, "httpResponseCode")) status = typeof value === "number" ? value : status;
    else if (!writeHeader(service, member, value, headers)) inBody[name] = value;
  }
  if (payload?.isBlobSchema() || payload?.isStringSchema()) {
    return { status: headers["content-range"] ? 206 : status, headers, body: payloadBytes(payloadValue) };
  }
  const schema = payload ?? operation.output;
  const xmlns = `xmlns="${service.xmlNamespace}"`;
  const value = payload ? payloadValue : inBody;
  // S3 answers with an empty body where all is in the headers.
  if (service.signingName === "s3" && !payload && Object.keys(inBody).length === 0)
    return { status, headers, body: "" };
  if (service.protocol === "restJson") {
    const body = schema.isUnitSchema() ? "" : service.codec.writeJson(schema, value);
    return { status, headers: { ...headers, "content-type": "application/json" }, body };
  }
  // Smithy's `s3UnwrappedXmlOutput`, of this operation alone: the member is the root. The SDK's schemas leave it out.
  if (operation.name === "GetBucketLocation" && service.signingName === "s3") {
    const [element = "<LocationConstraint/>"] = [service.codec.writeXmlMembers(schema, value)].filter(Boolean);
    const body = element.replace("<LocationConstraint", `<LocationConstraint ${xmlns}`);
    return xmlResponse(status, requestId, body);
  }
  const name = textTrait(schema, "xmlName");
  const root = name ?? (payload ? payload.getName() : `${operation.name}Response`);
  const members = value === undefined ? "" : service.codec.writeXmlMembers(schema, value);
  const response = xmlResponse(status, requestId, `<${root} ${xmlns}>${members}</${root}>`);
  return { ...response, headers: { ...response.headers, ...headers } };
}

/** Whether the member travels in headers; it must then not appear in the body. */
function writeHeader(
  service: Service,
  member: NormalizedSchema,
  value: unknown,
  headers: Record<string, string>,
): boolean {
  const header = textTrait(member, "httpHeader");
  if (header !== undefined) {
    if (value !== undefined && value !== null) headers[header.toLowerCase()] = service.codec.writeText(member, value);
    return true;
  }
  const prefix = textTrait(member, "httpPrefixHeaders");
  if (prefix === undefined) return false;
  for (const [key, text] of Object.entries(value ?? {})) headers[`${prefix}${key}`.toLowerCase()] = String(text);
  return true;
}

function payloadBytes(value: unknown): string | Uint8Array | Readable {
  return value instanceof Uint8Array || typeof value === "string" || value instanceof Readable ? value : "";
}
