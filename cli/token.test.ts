import { expect, test } from "vitest";
import { FakeApi } from "../test/support/fake-api.ts";
import { runCli } from "../test/support/run-cli.ts";
import { clusterView } from "../test/support/views.ts";

function ok(body: unknown) {
  return [{ status: 200, body }];
}

test("with a token requests carry it, go below /token, and are not signed", async () => {
  await using api = await FakeApi.start({ "GET /token/clusters/ha": ok(clusterView()) });

  const { code } = await runCli(["get", "cluster", "ha"], { HOLDFAST_API: api.url, HOLDFAST_TOKEN: "a.b.c" });

  expect(code).toBe(0);
  expect(api.received[0]?.headers.authorization).toBe("Bearer a.b.c");
  expect(api.received[0]?.headers["x-amz-date"]).toBeUndefined();
});

test("an address that ends with /token already is taken as it is", async () => {
  await using api = await FakeApi.start({ "GET /token/clusters/ha": ok(clusterView()) });

  const { code } = await runCli(["get", "cluster", "ha"], {
    HOLDFAST_API: `${api.url}/token/`,
    HOLDFAST_TOKEN: "a.b.c",
  });

  expect(code).toBe(0);
});

test("without one they are signed, and say who asks", async () => {
  await using api = await FakeApi.start({ "GET /clusters/ha": ok(clusterView()) });

  await runCli(["get", "cluster", "ha"], { HOLDFAST_API: api.url });

  expect(api.received[0]?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=holdfast\//);
  expect(api.received[0]?.headers["user-agent"]).toBe("holdfast-cli");
});

test("over http a token goes to this machine only", async () => {
  const sent = (HOLDFAST_API: string) =>
    runCli(["get", "clusters"], { HOLDFAST_API, HOLDFAST_TOKEN: "a.b.c", AWS_ACCESS_KEY_ID: "", HOME: "/nonexistent" });

  expect(await sent("http://holdfast.example.com")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'HOLDFAST_API is "http://holdfast.example.com", and HOLDFAST_TOKEN would be sent there: use https',
    ),
  });
});
