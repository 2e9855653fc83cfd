import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ec2 from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { startWire } from "../testing/wire.ts";
import { decodeChunks } from "./aws-chunked.ts";
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

test("a body in AWS's chunked encoding is put together without sizes, signatures and trailers", () => {
  const body = "5;chunk-signature=abc\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
  expect(decodeChunks(Buffer.from(body)).toString()).toBe("hello world");
});
