import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import * as ec2 from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { startWire } from "../testing/wire.ts";
import { ChunkDecoder } from "./aws-chunked.ts";
import { defineService } from "./service.ts";

const services = [defineService(ec2, "EC2Client", { DescribeVpcs: () => ({}) })];

test("one wire serves a port and a Unix socket, and close drops connections that are kept alive", async () => {
  const directory = mkdtempSync(join(tmpdir(), "wire-"));
  const socketPath = join(directory, "aws.sock");
  const cloud = await startWire({ services });
  const second = cloud.wire.another();
  await new Promise<void>((resolve) => second.listen(socketPath, resolve));
  const agent = new Agent({ keepAlive: true });
  const status = await new Promise((resolve, reject) => {
    const call = request({ socketPath, agent }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode));
    });
    call.on("error", reject).end();
  });
  const idle = Object.values(agent.freeSockets).length;
  await cloud.wire.close();
  expect({ status, idle, listening: [cloud.wire.server.listening, second.listening] }).toEqual({
    status: 403,
    idle: 1,
    listening: [false, false],
  });
  agent.destroy();
  rmSync(directory, { recursive: true });
});

/** `data` through a decoder, cut into pieces of so many bytes. */
async function decode(data: string, pieceBytes: number) {
  const bytes = Buffer.from(data);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
    bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  );
  const decoder = new ChunkDecoder();
  const content = await text(Readable.from(pieces).pipe(decoder));
  return { content, trailers: decoder.trailers };
}

test.each([1, 3, 1000])(
  "a body in AWS's chunked encoding, in pieces of %i bytes, is put together without sizes, signatures and trailers",
  async (pieceBytes) => {
    const body = "5;chunk-signature=abc\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n".replace(
      "abc",
      "a".repeat(64),
    );

    expect(await decode(body, pieceBytes)).toEqual({
      content: "hello world",
      trailers: { "x-amz-checksum-crc32": "AAAA" },
    });
  },
);

test("a chunked body that ends in the middle is refused", async () => {
  const decoder = new ChunkDecoder();
  decoder.on("error", () => {});
  await expect(text(Readable.from([Buffer.from("5\r\nhel")]).compose(decoder))).rejects.toMatchObject({
    name: "IncompleteBody",
  });
});
