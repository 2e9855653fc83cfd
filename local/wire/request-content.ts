import { createHash } from "node:crypto";
import { PassThrough, pipeline, type Readable, Transform, type TransformCallback } from "node:stream";
import { buffer } from "node:stream/consumers";
import { ChunkDecoder } from "./aws-chunked.ts";
import { AwsError } from "./contract.ts";
import type { ChunkSigning } from "./sigv4.ts";

/** A body that is too long for memory. It is read once, and fails where it is not what was signed. */
export class ContentStream extends PassThrough {
  /** Headers that came after the body; complete once it has been read. */
  readonly trailers: Readonly<Record<string, string>>;
  /** The names of those headers, as `x-amz-trailer` announced them. */
  readonly announced: string;
  #start: (() => void) | undefined;

  /** `start` lets the body flow; it is called by whoever reads first, so that a refused body is never taken into memory. */
  constructor(parts: { trailers: Record<string, string>; announced: string; start: (into: ContentStream) => void }) {
    super();
    this.trailers = parts.trailers;
    this.announced = parts.announced;
    this.#start = () => parts.start(this);
    // Whoever reads sees the error; nobody may.
    this.on("error", () => {});
  }

  override _read(size: number): void {
    const start = this.#start;
    this.#start = undefined;
    start?.();
    super._read(size);
  }

  /** Inputs are looked through as JSON. */
  toJSON(): string {
    return "(stream)";
  }
}

/** What a request of a service that streams brings after its headers. */
export interface RequestContent {
  open(signing: ChunkSigning | undefined): ContentStream;
}

/** More XML than any operation takes: a thousand keys to delete are less. */
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;

/** The content of an S3 request, whose hash was signed, or whose chunks were, or neither (`UNSIGNED-PAYLOAD`). */
export function requestContent(body: Readable, headers: Readonly<Record<string, string>>): RequestContent {
  const declared = headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD";
  return {
    open(signing) {
      const check = new LengthCheck(lengthOf(headers), /^[0-9a-f]{64}$/.test(declared) ? declared : undefined);
      const signed = declared.startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") ? signing : undefined;
      const decoder = declared.startsWith("STREAMING-") ? new ChunkDecoder(signed) : undefined;
      return new ContentStream({
        trailers: decoder?.trailers ?? {},
        announced: headers["x-amz-trailer"] ?? "",
        start: (into) => void pipeline([body, ...(decoder ? [decoder] : []), check, into], () => {}),
      });
    },
  };
}

/** The whole of a document; contents that are streamed are never read so. */
export async function readDocument(content: ContentStream): Promise<Buffer> {
  const limited = content.compose(async function* (chunks: AsyncIterable<Buffer>) {
    let size = 0;
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > MAX_DOCUMENT_BYTES) throw new AwsError("MaxMessageLengthExceeded", "Your request was too large.");
      yield chunk;
    }
  });
  return await buffer(limited);
}

function lengthOf(headers: Readonly<Record<string, string>>): number | undefined {
  const length = headers["x-amz-decoded-content-length"] ?? headers["content-length"];
  return length === undefined ? undefined : Number(length);
}

/** Lets a body pass, and fails at its end if it is not as long as was said, or has not the hash that was signed. */
class LengthCheck extends Transform {
  readonly #expected: number | undefined;
  readonly #declaredHash: string | undefined;
  readonly #hash = createHash("sha256");
  #size = 0;

  constructor(expected: number | undefined, declaredHash: string | undefined) {
    super();
    this.#expected = expected;
    this.#declaredHash = declaredHash;
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#size += data.length;
    if (this.#declaredHash !== undefined) this.#hash.update(data);
    done(null, data);
  }

  override _flush(done: TransformCallback): void {
    done(this.#problem() ?? null);
  }

  #problem(): AwsError | undefined {
    if (this.#expected !== undefined && this.#size !== this.#expected)
      return new AwsError(
        "IncompleteBody",
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
      );
    if (this.#declaredHash === undefined || this.#hash.digest("hex") === this.#declaredHash) return undefined;
    return new AwsError(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
}
