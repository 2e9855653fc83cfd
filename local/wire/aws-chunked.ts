/**
 * The content of a body in AWS's chunked encoding: `size[;extension]\r\n data \r\n`…, a chunk of size 0, trailers.
 * Trailing checksums and chunk signatures are not checked.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function decodeChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let position = 0;
  while (position < body.length) {
    const lineEnd = body.indexOf("\r\n", position);
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(body.toString("latin1", position, lineEnd), 16);
    if (!(size > 0)) break;
    chunks.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    position = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}
