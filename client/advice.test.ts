import { expect, test } from "vitest";
import { FakeApi, problem } from "../test/support/fake-api.ts";
import { runCli } from "../test/support/run-cli.ts";
import { clusterView, planned } from "../test/support/views.ts";

const REMOTE = "https://abc.execute-api.us-west-2.amazonaws.com";

test("a profile without credentials is named, with what to do", async () => {
  const environment = { HOLDFAST_API: REMOTE, AWS_PROFILE: "no-such-profile" };

  const { code, stderr } = await runCli(["get", "clusters"], environment);

  expect(code).toBe(1);
  expect(stderr).toContain("The AWS profile no-such-profile has no usable credentials.");
  expect(stderr).toContain("aws sso login --profile no-such-profile");
});

test.each([
  [{}, "your AWS credentials (403 Forbidden). Look whose they are (aws sts get-caller-identity)"],
  [{ HOLDFAST_TOKEN: "t" }, "the token of HOLDFAST_TOKEN. It may have expired, or be of another issuer"],
])("a caller whom API Gateway turns away learns by what it was known: %j", async (environment, words) => {
  const answers = [{ status: 403, body: { message: "Forbidden" } }];
  await using api = await FakeApi.start({ "GET /clusters": answers, "GET /token/clusters": answers });

  const { stderr } = await runCli(["get", "clusters"], { HOLDFAST_API: api.url, ...environment });

  expect(stderr).toContain(`does not accept ${words}`);
});

test("the operation that holds a cluster is named, with how to follow it", async () => {
  const held = problem(409, "ha is held by operation repair-1", { operation: "repair-1" });
  await using api = await FakeApi.start({ "GET /clusters": [{ status: 409, body: held }] });

  const { stderr } = await runCli(["get", "clusters"], { HOLDFAST_API: api.url });

  expect(stderr).toBe(
    "error: ha is held by operation repair-1\nFollow it with: holdfast get operations repair-1 --follow\n",
  );
});

test("the preview of a scale has what it costs", async () => {
  await using api = await FakeApi.start({
    "GET /clusters/ha": [{ status: 200, body: clusterView() }],
    "PATCH /clusters/ha": [{ status: 200, body: planned }],
  });

  const { stdout } = await runCli(["scale", "nodes", "ha", "--count", "5"], { HOLDFAST_API: api.url });

  expect(stdout).toMatch(
    / {2}USD\/month {2}\d+\.\d\d → \d+\.\d\d \(\+\d+\.\d\d\), by AWS's list prices of \d{4}-\d\d-\d\d\n/,
  );
});

test("the help of an update has what can be changed, and nothing that holds for a new cluster", async () => {
  const { stdout } = await runCli(["update", "cluster", "--help"]);

  expect(stdout).toContain("--node-size <type>");
  expect(stdout).not.toMatch(/--zones|--topology|\(required\)|\(t3\.medium\)/);
});

test("what a local account lacks is reported with the way to put it there", async () => {
  const problems = [{ flag: "--image", value: "x", message: '--image: "x" names no image that this account can see' }];
  const refusal = problem(422, "refused", { problems });
  await using api = await FakeApi.start({ "POST /clusters": [{ status: 422, body: refusal }] });

  const create = ["create", "cluster", "--zones", "us-west-2a", "--image", "x-image", "ha", "--yes"];
  const { stderr } = await runCli(create, { HOLDFAST_API: api.url });

  expect(stderr).toContain("holdfast local seed FILE");
});
