import { SignatureV4 } from "@smithy/signature-v4";
import { SigningHash } from "../functions/domain/text/signing-hash.ts";

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** API Gateway's HTTP APIs with IAM authorization expect this service name. */
const SERVICE = "execute-api";

/** Headers of the request with its Signature Version 4. */
export async function signedHeaders(
  request: UnsignedRequest,
  region: string,
  credentials: AwsCredentials,
): Promise<Record<string, string>> {
  const { url, method, headers, body } = request;
  const signer = new SignatureV4({ service: SERVICE, region, credentials, sha256: SigningHash });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { ...headers, host: url.host },
    ...(body === undefined ? {} : { body }),
  });
  // fetch writes this one itself, from the same URL.
  const { host: _, ...rest } = signed.headers;
  return rest;
}
