import { escapeXml, type WireRequest, type WireResponse, xmlResponse } from "./protocol.ts";
import { isForm } from "./service.ts";

/** Services of XML over REST, by the name in a signature's scope; requests of the other protocols show what they are. */
const XML_OVER_REST = new Set(["cloudfront", "route53", "s3", "s3control"]);

/**
 * The answer of a service that the local cloud does not have, in the protocol that the request speaks: each client then
 * shows code and message instead of an answer that it cannot read.
 */
export function unknownService(
  request: WireRequest,
  service: string,
  message: string,
  requestId: string,
): WireResponse {
  const status = 501;
  const code = isForm(request.headers) ? "InvalidAction" : "UnknownOperationException";
  if (service === "ec2") {
    const error = `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
    const body = `<Response><Errors>${error}</Errors><RequestID>${requestId}</RequestID></Response>`;
    return xmlResponse(status, requestId, body);
  }
  if (isForm(request.headers) || XML_OVER_REST.has(service)) {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
    const body = `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`;
    return xmlResponse(status, requestId, body);
  }
  const version = /application\/x-amz-json-1\.\d/.exec(request.headers["content-type"] ?? "")?.[0];
  const headers = {
    "x-amzn-requestid": requestId,
    "x-amzn-errortype": code,
    "content-type": version ?? "application/json",
  };
  return { status, headers, body: JSON.stringify({ __type: code, message }) };
}
