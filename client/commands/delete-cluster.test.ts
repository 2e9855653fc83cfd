import { expect, test } from "vitest";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { clusterView, operationView } from "../../test/support/views.ts";

function ok(body: unknown, status = 200) {
  return [{ status, body }];
}

const deletion = operationView({ id: "delete-1", kind: "delete" });

test("without --yes it shows what would go, a table a kind, and what stays, and asks for nothing", async () => {
  const body = {
    cluster: "ha",
    uid: "01ab",
    removed: [
      { kind: "address", id: "eipalloc-1", name: "address/us-west-2a" },
      { kind: "volume", id: "vol-1", name: "volume/a" },
      { kind: "volume", id: "vol-2", name: "volume/b" },
    ],
    kept: [{ what: "security group sg-12345678", why: "you brought it" }],
    blockers: ["interface eni-1 in subnet-1 (of instance i-1; owner: account 1)"],
  };
  await using api = await FakeApi.start({ "GET /clusters/ha/resources": ok(body) });

  const { code, stdout, stderr } = await runCli(["delete", "cluster", "ha"], { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(stdout).toBe(`Deleting ha (uid 01ab) removes 3 resources:

ADDRESSES   NAME
eipalloc-1  address/us-west-2a

VOLUMES  NAME
vol-1    volume/a
vol-2    volume/b

etcd's data goes with its volumes, and cannot be brought back. --final-snapshot keeps a snapshot of one.

Kept:
  security group sg-12345678: you brought it

In the way, and not the cluster's:
  interface eni-1 in subnet-1 (of instance i-1; owner: account 1)
`);
  expect(stderr).toBe("Nothing was changed. Add --yes to delete the cluster.\n");
  expect(api.received.map(({ method }) => method)).toEqual(["GET"]);
});

test("the preview says what becomes of the data: lost, kept by a snapshot or backups, or none there", async () => {
  const removed = [{ kind: "volume", id: "vol-1", name: "volume/a" }];
  const body = { cluster: "ha", uid: "01ab", removed, kept: [], blockers: [] };
  await using api = await FakeApi.start({
    "GET /clusters/ha/resources": ok(body),
    "GET /clusters/saved/resources": ok({ ...body, kept: [{ what: "backups in S3", why: "the last is b-1" }] }),
    "GET /clusters/empty/resources": ok({ ...body, removed: [] }),
  });
  const environment = { HOLDFAST_API: api.url };

  const kept = await runCli(["delete", "cluster", "ha", "--final-snapshot"], environment);
  const saved = await runCli(["delete", "cluster", "saved"], environment);
  const empty = await runCli(["delete", "cluster", "empty"], environment);

  expect(kept.stdout).toContain(
    "etcd's data goes with its volumes. A snapshot of one of them is made first, and is kept.\n",
  );
  expect(saved.stdout).toContain(
    "etcd's data goes with its volumes; its backups stay. --final-snapshot keeps a snapshot of a volume too.\n",
  );
  expect(empty.stdout).not.toContain("etcd");
});

test("with --yes the deletion is asked for, under a key", async () => {
  await using api = await FakeApi.start({ "DELETE /clusters/ha?finalSnapshot=true": ok(deletion, 202) });

  const { code, stdout } = await runCli(["delete", "cluster", "ha", "--yes", "--final-snapshot", "-o", "json"], {
    HOLDFAST_API: api.url,
  });

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ id: "delete-1" });
  expect(api.received[0]?.headers["idempotency-key"]).toMatch(/^[0-9a-f-]{36}$/);
});

test("--wait ends when the cluster is DELETED, and says what blocked it when it fails", async () => {
  const error = { name: "DeletionBlocked", message: "interface eni-1", remedy: "Remove what is named." };
  const path = { "DELETE /clusters/ha?finalSnapshot=false": ok(deletion, 202) };
  await using healthy = await FakeApi.start({
    ...path,
    "GET /operations/delete-1": ok({ ...deletion, status: "SUCCEEDED" }),
    "GET /clusters/ha": ok(clusterView({ status: "DELETED", reason: "All of it is gone." })),
  });
  await using blocked = await FakeApi.start({
    ...path,
    "GET /operations/delete-1": ok({ ...deletion, status: "FAILED", error }),
    "GET /clusters/ha": ok(clusterView({ status: "FAILED", reason: "blocked" })),
  });
  const words = ["delete", "cluster", "ha", "--yes", "--wait"];

  const done = await runCli(words, { HOLDFAST_API: healthy.url });
  const failed = await runCli(words, { HOLDFAST_API: blocked.url });

  expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining("ha is deleted. All of it is gone.") });
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("DeletionBlocked: interface eni-1") });
});

test("a cluster that is not there is exit code 3", async () => {
  await using api = await FakeApi.start({
    "DELETE /clusters/ha?finalSnapshot=false": ok(problem(404, "cluster ha was deleted"), 404),
  });

  const { code, stderr } = await runCli(["delete", "cluster", "ha", "--yes"], { HOLDFAST_API: api.url });

  expect(code).toBe(3);
  expect(stderr).toBe("error: cluster ha was deleted\n");
});

test("a cluster that cannot be distinguished from another one is exit code 4, with and without --yes", async () => {
  const why = "vpc vpc-1 is left alone: its tag holdfast:uid belongs to something that does not name this cluster";
  const refused = ok(problem(409, why), 409);
  await using api = await FakeApi.start({
    "DELETE /clusters/ha?finalSnapshot=false": refused,
    "GET /clusters/ha/resources": refused,
  });

  const asked = await runCli(["delete", "cluster", "ha", "--yes"], { HOLDFAST_API: api.url });
  const preview = await runCli(["delete", "cluster", "ha"], { HOLDFAST_API: api.url });

  expect(asked).toMatchObject({ code: 4, stderr: `error: ${why}\n` });
  expect(preview).toMatchObject({ code: 4, stderr: `error: ${why}\n` });
});
