import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateVpcCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { type LocalCloud, startLocalCloud } from "../cloud.ts";
import { eventually } from "../testing/context.ts";
import { fakeHosts } from "../testing/fake-hosts.ts";
import { synthesizeLittleStack } from "../testing/little-stack.ts";

let cloud: LocalCloud;
const directory = mkdtempSync(join(tmpdir(), "holdfast-test-"));
beforeAll(async () => {
  cloud = await startLocalCloud({
    ...synthesizeLittleStack(directory),
    port: 0,
    hosts: fakeHosts(),
    scheduleSpeed: 0,
  });
});
afterEach(async () => {
  await cloud.faults.end();
});
afterAll(async () => {
  await cloud.close();
  rmSync(directory, { recursive: true, force: true });
});

const Fault = z.looseObject({ id: z.string() });

function client<C>(Client: new (options: object) => C, maxAttempts = 1): C {
  return new Client({
    endpoint: cloud.endpoints.aws,
    region: cloud.endpoints.region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
    maxAttempts,
  });
}

function post(request: object) {
  return fetch(`${cloud.endpoints.api}/_faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
}

async function vpcsWith(cidr: string) {
  const Filters = [{ Name: "cidr", Values: [cidr] }];
  return (await client(EC2Client).send(new DescribeVpcsCommand({ Filters }))).Vpcs ?? [];
}

test("faults are put in force, listed and ended over HTTP", async () => {
  const begun = Fault.parse(await (await post({ kind: "api", action: "throttle", service: "ec2" })).json());
  const listed = await (await fetch(`${cloud.endpoints.api}/_faults`)).json();
  const ended = await (await fetch(`${cloud.endpoints.api}/_faults/${begun.id}`, { method: "DELETE" })).json();
  const unknown = await fetch(`${cloud.endpoints.api}/_faults/fault-999`, { method: "DELETE" });

  expect(begun).toMatchObject({ state: "active", strikes: 0 });
  expect(listed).toMatchObject({ faults: [{ id: begun.id, state: "active" }] });
  expect(ended).toEqual({ ended: [begun.id] });
  expect([unknown.status, await unknown.json()]).toEqual([400, { message: "There is no fault fault-999." }]);
  expect((await post({ kind: "api", action: "explode" })).status).toBe(400);
});

test.each([
  [{ action: "throttle" }, "RequestLimitExceeded"],
  [{ action: "access-denied" }, "UnauthorizedOperation"],
  [{ action: "error", code: "InternalError", status: 500 }, "InternalError"],
])("%o is answered with the service's own error", async (fault, name) => {
  await cloud.faults.begin({ kind: "api", service: "ec2", operation: "DescribeVpcs", ...fault });

  await expect(client(EC2Client).send(new DescribeVpcsCommand())).rejects.toMatchObject({ name });
});

test("a fault meets only the calls whose input matches", async () => {
  await cloud.faults.begin({ kind: "api", action: "throttle", match: "10.9.0.0/16" });
  const ec2 = client(EC2Client);

  await ec2.send(new CreateVpcCommand({ CidrBlock: "10.8.0.0/16" }));
  await expect(ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }))).rejects.toThrow();
});

test.each([
  ["timeout-before", "10.1.0.0/16", 0],
  ["timeout-after", "10.2.0.0/16", 1],
])("%s: the caller gets no answer, and of the call's effect there is so much: %s %i", async (action, cidr, effect) => {
  await cloud.faults.begin({ kind: "api", action, operation: "CreateVpc", count: 1 });

  await expect(client(EC2Client).send(new CreateVpcCommand({ CidrBlock: cidr }))).rejects.toMatchObject({
    code: "ECONNRESET",
  });

  expect(await vpcsWith(cidr)).toHaveLength(effect);
});

test("a stale read does not see what was made since it was first asked", async () => {
  await cloud.faults.begin({ kind: "api", action: "stale-read", operation: "DescribeVpcs", staleMs: 60_000 });
  expect(await vpcsWith("10.3.0.0/16")).toEqual([]);

  await client(EC2Client).send(new CreateVpcCommand({ CidrBlock: "10.3.0.0/16" }));

  expect(await vpcsWith("10.3.0.0/16")).toEqual([]);
  await cloud.faults.end();
  expect(await vpcsWith("10.3.0.0/16")).toHaveLength(1);
});

test("of three warnings, one is dropped and one comes thrice: four executions", async () => {
  const stateMachineArn = cloud.stack.resources.get("FlowA74D6E88")?.ref;
  await cloud.faults.begin({ kind: "events", action: "drop", match: "i-lost" });
  await cloud.faults.begin({ kind: "events", action: "duplicate", match: "i-thrice", copies: 3 });

  for (const id of ["i-lost", "i-thrice", "i-once"])
    cloud.context.publish({
      source: "aws.ec2",
      detailType: "EC2 Spot Instance Interruption Warning",
      resources: [],
      detail: { "instance-id": id, "instance-action": "terminate" },
    });

  const executions = await eventually(async () => {
    const found = await client(SFNClient).send(new ListExecutionsCommand({ stateMachineArn }));
    return found.executions?.length === 4 ? found.executions : undefined;
  });
  expect(executions).toHaveLength(4);
});

test.each([
  ["throttle", { errorType: undefined, thrown: "TooManyRequestsException" }],
  ["timeout", { errorType: "Sandbox.Timedout", thrown: undefined }],
  ["crash", { errorType: "Runtime.ExitError", thrown: undefined }],
  ["crash-after", { errorType: "Runtime.ExitError", thrown: undefined }],
])("lambda %s: the caller sees %o", async (action, expected) => {
  const name = cloud.stack.resources.get("Fail795F0B6F")?.ref ?? "";
  await cloud.faults.begin({ kind: "lambda", action, function: "Fail" });

  const seen = await cloud.services.lambda.invoke(name, "{}").then(
    ({ payload }) => ({ errorType: JSON.parse(payload).errorType, thrown: undefined }),
    (error: Error) => ({ errorType: undefined, thrown: error.name }),
  );

  expect(seen).toEqual(expected);
});
