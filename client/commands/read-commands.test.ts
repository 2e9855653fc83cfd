import { expect, test } from "vitest";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { clusterView, operationView } from "../../test/support/views.ts";

function ok(body: unknown) {
  return [{ status: 200, body }];
}

test("get clusters follows the pages of the list", async () => {
  await using api = await FakeApi.start({
    "GET /clusters": ok({ items: [clusterView()], nextCursor: "a_b" }),
    "GET /clusters?cursor=a_b": ok({ items: [clusterView({ name: "other" })] }),
  });

  const { code, stdout } = await runCli(["get", "clusters"], { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
    ["NAME", "STATUS", "MEMBERS", "LEADER"],
    ["ha", "ACTIVE", "3/3", "b"],
    ["other", "ACTIVE", "3/3", "b"],
    [""],
  ]);
});

test("what narrows a list goes to the API, on every page", async () => {
  await using api = await FakeApi.start({
    "GET /clusters?status=ACTIVE&namePrefix=h": ok({ items: [clusterView()], nextCursor: "a_b" }),
    "GET /clusters?status=ACTIVE&namePrefix=h&cursor=a_b": ok({ items: [clusterView({ name: "hb" })] }),
    "GET /clusters/ha/events?since=2026-11-22T10%3A00%3A00Z&type=master-lost": ok({ items: [] }),
    "GET /clusters/ha/operations?status=FAILED": ok({ items: [] }),
  });
  const environment = { HOLDFAST_API: api.url };

  const clusters = await runCli(
    ["get", "clusters", "--status", "ACTIVE", "--name-prefix", "h", "-o", "json"],
    environment,
  );
  const since = ["--since", "2026-11-22T10:00:00Z", "--type", "master-lost"];
  const events = await runCli(["get", "events", "ha", ...since], environment);
  const operations = await runCli(["get", "operations", "ha", "--status", "FAILED"], environment);

  expect(JSON.parse(clusters.stdout).items.map(({ name }: { name: string }) => name)).toEqual(["ha", "hb"]);
  expect(events.stdout).toBe("no events\n");
  expect(operations.stdout).toBe("no operations\n");
});

test("get cluster NAME -o json is the cluster as the API gives it, unknown fields included", async () => {
  const body = { ...clusterView(), addedLater: true };
  await using api = await FakeApi.start({ "GET /clusters/ha": ok(body) });

  const { stdout } = await runCli(["get", "cluster", "ha", "-o", "json"], { HOLDFAST_API: api.url });

  expect(JSON.parse(stdout)).toEqual(body);
});

test("operations are found by cluster or by id, events of all clusters come in order of time", async () => {
  const event = (time: string) => ({ time, type: "master-lost", message: "m", member: "b", operation: null });
  await using api = await FakeApi.start({
    "GET /clusters": ok({ items: [clusterView(), clusterView({ name: "other" })] }),
    "GET /clusters/ha/operations": ok({ items: [operationView()] }),
    "GET /operations/op-9": ok(operationView({ id: "op-9" })),
    "GET /clusters/ha/events": ok({ items: [event("2026-11-22T10:00:02Z")] }),
    "GET /clusters/other/events": ok({ items: [event("2026-11-22T10:00:01Z")] }),
  });
  const environment = { HOLDFAST_API: api.url };

  const byCluster = await runCli(["get", "operations", "ha", "-o", "json"], environment);
  const byId = await runCli(["get", "operations", "op-9", "-o", "json"], environment);
  const events = await runCli(["get", "events", "-o", "json"], environment);

  expect(JSON.parse(byCluster.stdout).items).toMatchObject([{ id: "op-1" }]);
  expect(JSON.parse(byId.stdout).items).toMatchObject([{ id: "op-9" }]);
  expect(JSON.parse(events.stdout).items.map(({ time }: { time: string }) => time.slice(17))).toEqual(["01Z", "02Z"]);
});

test("what does not exist is exit code 3, on every command", async () => {
  await using api = await FakeApi.start({});
  const environment = { HOLDFAST_API: api.url };

  expect(await runCli(["get", "cluster", "no"], environment)).toMatchObject({
    code: 3,
    stderr: "error: there is no /clusters/no\n",
  });
  const validated = await runCli(["validate", "cluster", "no", "--wait", "-o", "json"], environment);
  expect(validated.code).toBe(3);
  expect(JSON.parse(validated.stdout)).toEqual(problem(404, "there is no /clusters/no?fresh=true"));
});

test("an API that is not there is named with the way to start it", async () => {
  expect(await runCli(["get", "clusters"])).toEqual({
    code: 1,
    stdout: "",
    stderr: "error: cannot reach http://127.0.0.1:1: start it with: npm run local\n",
  });
});

test("validate succeeds only when members, quorum and nodes are complete", async () => {
  const short = clusterView({
    status: "DEGRADED",
    reason: "b is lost",
    quorum: { size: 3, healthy: 2, needed: 2, leader: "a" },
  });
  await using api = await FakeApi.start({
    "GET /clusters/ha?fresh=true": [
      { status: 200, body: short },
      { status: 200, body: clusterView() },
    ],
  });
  const environment = { HOLDFAST_API: api.url };

  const first = await runCli(["validate", "cluster", "ha"], environment);
  const second = await runCli(["validate", "cluster", "ha"], environment);

  expect(first.code).toBe(1);
  expect(first.stdout).toContain("ha is not valid: status is DEGRADED (b is lost); 2 of 3 members healthy\n");
  expect(second.code).toBe(0);
  expect(second.stdout).toMatch(/b {7}us-west-2b {2}172\.20\.64\.10 {3}healthy {2}leader[\s\S]*ha is valid\n$/);
});

test("validate --wait asks until all is healthy", async () => {
  await using api = await FakeApi.start({
    "GET /clusters/ha?fresh=true": [
      { status: 200, body: clusterView({ nodes: [] }) },
      { status: 200, body: clusterView() },
    ],
  });

  expect(await runCli(["validate", "cluster", "ha", "--wait", "5s"], { HOLDFAST_API: api.url })).toMatchObject({
    code: 0,
  });
});

test("bad usage is exit code 2, said in a line, with the way to the usage", async () => {
  const { code, stdout, stderr } = await runCli(["get", "clusters", "--colour"]);

  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toBe("error: unknown option '--colour'\n\nHelp: holdfast get clusters --help\n");
});

test("the version and the usage need nothing", async () => {
  expect(await runCli(["--version"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^holdfast \d+\.\d+\.\d+\n$/),
  });
  expect(await runCli([])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: holdfast/) });
});

test("etcdctl's words reach a master untouched, and its exit code comes back", async () => {
  await using api = await FakeApi.start({
    "GET /clusters/ha": ok(clusterView()),
    "POST /_shell": ok({ command: "bash", args: ["-c", "exit 7"] }),
  });

  const outcome = await runCli(["local", "etcdctl", "ha", "--", "member", "list", "-w", "json"], {
    HOLDFAST_API: api.url,
  });

  expect(outcome.code).toBe(7);
  expect(api.received.at(-1)?.body).toMatchObject({
    argv: expect.arrayContaining(["member", "list", "-w", "json"]),
  });
});

test("a space in a filter is sent as it is signed", async () => {
  await using api = await FakeApi.start({ "GET /clusters/ha/events?type=a%20b": ok({ items: [], nextCursor: null }) });

  const { code } = await runCli(["get", "events", "ha", "--type", "a b"], { HOLDFAST_API: api.url });

  expect(code).toBe(0);
});

test.each([
  [["get", "clusters", ""], ""],
  [["get", "clusters", ".."], ".."],
  [["describe", "backup", "one", ".."], ".."],
  [["delete", "cluster", "."], "."],
])("%j would be the URL of something else, and is refused before the request", async (words, name) => {
  await using api = await FakeApi.start({});

  const { code, stderr } = await runCli(words, { HOLDFAST_API: api.url });

  expect({ code, stderr }).toEqual({ code: 2, stderr: `error: "${name}" is neither a name nor an id\n` });
  expect(api.received).toEqual([]);
});

test("a name that is no cluster's may have been an operation's, and both are said", async () => {
  await using api = await FakeApi.start({});

  const { code, stderr } = await runCli(["get", "operations", "nosuch"], { HOLDFAST_API: api.url });

  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: "error: there is no cluster nosuch, and no operation with this id\n",
  });
});

test("a deleted cluster has no members and no node groups", async () => {
  await using api = await FakeApi.start({
    "GET /clusters/ha": [{ status: 200, body: clusterView({ status: "DELETED" }) }],
  });
  const shown = async (what: string) => (await runCli(["get", what, "ha"], { HOLDFAST_API: api.url })).stdout;

  expect([await shown("members"), await shown("nodegroups")]).toEqual(["no members\n", "no node groups\n"]);
});

test("a flag of every command without its value is refused in the form that was asked for", async () => {
  const { code, stdout } = await runCli(["get", "clusters", "-o", "json", "--profile"]);

  expect({ code, document: JSON.parse(stdout) }).toMatchObject({
    code: 2,
    document: { detail: "--profile needs a value" },
  });
});
