import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { setEnvironment } from "../../../test/support/environment.ts";

const OWNER = { cluster: "one.example.com", uid: "01one", labels: {} };
const KEPT = { member: "b", volumeId: "vol-b", name: "removed", why: "before its slot was removed", days: 7 };
const NONE = "<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>";
const TOO_SOON =
  "<Response><Errors><Error><Code>SnapshotCreationPerVolumeRateExceeded</Code><Message>No.</Message></Error></Errors></Response>";

let server: Server;
let creations = 0;
let isRefused = false;
let keep: () => Promise<string>;
let takeFinal: () => Promise<string>;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (!Buffer.concat(chunks).toString().includes("Action=CreateSnapshot")) {
      response.end(NONE);
      return;
    }
    creations += 1;
    if (isRefused) response.writeHead(400).end(TOO_SOON);
    else request.socket.destroy();
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
  const { ensureFinalSnapshot, ensureKeptSnapshot } = await import("./snapshots.ts");
  const { Ec2 } = await import("./client.ts");
  const settings = { endpoint: `http://127.0.0.1:${port}`, region: "us-west-2" };
  const ec2 = new Ec2(settings);
  keep = () => ensureKeptSnapshot(ec2, OWNER, KEPT, new Date(0));
  takeFinal = () => ensureFinalSnapshot(ec2, OWNER, KEPT);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  creations = 0;
  isRefused = false;
});

test("18: a snapshot whose answer is lost is not asked for again: two of one name could not be told apart", async () => {
  await expect(keep()).rejects.toMatchObject({ name: "NotReadyYet" });
  await expect(takeFinal()).rejects.toMatchObject({ name: "NotReadyYet" });

  expect(creations).toBe(2);
});

test("18: one that EC2 finds too soon after another of the same volume is waited for", async () => {
  isRefused = true;

  await expect(keep()).rejects.toMatchObject({ name: "NotReadyYet" });
});
