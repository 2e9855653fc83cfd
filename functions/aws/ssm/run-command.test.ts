import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { AccessMissing } from "../../domain/cluster/errors.ts";
import { askHosts } from "./run-command.ts";

/** Its tags were removed, so the permission to send it commands does not match. */
const UNTAGGED = "i-untagged";

const Request = z.object({ InstanceIds: z.array(z.string()).default([]), InstanceId: z.string().default("") });

let server: Server;
let ssm: SSMClient;
beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { InstanceIds, InstanceId } = Request.parse(JSON.parse(await text(request)));
    const denied = InstanceIds.includes(UNTAGGED);
    const body = denied
      ? { __type: "AccessDeniedException", message: "not authorized to perform: ssm:SendCommand" }
      : request.headers["x-amz-target"] === "AmazonSSM.SendCommand"
        ? { Command: { CommandId: "command-1" } }
        : { InstanceId, Status: "Success", StandardOutputContent: `${InstanceId} is healthy` };
    response.writeHead(denied ? 400 : 200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  ssm = new SSMClient({ endpoint: `http://127.0.0.1:${port}`, region: "us-west-2", credentials });
});
afterAll(() => {
  ssm.destroy();
  server.closeAllConnections();
  server.close();
});

test("17: a host that IAM refuses is left out where that is asked for, and the others answer", async () => {
  const options = { withinMs: 5_000, firstLookMs: 1, omitRefused: true };

  const answers = await askHosts(ssm, "holdfast-member-health", ["i-a", UNTAGGED, "i-c"], options);

  expect(answers.map(({ output }) => output)).toEqual(["i-a is healthy", "i-c is healthy"]);
  expect(await askHosts(ssm, "holdfast-member-health", [UNTAGGED], options)).toEqual([]);
});

test("everywhere else it is a permission that is missing", async () => {
  const asked = askHosts(ssm, "holdfast-member-health", ["i-a", UNTAGGED], { withinMs: 5_000 });

  await expect(asked).rejects.toThrow(AccessMissing);
});
