import { escapeXml, type WireRequest, type WireResponse, xmlResponse } from "./protocol.ts";
import { isForm } from "./service.ts";

/** Services of XML over REST, by the name in a signature's scope; requests of the other protocols show what they are. */
const XML_OVER_REST = new Set(["cloudfront", "route53", "s3", "s3control"]);
const EC2_VERSION = /(?:^|&)Version=2016-11-15(?:&|$)/;

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** The answer of a service that the local cloud does not have. */
export function unknownService(
  request: WireRequest,
  service: string,
  message: string,
  requestId: string,
): WireResponse {
  const code = isForm(request.headers) ? "InvalidAction" : "UnknownOperationException";
  return refuse(request, service, { status: 501, code, message }, requestId);
}

/** The answer to a request that is not signed, and so names no service. */
export function unsignedRequest(request: WireRequest, message: string, requestId: string): WireResponse {
  const service = guessService(request);
  const code = service === "s3" ? "AccessDenied" : "MissingAuthenticationToken";
  return refuse(request, service, { status: 403, code, message }, requestId);
}

/** As far as the protocol depends on it. Other REST services than S3 begin their paths with a version. */
function guessService({ headers, url, body }: WireRequest): string | undefined {
  if (isForm(headers)) return EC2_VERSION.test(body.toString("utf8")) ? "ec2" : undefined;
  if (headers["x-amz-target"] !== undefined || headers["content-type"]?.includes("json")) return undefined;
  if (url.pathname.startsWith("/2013-04-01/")) return "route53";
  return /^\/(\d{4}-\d\d-\d\d|v\d)\//.test(url.pathname) ? undefined : "s3";
}

/** In the protocol that the request speaks: each client then shows code and message, not an answer that it cannot read. */
function refuse(
  { headers }: WireRequest,
  service: string | undefined,
  { status, code, message }: Answer,
  requestId: string,
): WireResponse {
  const named = `<Code>${code}</Code><Message>${escapeXml(message)}</Message>`;
  if (service === "ec2") {
    const body = `<Response><Errors><Error>${named}</Error></Errors><RequestID>${requestId}</RequestID></Response>`;
    return xmlResponse(status, requestId, body);
  }
  if (service === "s3")
    return xmlResponse(status, requestId, `<Error>${named}<RequestId>${requestId}</RequestId></Error>`);
  if (isForm(headers) || XML_OVER_REST.has(service ?? "")) {
    const error = `<Error><Type>Sender</Type>${named}</Error>`;
    const body = `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`;
    return xmlResponse(status, requestId, body);
  }
  const version = /application\/x-amz-json-1\.\d/.exec(headers["content-type"] ?? "")?.[0];
  return {
    status,
    headers: {
      "x-amzn-requestid": requestId,
      "x-amzn-errortype": code,
      "content-type": version ?? "application/json",
    },
    body: JSON.stringify({ __type: code, message }),
  };
}
