import { expect, test } from "vitest";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { clusterView, operationView, planned as plannedCluster } from "../../test/support/views.ts";

function ok(body: unknown) {
  return [{ status: 200, body }];
}

const planned = ok(plannedCluster);
const started = [{ status: 202, body: operationView({ kind: "scale" }) }];

test("without --yes the changes are shown with their effects, and nothing is sent", async () => {
  await using api = await FakeApi.start({ "GET /clusters/ha": ok(clusterView()), "PATCH /clusters/ha": planned });

  const { code, stdout, stderr } = await runCli(["scale", "nodes", "ha", "--count", "4"], { HOLDFAST_API: api.url });

  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^Changes of ha:\n {2}--node-count {2}3 → 4\n {6}us-west-2a 1 → 2\n {2}USD\/month {2}[\d.]+ → [\d.]+ \(\+[\d.]+\), by AWS's list prices of [\d-]+\n$/,
    ),
    stderr: "Nothing was changed. Add --yes to do it.\n",
  });
  expect(api.received.map(({ body }) => body)).toEqual([undefined, { spec: { nodeCount: 4 }, dryRun: true }]);
});

test("what the account lacks is said of the plan, as it would be with --yes", async () => {
  const problems = [{ flag: "--node-size", value: "m5.nope", message: "--node-size: there is none" }];
  await using api = await FakeApi.start({
    "GET /clusters/ha": ok(clusterView()),
    "PATCH /clusters/ha": [{ status: 422, body: problem(422, "Refused", { problems }) }],
  });

  const { code, stdout, stderr } = await runCli(["update", "cluster", "ha", "--node-size", "m5.nope"], {
    HOLDFAST_API: api.url,
  });

  expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: "", stderr: "error: --node-size: there is none\n" });
});

test("a cluster that an operation holds is shown with it, and without advice that is refused", async () => {
  const cluster = clusterView({ status: "UPDATING", reason: "The cluster is being changed.", operation: "op-1" });
  await using api = await FakeApi.start({ "GET /clusters/ha": ok(cluster), "PATCH /clusters/ha": planned });
  const notes = async (...words: string[]) =>
    (await runCli(["update", "cluster", "ha", ...words], { HOLDFAST_API: api.url })).stderr;

  const follow = "Follow it with: holdfast get operations op-1 --follow\n";
  expect([await notes(), await notes("--node-count", "4")]).toEqual([
    follow,
    `Nothing was changed. Add --yes to do it.\nnote: operation op-1 holds the cluster; --yes may be refused until it has ended\n${follow}`,
  ]);
});

test("with --yes only what differs is sent, for the spec that was read", async () => {
  await using api = await FakeApi.start({ "GET /clusters/ha": ok(clusterView()), "PATCH /clusters/ha": started });
  const words = [
    "update",
    "cluster",
    "ha",
    "--zones",
    "us-west-2a,us-west-2b,us-west-2c",
    "--node-count",
    "4",
    "--yes",
  ];

  const { code, stdout } = await runCli([...words, "-o", "json"], { HOLDFAST_API: api.url });

  expect({ code, id: JSON.parse(stdout).id }).toEqual({ code: 0, id: "op-1" });
  expect(api.received[1]).toMatchObject({
    method: "PATCH",
    body: { spec: { nodeCount: 4 } },
    headers: { "if-match": '"spec-1"', "idempotency-key": expect.any(String) },
  });
});

test("a creation that stopped continues, and the answer may be that there is nothing to do", async () => {
  const stopped = clusterView({ status: "FAILED", reason: "The create stopped." });
  await using api = await FakeApi.start({
    "GET /clusters/ha": ok(stopped),
    "POST /clusters/ha/resume": [...started, ...ok(clusterView())],
  });
  const environment = { HOLDFAST_API: api.url, KOPS_CLUSTER_NAME: "ha" };

  const preview = await runCli(["update", "cluster"], environment);
  const first = await runCli(["update", "cluster", "--yes"], environment);
  const second = await runCli(["update", "cluster", "--yes", "-o", "json"], environment);

  expect(preview.stdout).toBe("The creation of ha continues from where it stands.\n");
  expect(first.stdout).toBe("operation op-1 brings ha to its spec\n");
  expect({ code: second.code, document: JSON.parse(second.stdout) }).toEqual({ code: 0, document: { changes: [] } });
});

test.each([
  [["scale", "nodes", "ha", "--count", "4"]],
  [["scale", "nodes", "ha", "--count", "4", "--yes"]],
  [["update", "cluster", "ha"]],
  [["update", "cluster", "ha", "--node-count", "4", "--dry-run"]],
])("R8: nothing is planned for a cluster that was deleted: %j", async (words) => {
  await using api = await FakeApi.start({ "GET /clusters/ha": ok(clusterView({ status: "DELETED" })) });

  const outcome = await runCli(words, { HOLDFAST_API: api.url });

  expect(outcome).toEqual({ code: 3, stdout: "", stderr: "error: there is no cluster ha\n" });
  expect(api.received).toHaveLength(1);
});

test.each([
  [["update", "cluster", "ha", "--topology", "private"], 2, /error: --topology: "public" cannot become "private"/],
  [["scale", "nodes", "ha", "--count", "-3", "--yes"], 2, /error: --count: "-3" is out of range/],
  [["update", "cluster", "--yes"], 2, /error: NAME: the name of a cluster is required/],
  [["update", "cluster", "none"], 3, /there is no/],
  [["scale", "nodes", "ha", "--count", "5", "--yes"], 4, /error: changed meanwhile/],
])("%j ends with exit code %i", async (words, code, message) => {
  await using api = await FakeApi.start({
    "GET /clusters/ha": ok(clusterView()),
    "PATCH /clusters/ha": [{ status: 412, body: problem(412, "changed meanwhile") }],
  });

  const outcome = await runCli(words, { HOLDFAST_API: api.url });

  expect(outcome).toMatchObject({ code, stderr: expect.stringMatching(message) });
});

test("labels are sent one by one, and what was recorded at once is shown", async () => {
  const cluster = clusterView({ spec: { ...clusterView().spec, labels: { env: "dev", tier: "1", team: "a" } } });
  await using api = await FakeApi.start({ "GET /clusters/ha": ok(cluster), "PATCH /clusters/ha": ok(cluster) });

  const words = ["update", "cluster", "ha", "--labels", "env=prod,tier-", "--yes"];
  const { code, stdout } = await runCli(words, { HOLDFAST_API: api.url });

  expect(api.received[1]).toMatchObject({ body: { spec: { labels: { env: "prod", tier: null } } } });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout:
      "Changes of ha:\n  --labels  env=dev,tier=1,team=a → env=prod,team=a\n" +
      "      at once, in Holdfast's records; nothing in AWS is touched\n",
  });
});
