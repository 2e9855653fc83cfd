import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { KUBECONFIG_EXAMPLE } from "../../functions/domain/api/examples.ts";
import { FLEET_EXAMPLE, FLEET_SUMMARY_EXAMPLE, ROLLOUT_EXAMPLE } from "../../functions/domain/api/fleet-examples.ts";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";

function ok(body: unknown, status = 200) {
  return [{ status, body }];
}

test("a fleet is shown before it is made, as the API plans it: with clusters of endpoints, and those that are unknown", async () => {
  const [own] = FLEET_EXAMPLE.clusters;
  const lost = "unknown since 2026-11-30T10:00:00Z; last seen ACTIVE";
  const unknown = { ...own, endpoint: "eu", name: "two", status: "UNKNOWN", reason: lost, problems: [lost] };
  const planned = { ...FLEET_EXAMPLE, status: "UNKNOWN", clusters: [unknown, own] };
  await using api = await FakeApi.start({ "POST /fleets": [...ok(planned), ...ok(FLEET_EXAMPLE, 201)] });
  const words = ["fleet", "create", "prod", "--selector", "env in (eu)", "--minimum-masters", "5"];
  const body = { name: "prod", selector: "env in (eu)", policy: { masters: { minimum: 5 } } };

  const preview = await runCli(words, { HOLDFAST_API: api.url });
  expect(preview.stdout).toMatch(/^prod {2}UNKNOWN\n/);
  expect(preview.stdout).toMatch(/^eu\/two +UNKNOWN .*unknown since 2026-11-30T10:00:00Z; last seen\n +ACTIVE$/m);
  expect(preview.stderr).toBe("Nothing was changed. Add --yes to do it.\n");
  await runCli([...words, "--yes"], { HOLDFAST_API: api.url });
  expect(api.received.map((each) => each.body)).toEqual([{ ...body, dryRun: true }, body]);
});

test("a change of a policy keeps what it does not name, also in the plan; what the API refuses is said", async () => {
  const missing = { flag: "clusters", value: "eu/no", message: "clusters: there is no cluster eu/no" };
  const refusal = { status: 400, body: problem(400, missing.message, { problems: [missing] }) };
  await using api = await FakeApi.start({
    "GET /fleets/prod": ok({ ...FLEET_EXAMPLE, policy: { masters: { minimum: 3 } } }),
    "PATCH /fleets/prod": [...ok(FLEET_EXAMPLE), refusal],
  });

  await runCli(["fleet", "update", "prod", "--minimum-zones", "3"], { HOLDFAST_API: api.url });
  expect(api.received.at(-1)?.body).toEqual({
    policy: { masters: { minimum: 3 }, spread: { zones: 3 } },
    dryRun: true,
  });
  const refused = await runCli(["fleet", "update", "prod", "--clusters", "eu/no"], { HOLDFAST_API: api.url });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no cluster eu/no") });
});

test("a name and a selector that cannot be are named in one answer, and nothing is sent", async () => {
  await using api = await FakeApi.start({});

  const words = ["fleet", "create", "BAD name", "--selector", "env=,("];
  const { code, stderr } = await runCli(words, { HOLDFAST_API: api.url });
  expect({ code, sent: api.received }).toEqual({ code: 2, sent: [] });
  expect(stderr).toContain('NAME: "BAD name" is not valid; expected a lower-case DNS name such as prod.example.com');
  expect(stderr).toContain('--selector: "(" is not a condition');
});

test("fleets are listed, and a fleet with findings is not valid", async () => {
  const [cluster] = FLEET_EXAMPLE.clusters;
  const bad = {
    ...FLEET_EXAMPLE,
    clusters: [{ ...cluster, violations: ["1 master, and 3 are asked for"], problems: [] }],
  };
  await using api = await FakeApi.start({
    "GET /fleets": ok({ items: [FLEET_SUMMARY_EXAMPLE] }),
    "GET /fleets/prod": ok(bad),
  });

  expect((await runCli(["fleet", "get"], { HOLDFAST_API: api.url })).stdout).toMatch(/^NAME +STATUS +CLUSTERS/);
  const { code, stdout } = await runCli(["validate", "fleet", "prod"], { HOLDFAST_API: api.url });
  expect({ code, end: stdout.split("\n").at(-2) }).toEqual({
    code: 1,
    end: "prod is not valid: 1 of 1 cluster: prod.example.com",
  });
});

test("a roll-out sends what is typed as a patch, and an approval names the stage that waits", async () => {
  const waiting = { ...ROLLOUT_EXAMPLE, state: "waiting-approval" };
  await using api = await FakeApi.start({
    "POST /fleets/prod/rollouts/plan": ok({ rollout: ROLLOUT_EXAMPLE, left: ["dev"] }),
    "GET /fleets/prod/rollouts": ok({ items: [waiting] }),
    [`PATCH /rollouts/${waiting.id}`]: ok(ROLLOUT_EXAMPLE),
  });
  const environment = { HOLDFAST_API: api.url };

  const words = ["fleet", "rollout", "prod", "--node-count", "5", "--set", "drill=off", "--max-concurrent", "25%"];
  const { stdout, stderr } = await runCli(words, environment);
  expect(stdout).toMatch(/^Roll-out of prod\nChange {6}\{"nodeCount":5\}\n/);
  expect(stderr).toContain("warning: no stage has dev: left as they are");
  expect(api.received[0]?.body).toMatchObject({
    change: { nodeCount: "5", drill: "off" },
    strategy: { stages: [{ name: "all", maxConcurrent: "25%", maxFailures: 0 }] },
  });
  await runCli(["fleet", "rollout", "approve", "prod", "--yes"], environment);
  expect(api.received.at(-1)).toMatchObject({ method: "PATCH", body: { action: "approve", stage: "all" } });
  const wrong = await runCli(["fleet", "rollout", "prod", "--set", "nodes=3"], environment);
  expect({ code: wrong.code, stderr: wrong.stderr }).toEqual({
    code: 2,
    stderr: 'error: --set: "nodes=3" is not field=value with a field of a spec, such as nodeCount=5\n',
  });
});

test("get rollouts without a name lists those of all fleets, each with its fleet", async () => {
  await using api = await FakeApi.start({
    "GET /fleets": ok({ items: [FLEET_SUMMARY_EXAMPLE, { ...FLEET_SUMMARY_EXAMPLE, name: "other" }] }),
    "GET /fleets/prod/rollouts": ok({ items: [ROLLOUT_EXAMPLE] }),
    "GET /fleets/other/rollouts": ok({ items: [{ ...ROLLOUT_EXAMPLE, fleet: "other" }] }),
  });

  const { code, stdout } = await runCli(["get", "rollouts"], { HOLDFAST_API: api.url }, { columns: 80 });

  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^ID +FLEET .*\\n${ROLLOUT_EXAMPLE.id} +prod .*\\n${ROLLOUT_EXAMPLE.id} +other `));
});

test("one kubeconfig has a context a cluster, and says whose was refused", async () => {
  const cluster = (name: string) => ({ ...FLEET_EXAMPLE.clusters[0], name });
  await using api = await FakeApi.start({
    "GET /endpoints": ok({ items: [] }),
    "GET /fleets/prod": ok({ ...FLEET_EXAMPLE, clusters: [cluster("us"), cluster("eu"), cluster("new")] }),
    "POST /clusters/eu/kubeconfig": ok({ ...KUBECONFIG_EXAMPLE, cluster: "eu" }),
    "POST /clusters/us/kubeconfig": ok({ ...KUBECONFIG_EXAMPLE, cluster: "us" }),
    "POST /clusters/new/kubeconfig": [{ status: 422, body: problem(422, "it has no endpoint yet") }],
  });
  const file = join(tmpdir(), `fleet-${process.pid}.yaml`);

  const words = ["export", "kubeconfig", "--fleet", "prod", "--kubeconfig", file];
  const { code, stderr } = await runCli(words, { HOLDFAST_API: api.url });
  const config = parse(await readFile(file, "utf8"));
  await rm(file);

  expect({ code, stderr }).toEqual({ code: 1, stderr: "error: new: it has no endpoint yet\n" });
  expect(config["current-context"]).toBe("holdfast/local/eu");
  expect(config.contexts).toEqual(
    ["holdfast/local/eu", "holdfast/local/us"].map((name) => ({ name, context: { cluster: name, user: name } })),
  );
});
