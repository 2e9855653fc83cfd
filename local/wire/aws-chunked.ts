import { createHash, createHmac } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import { AwsError } from "./contract.ts";
import type { ChunkSigning } from "./sigv4.ts";

/** No client sends chunks that are nearly as large; each is in memory once. */
const MAX_CHUNK_BYTES = 16 * 1024 * 1024;
const MAX_LINE_BYTES = 16 * 1024;

/**
 * Takes AWS's chunked encoding off a stream: `size[;chunk-signature=…]\r\n data \r\n`…, a chunk of size 0, trailers. Where chunks
 * are signed, each signature is checked before its data continues.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export class ChunkDecoder extends Transform {
  /** Headers after the last chunk, by lower-case names; complete when the stream has ended. */
  readonly trailers: Record<string, string> = {};
  readonly #signing: ChunkSigning | undefined;
  #signature: string;
  #buffered: Buffer = Buffer.alloc(0);
  #chunk: { readonly size: number; readonly signature: string | undefined } | undefined;
  #inTrailers = false;
  #ended = false;

  constructor(signing?: ChunkSigning) {
    super();
    this.#signing = signing;
    this.#signature = signing?.seed ?? "";
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#buffered = this.#buffered.length === 0 ? data : Buffer.concat([this.#buffered, data]);
    try {
      while (this.#step());
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  override _flush(done: TransformCallback): void {
    // The blank line after the trailers may be missing.
    done(this.#ended || this.#inTrailers ? null : incomplete());
  }

  /** Reads one thing; false if it is not all there yet. */
  #step(): boolean {
    if (this.#ended) return false;
    if (!this.#chunk) return this.#readLine();
    const { size, signature } = this.#chunk;
    if (this.#buffered.length < size + 2) return false;
    const data = this.#buffered.subarray(0, size);
    this.#verify("AWS4-HMAC-SHA256-PAYLOAD", `${sha256("")}\n${sha256(data)}`, signature);
    this.push(data);
    this.#buffered = this.#buffered.subarray(size + 2);
    this.#chunk = undefined;
    return true;
  }

  #readLine(): boolean {
    const end = this.#buffered.indexOf("\r\n");
    if (end < 0 && this.#buffered.length > MAX_LINE_BYTES) throw incomplete();
    if (end < 0) return false;
    const line = this.#buffered.toString("latin1", 0, end);
    this.#buffered = this.#buffered.subarray(end + 2);
    if (this.#inTrailers) this.#readTrailer(line);
    else this.#readSize(line);
    return true;
  }

  #readSize(line: string): void {
    const [, digits = "", signature] = /^([0-9a-f]+)(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(line) ?? [];
    const size = Number.parseInt(digits, 16);
    if (!(size <= MAX_CHUNK_BYTES)) throw incomplete();
    if (size > 0) {
      this.#chunk = { size, signature };
      return;
    }
    this.#verify("AWS4-HMAC-SHA256-PAYLOAD", `${sha256("")}\n${sha256("")}`, signature);
    this.#inTrailers = true;
  }

  #readTrailer(line: string): void {
    const colon = line.indexOf(":");
    if (colon < 0) {
      this.#ended = true;
      return;
    }
    const [name, value] = [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    if (name !== "x-amz-trailer-signature") {
      this.trailers[name] = value;
      return;
    }
    const signed = Object.entries(this.trailers).map(([key, text]) => `${key}:${text}\n`);
    this.#verify("AWS4-HMAC-SHA256-TRAILER", sha256(signed.join("")), value);
  }

  #verify(algorithm: string, hashes: string, signature: string | undefined): void {
    if (!this.#signing) return;
    const { key, timestamp, scope } = this.#signing;
    const toSign = [algorithm, timestamp, scope, this.#signature, hashes].join("\n");
    const expected = createHmac("sha256", key).update(toSign).digest("hex");
    if (signature !== expected) {
      const message = "The chunk or trailer signature that was calculated does not match the one that was provided.";
      throw new AwsError("SignatureDoesNotMatch", message, { status: 403 });
    }
    this.#signature = expected;
  }
}

function incomplete(): AwsError {
  return new AwsError("IncompleteBody", "The request body terminated unexpectedly");
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
