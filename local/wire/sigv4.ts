import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { CredentialStore, Principal } from "../context/credentials.ts";
import { canonicalPath, canonicalQuery, parseQuery, type QueryParameter } from "./canonical.ts";

/** A request as it came over the wire. `path` is still percent-encoded; `query` has no leading question mark. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Who signed, and for which region and service. */
export interface Verified {
  readonly principal: Principal;
  readonly region: string;
  readonly service: string;
  /** With what the chunks of a body are signed, where they are. */
  readonly chunks: ChunkSigning;
}

/** Chunks are signed one after the other: the first with the request's signature before it, each other with that of the former. */
export interface ChunkSigning {
  readonly key: Buffer;
  readonly timestamp: string;
  readonly scope: string;
  readonly seed: string;
}

export type SignatureProblem = "missing" | "incomplete" | "unknown-key" | "public-key" | "mismatch" | "expired";

/** The request is not authenticated. Each protocol has its own name for every problem: see `authentication.ts`. */
export class SignatureError extends Error {
  readonly problem: SignatureProblem;

  constructor(problem: SignatureProblem, message: string) {
    super(message);
    this.name = "SignatureError";
    this.problem = problem;
  }
}

/** How far a signature's time may be from ours: five minutes, as for most services. */
const toleratedSkewMs = 5 * 60_000;
const algorithm = "AWS4-HMAC-SHA256";

/** The parts of a signature, wherever the request carries them. */
interface Claim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** `20261122T120000Z` */
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly sessionToken: string | undefined;
  /** Seconds for which a presigned URL is good; absent when the signature is in the header. */
  readonly expiresIn?: number;
}

/**
 * Verifies AWS Signature Version 4 in its header and presigned forms, written from the specification and not with the
 * client's signer, so that it checks that too. Throws `SignatureError`. `now` is in milliseconds.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifySignature(request: SignedRequest, credentials: CredentialStore, now = Date.now()): Verified {
  const parameters = parseQuery(request.query);
  const claim = claimOf(request, parameters);
  if (!claim) throw new SignatureError("missing", "The request carries no signature.");
  const known = credentials.find(claim.accessKeyId);
  if (!known || known.sessionToken !== claim.sessionToken) {
    throw new SignatureError("unknown-key", "The security token included in the request is invalid.");
  }
  if (known.headerOnly && claim.expiresIn !== undefined) {
    throw new SignatureError(
      "public-key",
      `Everybody knows the key "${known.accessKeyId}", so a web page could have signed this: it is taken in the header Authorization only. For requests signed in the query there is the key that "npx holdfast local credentials" prints.`,
    );
  }
  checkTime(claim, now);
  const key = signingKey(claim, known.secretAccessKey);
  const signature = signatureOf(request, parameters, claim, key);
  if (!equal(signature, claim.signature)) {
    throw new SignatureError(
      "mismatch",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
  const chunks = { key, timestamp: claim.timestamp, scope: scopeOf(claim), seed: signature };
  return { principal: known.principal, region: claim.region, service: claim.service, chunks };
}

/** The service that the request is signed for, without verification of the signature. */
export function claimedService(headers: Readonly<Record<string, string>>, query: string): string | undefined {
  const scope =
    /Credential=([^,\s]+)/.exec(headers["authorization"] ?? "")?.[1] ??
    parameterOf(parseQuery(query), "X-Amz-Credential");
  return scope?.split("/").at(-2);
}

function claimOf(request: SignedRequest, parameters: readonly QueryParameter[]): Claim | undefined {
  const { headers } = request;
  const authorization = headers["authorization"];
  if (authorization?.startsWith(algorithm)) {
    return claimFrom({
      credential: /Credential=([^,\s]+)/.exec(authorization)?.[1],
      signedHeaders: /SignedHeaders=([^,\s]+)/.exec(authorization)?.[1],
      signature: /Signature=([0-9a-f]+)/.exec(authorization)?.[1],
      timestamp: headers["x-amz-date"],
      sessionToken: headers["x-amz-security-token"],
    });
  }
  if (parameterOf(parameters, "X-Amz-Algorithm") !== algorithm) return undefined;
  const claim = claimFrom({
    credential: parameterOf(parameters, "X-Amz-Credential"),
    signedHeaders: parameterOf(parameters, "X-Amz-SignedHeaders"),
    signature: parameterOf(parameters, "X-Amz-Signature"),
    timestamp: parameterOf(parameters, "X-Amz-Date"),
    sessionToken: parameterOf(parameters, "X-Amz-Security-Token"),
  });
  return { ...claim, expiresIn: Number(parameterOf(parameters, "X-Amz-Expires") ?? 0) };
}

function claimFrom(parts: {
  credential: string | undefined;
  signedHeaders: string | undefined;
  signature: string | undefined;
  timestamp: string | undefined;
  sessionToken: string | undefined;
}): Claim {
  const { signature, timestamp, sessionToken } = parts;
  const [accessKeyId, date, region, service] = parts.credential?.split("/") ?? [];
  const signedHeaders = parts.signedHeaders?.split(";");
  if (!accessKeyId || !date || region === undefined || !service || !signedHeaders || !signature || !timestamp) {
    throw new SignatureError(
      "incomplete",
      "The signature needs Credential, Signature, SignedHeaders and a date (X-Amz-Date).",
    );
  }
  return { accessKeyId, date, region, service, signedHeaders, signature, timestamp, sessionToken };
}

function parameterOf(parameters: readonly QueryParameter[], name: string): string | undefined {
  return parameters.find(([key]) => key === name)?.[1];
}

function checkTime(claim: Claim, now: number): void {
  const iso = claim.timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const signedAt = Date.parse(iso);
  const lifetime = claim.expiresIn === undefined ? toleratedSkewMs : claim.expiresIn * 1000;
  const tooEarly = signedAt - toleratedSkewMs > now;
  if (!claim.timestamp.startsWith(claim.date) || !(signedAt + lifetime >= now) || tooEarly) {
    throw new SignatureError("expired", `Signature expired: ${claim.timestamp} is not within the tolerated time.`);
  }
}

function signatureOf(request: SignedRequest, parameters: readonly QueryParameter[], claim: Claim, key: Buffer): string {
  const headerLines = claim.signedHeaders.map((name) => {
    return `${name}:${(request.headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`;
  });
  const canonicalRequest = [
    request.method,
    canonicalPath(request.path, claim.service),
    canonicalQuery(parameters.filter(([key]) => key !== "X-Amz-Signature")),
    headerLines.join(""),
    claim.signedHeaders.join(";"),
    payloadHash(request, claim),
  ].join("\n");
  const toSign = [algorithm, claim.timestamp, scopeOf(claim), sha256(canonicalRequest)].join("\n");
  return createHmac("sha256", key).update(toSign).digest("hex");
}

function scopeOf({ date, region, service }: Claim): string {
  return `${date}/${region}/${service}/aws4_request`;
}

function signingKey(claim: Claim, secretAccessKey: string): Buffer {
  return scopeOf(claim)
    .split("/")
    .reduce((key, part) => createHmac("sha256", key).update(part).digest(), Buffer.from(`AWS4${secretAccessKey}`));
}

/**
 * The body's hash as it was signed. S3 takes the one that the request names, before it has seen the body, and holds the body
 * against it later (`request-content.ts`).
 */
function payloadHash(request: SignedRequest, claim: Claim): string {
  if (claim.service !== "s3") return sha256(request.body);
  const declared = request.headers["x-amz-content-sha256"];
  if (declared !== undefined) return declared;
  if (claim.expiresIn !== undefined) return "UNSIGNED-PAYLOAD";
  throw new SignatureError("incomplete", "Missing required header for this request: x-amz-content-sha256");
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
