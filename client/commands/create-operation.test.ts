import { expect, test } from "vitest";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { clusterView, operationView, planned } from "../../test/support/views.ts";

const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const CREATE = ["create", "cluster", "ha", "--zones", ZONES, "--master-zones", ZONES];

test("with --yes a signed request with an idempotency key starts the operation", async () => {
  await using api = await FakeApi.start({ "POST /clusters": [{ status: 202, body: operationView() }] });

  const { code, stdout } = await runCli([...CREATE, "--yes", "-o", "json"], { HOLDFAST_API: api.url });

  expect({ code, operation: JSON.parse(stdout).id }).toEqual({ code: 0, operation: "op-1" });
  expect(api.received).toMatchObject([
    {
      body: { spec: planned.spec },
      headers: {
        authorization: expect.stringMatching(
          /^AWS4-HMAC-SHA256 Credential=holdfast\/\d{8}\/us-west-2\/execute-api\/aws4_request/,
        ),
        "idempotency-key": expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    },
  ]);
});

test("a request that the API is too busy for is repeated under the same key", async () => {
  const busy = { status: 503, body: problem(503, "busy") };
  await using api = await FakeApi.start({ "POST /clusters": [busy, { status: 202, body: operationView() }] });

  const { code } = await runCli([...CREATE, "--yes"], { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(new Set(api.received.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  expect(api.received).toHaveLength(2);
});

test("--wait prints each change once and ends with the cluster", async () => {
  const creating = clusterView({
    status: "CREATING",
    quorum: { size: 3, healthy: 1, needed: 2, leader: null },
    nodes: [],
  });
  await using api = await FakeApi.start({
    "POST /clusters": [{ status: 202, body: operationView() }],
    "GET /operations/op-1": [
      { status: 404, body: problem(404, "not yet") },
      { status: 200, body: operationView() },
      { status: 200, body: operationView({ status: "SUCCEEDED", finishedAt: "2026-11-22T10:01:00Z" }) },
    ],
    "GET /clusters/ha": [
      { status: 200, body: creating },
      { status: 200, body: clusterView() },
    ],
  });

  const { code, stdout } = await runCli([...CREATE, "--yes", "--wait", "10s"], { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(stdout.match(/Create network: done \(7s\)/g)).toHaveLength(1);
  expect(stdout).toMatch(/quorum: 1\/3, 2 needed, no leader[\s\S]*quorum: 3\/3, 2 needed, leader b/);
  expect(stdout).toMatch(/ha {2}ACTIVE\n/);
});

test("--wait -o json prints the cluster as the only document", async () => {
  await using api = await FakeApi.start({
    "POST /clusters": [{ status: 202, body: operationView() }],
    "GET /operations/op-1": [{ status: 200, body: operationView({ status: "SUCCEEDED" }) }],
    "GET /clusters/ha": [{ status: 200, body: clusterView() }],
  });

  const { code, stdout, stderr } = await runCli([...CREATE, "--yes", "--wait", "-o", "json"], {
    HOLDFAST_API: api.url,
  });

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(clusterView());
  expect(stderr).toContain("Create network: done (7s)");
});

test("a failed operation ends with its error and remedy", async () => {
  const error = { name: "ZoneUnavailable", message: "no t2.medium in us-west-2c", remedy: "choose another size" };
  await using api = await FakeApi.start({
    "POST /clusters": [{ status: 202, body: operationView() }],
    "GET /operations/op-1": [{ status: 200, body: operationView({ status: "FAILED", error }) }],
    "GET /clusters/ha": [{ status: 200, body: clusterView({ status: "FAILED" }) }],
  });

  const { code, stderr } = await runCli([...CREATE, "--yes", "--wait"], { HOLDFAST_API: api.url });

  expect(code).toBe(1);
  expect(stderr).toContain(
    "error: creation of ha failed: ZoneUnavailable: no t2.medium in us-west-2c\nWhat to do: choose another size\n",
  );
});

test("an operation that fails between the reads of it and of its cluster ends with its error, too", async () => {
  const error = { name: "DeletionBlocked", message: "the load balancer is protected", remedy: "end its protection" };
  await using api = await FakeApi.start({
    "POST /clusters": [{ status: 202, body: operationView() }],
    "GET /operations/op-1": [
      { status: 200, body: operationView() },
      { status: 200, body: operationView({ status: "FAILED", error }) },
    ],
    "GET /clusters/ha": [{ status: 200, body: clusterView({ status: "FAILED", reason: "The create stopped." }) }],
  });

  const { code, stderr } = await runCli([...CREATE, "--yes", "--wait"], { HOLDFAST_API: api.url });

  expect(code).toBe(1);
  expect(stderr).toContain("error: creation of ha failed: DeletionBlocked: the load balancer is protected\n");
});

test("a wait that is over says that the operation continues", async () => {
  await using api = await FakeApi.start({
    "POST /clusters": [{ status: 202, body: operationView() }],
    "GET /operations/op-1": [{ status: 200, body: operationView() }],
    "GET /clusters/ha": [{ status: 200, body: clusterView({ status: "CREATING" }) }],
  });

  const { code, stderr } = await runCli([...CREATE, "--yes", "--wait", "300ms"], { HOLDFAST_API: api.url });

  expect(code).toBe(1);
  expect(stderr).toContain(
    "error: ha is CREATING after 300ms.\nThe operation continues without this terminal (creation of ha).\n" +
      "Follow it:  holdfast get operations op-1 --follow\n",
  );
});
