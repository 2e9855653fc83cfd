import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Programs } from "../testing/image/programs.ts";
import { formatOutput } from "./aws/output.ts";
import { select } from "./aws/query.ts";

const CREDENTIALS = {
  Code: "Success",
  AccessKeyId: "ASIAINSTANCE",
  SecretAccessKey: "secret",
  Token: "session",
  Expiration: "2099-01-01T00:00:00Z",
};
const METADATA: Readonly<Record<string, string>> = {
  "/latest/meta-data/placement/region": "us-west-2",
  "/latest/meta-data/iam/security-credentials/": "demo-master",
  "/latest/meta-data/iam/security-credentials/demo-master": JSON.stringify(CREDENTIALS),
};

let directory: string;
let programs: Programs;
let server: Server;
let endpoint: string;
const calls: { target: string; credential: string; input: unknown }[] = [];

/** The metadata service (tokens required) and Systems Manager at one address. */
async function answer(request: IncomingMessage): Promise<{ code: number; body: string }> {
  if (request.method === "PUT") return { code: 200, body: "metadata-token" };
  if (request.method === "GET") {
    if (request.headers["x-aws-ec2-metadata-token"] !== "metadata-token") return { code: 401, body: "" };
    const body = METADATA[request.url ?? ""];
    return { code: body === undefined ? 404 : 200, body: body ?? "" };
  }
  const input: unknown = JSON.parse(await text(request));
  const target = String(request.headers["x-amz-target"]).replace("AmazonSSM.", "");
  calls.push({
    target,
    credential:
      request.headers.authorization
        ?.match(/Credential=([^/]+)\/\d+\/([^/]+)/)
        ?.slice(1)
        .join(" ") ?? "",
    input,
  });
  if (target === "GetParameters") {
    const Value = "### /etc/b 0600\nb\n";
    return {
      code: 200,
      body: JSON.stringify({
        Parameters: [{ Name: "/holdfast/demo/masters/b", Value }],
        InvalidParameters: ["/holdfast/demo/masters/missing-volume"],
      }),
    };
  }
  if (JSON.stringify(input).includes("missing")) return { code: 400, body: '{"__type":"ParameterNotFound"}' };
  if (target === "PutParameter") return { code: 200, body: '{"Version":2,"Tier":"Standard"}' };
  return {
    code: 200,
    body: '{"Parameter":{"Name":"/holdfast/demo/members/a","Type":"SecureString","Value":"{\\"a\\":1}","Version":1}}',
  };
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "holdfast-aws-"));
  programs = await Programs.build(directory);
  server = createServer(async (request, response) => {
    const { code, body } = await answer(request);
    response
      .writeHead(code, { "content-type": request.method === "POST" ? "application/x-amz-json-1.1" : "text/plain" })
      .end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});

afterAll(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(directory, { recursive: true, force: true });
});

function aws(...args: string[]) {
  const environment = { AWS_ENDPOINT_URL: endpoint, AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint, HOME: directory };
  return programs.run(directory, ["aws", ...args], environment);
}

test("reads a parameter with the instance's own credentials and Region", async () => {
  const name = "/holdfast/demo/members/a";
  const result = await aws(
    "ssm",
    "get-parameter",
    "--name",
    name,
    "--with-decryption",
    "--query",
    "Parameter.Value",
    "--output",
    "text",
  );
  expect(result).toEqual({ exitCode: 0, stdout: '{"a":1}\n', stderr: "" });
  expect(calls.at(-1)).toEqual({
    target: "GetParameter",
    credential: "ASIAINSTANCE us-west-2",
    input: { Name: name, WithDecryption: true },
  });
});

test("overwrites a parameter", async () => {
  const args = ["--name", "/holdfast/demo/masters/a", "--type", "SecureString", "--overwrite", "--value", "a secret"];
  const result = await aws("ssm", "put-parameter", ...args);
  expect(result).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(result.stdout)).toEqual({ Version: 2, Tier: "Standard" });
  expect(calls.at(-1)?.input).toEqual({
    Name: "/holdfast/demo/masters/a",
    Type: "SecureString",
    Overwrite: true,
    Value: "a secret",
  });
});

test("prints a service's error as the AWS CLI does", async () => {
  expect(await aws("ssm", "get-parameter", "--name", "missing")).toEqual({
    exitCode: 254,
    stdout: "",
    stderr: "\nAn error occurred (ParameterNotFound) when calling the GetParameter operation: \n",
  });
});

test("refuses what it does not know", async () => {
  expect(await aws("ssm", "delete-parameter", "--name", "x")).toMatchObject({ exitCode: 252 });
  expect(await aws("ssm", "get-parameter", "--nam", "x")).toMatchObject({ exitCode: 252 });
});

test("reads several parameters, those that are missing by name", async () => {
  const names = ["/holdfast/demo/masters/missing-volume", "/holdfast/demo/masters/b"];
  const query = "[InvalidParameters, Parameters[].[Value]][]";
  const result = await aws("ssm", "get-parameters", "--names", ...names, "--query", query, "--output", "text");
  expect(result).toEqual({
    exitCode: 0,
    stdout: "/holdfast/demo/masters/missing-volume\n### /etc/b 0600\nb\n\n",
    stderr: "",
  });
  expect(calls.at(-1)?.input).toEqual({ Names: names, WithDecryption: false });
});

test("--query is JMESPath, and null where there is nothing", () => {
  const document = { Volumes: [{ State: "in-use", Attachments: [{ InstanceId: "i-1" }] }] };
  expect(select(document, "Volumes[0].Attachments[0].InstanceId")).toBe("i-1");
  expect(select(document, "Volumes[?State=='in-use'].Attachments[].InstanceId")).toEqual(["i-1"]);
  expect(select(document, "Volumes[1].State")).toBeNull();
  expect(() => select(document, "Volumes[")).toThrow("Bad value for --query");
});

test("--output text prints a list's scalars in a line, and then what its lists are", () => {
  expect(formatOutput(["a", ["b", 1], [["c"], null]], "text")).toBe("a\nb\t1\nNone\nc\n");
});
