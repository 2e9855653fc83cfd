import { expect, test } from "vitest";
import { FakeApi } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { clusterView, operationView } from "../../test/support/views.ts";

function ok(...bodies: unknown[]) {
  return bodies.map((body) => ({ status: 200, body }));
}

const running = operationView({ id: "create-1" });
const succeeded = operationView({ id: "create-1", status: "SUCCEEDED", finishedAt: "2026-11-22T10:05:00Z" });
const cluster = clusterView();

/** As Ctrl-C does, after so long. */
function pressedAfter(milliseconds: number) {
  return {
    untilInterrupted: <T>(run: (signal: AbortSignal) => Promise<T>) => run(AbortSignal.timeout(milliseconds)),
  };
}

test("get operations NAME --follow shows the one that runs until it ends, then the cluster", async () => {
  const repair = operationView({ id: "repair-9", status: "FAILED" });
  await using api = await FakeApi.start({
    "GET /clusters/ha/operations": ok({ items: [repair, running] }),
    "GET /operations/create-1": ok(running, succeeded),
    "GET /clusters/ha": ok(cluster),
  });

  const { code, stdout } = await runCli(["get", "operations", "ha", "--follow"], { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(stdout).toContain("Create network: done (7s)\n");
  expect(stdout).toContain("\ncreate-1 has succeeded.\n\nha  ACTIVE\n");
});

test("by its id, and as a document; one that fails ends with exit code 1 and what to do", async () => {
  const error = { name: "QuotaReached", message: "5 of 5 are in use.", remedy: "Ask for more." };
  const failed = operationView({ id: "create-2", status: "FAILED", error });
  const none = { status: 404, body: { type: "about:blank", title: "Not found", status: 404, detail: "no cluster" } };
  await using api = await FakeApi.start({
    "GET /clusters/create-1/operations": [none],
    "GET /clusters/create-2/operations": [none],
    "GET /operations/create-1": ok(running, succeeded),
    "GET /operations/create-2": ok(failed),
    "GET /clusters/ha": ok(cluster),
  });
  const environment = { HOLDFAST_API: api.url };

  const followed = await runCli(["get", "operations", "create-1", "--follow", "-o", "json"], environment);
  const broken = await runCli(["get", "operations", "create-2", "--follow"], environment);

  expect(followed.code).toBe(0);
  expect(JSON.parse(followed.stdout)).toEqual(succeeded);
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("QuotaReached: 5 of 5 are in use.\nWhat to do: Ask for more.\n");
});

test.each([
  [
    "create",
    "creation",
    ["create", "cluster", "--zones", "us-west-2a", "ha"],
    "Remove it:  holdfast delete cluster ha --yes",
  ],
  ["delete", "deletion", ["delete", "cluster", "ha"], "A deletion cannot be stopped."],
  [
    "update",
    "update",
    ["scale", "nodes", "ha", "--count", "5"],
    "It cannot be stopped. Only a deletion of the cluster takes its place.",
  ],
] as const)(
  "Ctrl-C while waiting for a %s says what continues, how to follow and how to stop it",
  async (kind, noun, words, stop) => {
    const operation = operationView({ id: "op-1", kind });
    await using api = await FakeApi.start({
      "POST /clusters": [{ status: 202, body: operation }],
      "PATCH /clusters/ha": [{ status: 202, body: operation }],
      "DELETE /clusters/ha?finalSnapshot=false": [{ status: 202, body: operation }],
      "GET /operations/op-1": ok(operation),
      "GET /clusters/ha": ok(cluster),
    });

    const environment = { HOLDFAST_API: api.url };
    const { code, stderr } = await runCli([...words, "--yes", "--wait"], environment, pressedAfter(300));

    expect(code).toBe(130);
    expect(stderr).toContain(
      `\nThe operation continues without this terminal (${noun} of ha).\n` +
        `Follow it:  holdfast get operations op-1 --follow\n${stop}\n`,
    );
    expect(stderr).not.toContain("error:");
  },
);

test("without --wait the way to follow is said", async () => {
  await using api = await FakeApi.start({ "POST /clusters": [{ status: 202, body: running }] });

  const create = ["create", "cluster", "--zones", "us-west-2a", "ha", "--yes"];
  const { stderr } = await runCli(create, { HOLDFAST_API: api.url });

  expect(stderr).toContain("Follow it with: holdfast get operations create-1 --follow\n");
});
