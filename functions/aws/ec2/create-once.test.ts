import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateVpcCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setEnvironment } from "../../../test/support/environment.ts";

let server: Server;
let requests = 0;
let answer: RequestListener;
let createVpc: () => Promise<unknown>;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests += 1;
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  setEnvironment({
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: "us-west-2",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  });
  const { createOnce, ec2 } = await import("./client.ts");
  createVpc = () => createOnce(ec2.once.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" })));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = 0;
});

function refusal(code: string): string {
  return `<Response><Errors><Error><Code>${code}</Code><Message>No.</Message></Error></Errors><RequestID>r</RequestID></Response>`;
}

test("a creating call whose answer is lost is not repeated: the step has to look first", async () => {
  answer = (request) => request.socket.destroy();

  const attempt = createVpc();

  await expect(attempt).rejects.toMatchObject({ name: "NotReadyYet" });
  expect(requests).toBe(1);
});

test("nor is one that EC2 failed over", async () => {
  answer = (_, response) => response.writeHead(500).end(refusal("InternalError"));

  const attempt = createVpc();

  await expect(attempt).rejects.toMatchObject({ name: "NotReadyYet" });
  expect(requests).toBe(1);
});

test("one that was throttled did nothing, and is repeated", async () => {
  answer = (_, response) => response.writeHead(503).end(refusal("RequestLimitExceeded"));

  const attempt = createVpc();

  await expect(attempt).rejects.toMatchObject({ name: "NotReadyYet" });
  expect(requests).toBe(3);
});

test("a refusal keeps its own name", async () => {
  answer = (_, response) => response.writeHead(400).end(refusal("InvalidVpcRange"));

  const attempt = createVpc();

  await expect(attempt).rejects.toMatchObject({
    name: "RequestRefused",
    message: expect.stringContaining("InvalidVpcRange"),
  });
  expect(requests).toBe(1);
});
