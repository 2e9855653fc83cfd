import type { NormalizedSchema } from "@smithy/core/schema";
import type { AwsError } from "./contract.ts";
import { escapeXml, type WireResponse, xmlResponse } from "./protocol.ts";
import { requestIdHeader, type Service } from "./service.ts";

/** An error as the service would send it: envelope, code and status as its protocol and its model say. */
export function encodeError(service: Service, error: AwsError, requestId: string): WireResponse {
  const schema = service.errorSchema(error.code);
  const { code, status } = wireIdentity(error, schema);
  if (service.protocol === "json" || service.protocol === "restJson") {
    return jsonError(service, error, { schema, status, requestId, queryCode: code });
  }
  const summary = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(error.message)}</Message>`;
  if (service.protocol === "ec2") {
    const errors = `<Errors><Error>${summary}</Error></Errors>`;
    return xmlResponse(status, requestId, `<Response>${errors}<RequestID>${requestId}</RequestID></Response>`);
  }
  if (service.signingName === "s3") {
    const body = `<Error>${summary}<RequestId>${requestId}</RequestId></Error>`;
    const headers = { [requestIdHeader(service)]: requestId, "content-type": "application/xml" };
    return { ...xmlResponse(status, requestId, body), headers };
  }
  const type = status < 500 ? "Sender" : "Receiver";
  const fields = schema ? service.codec.writeXmlMembers(schema, error.fields) : "";
  const detail = `<Error><Type>${type}</Type>${summary}${fields}</Error><RequestId>${requestId}</RequestId>`;
  return xmlResponse(status, requestId, `<ErrorResponse xmlns="${service.xmlNamespace}">${detail}</ErrorResponse>`);
}

/** The model may give an error another name on the wire (`AlreadyExistsFault` is sent as `AlreadyExists`) and a status. */
function wireIdentity(error: AwsError, schema: NormalizedSchema | undefined): { code: string; status: number } {
  const { awsQueryError, httpError } = schema?.getMergedTraits() ?? {};
  const [code]: unknown[] = Array.isArray(awsQueryError) ? awsQueryError : [];
  return {
    code: typeof code === "string" ? code : error.code,
    status: typeof httpError === "number" ? httpError : error.status,
  };
}

interface ErrorIdentity {
  readonly schema: NormalizedSchema | undefined;
  readonly status: number;
  readonly requestId: string;
  /** The error's name in the query protocol. */
  readonly queryCode: string;
}

function jsonError(
  service: Service,
  error: AwsError,
  { schema, status, requestId, queryCode }: ErrorIdentity,
): WireResponse {
  const fields: object = schema ? JSON.parse(service.codec.writeJson(schema, error.fields)) : error.fields;
  const headers = {
    "x-amzn-requestid": requestId,
    "x-amzn-errortype": error.code,
    "content-type": `application/x-amz-json-${service.jsonVersion}`,
    // Services that left the query protocol still say the error's former name, which clients show.
    ...(service.takesForms && { "x-amzn-query-error": `${queryCode};${status < 500 ? "Sender" : "Receiver"}` }),
  };
  const body = { __type: `${service.namespace}#${error.code}`, message: error.message, ...fields };
  return { status, headers, body: JSON.stringify(body) };
}
