import type { Readable } from "node:stream";
import type { ContentStream } from "./request-content.ts";

/** What a service speaks: AWS's JSON RPC (1.0 and 1.1), the two form protocols, and the two REST ones. */
export type Protocol = "json" | "query" | "ec2" | "restXml" | "restJson";

/** Smithy's names of the protocols. */
const protocols: Readonly<Record<string, Protocol>> = {
  "aws.protocols#awsJson1_0": "json",
  "aws.protocols#awsJson1_1": "json",
  "aws.protocols#awsQuery": "query",
  "aws.protocols#ec2Query": "ec2",
  "aws.protocols#restXml": "restXml",
  "aws.protocols#restJson1": "restJson",
};

export function protocolOf(shapeId: string): Protocol {
  const protocol = protocols[shapeId];
  if (protocol === undefined) throw new Error(`the local cloud does not speak ${shapeId}`);
  return protocol;
}

/** The request as it came, read to its end. `headers` has lower-case names. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  /** The path byte for byte, because signatures are made over it. */
  readonly rawPath: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where the service streams; what was sent is then the content. */
  readonly body: Buffer;
  readonly content?: ContentStream;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Readable;
}

export function xmlResponse(status: number, requestId: string, body: string): WireResponse {
  const headers = { "x-amzn-requestid": requestId, "content-type": "text/xml" };
  return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
