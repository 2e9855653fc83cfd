import { expect, test } from "vitest";
import { FakeApi } from "./fake-api.ts";
import { runCli } from "./run-cli.ts";
import { clusterView } from "./views.ts";

const ok = (body: unknown) => [{ status: 200, body }];

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
