import { expect, test } from "vitest";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";

const target = { endpoint: "local", region: "us-west-2", drained: false, healthy: null };
const VIEW = {
  ...{ fleet: "prod", host: "app.example.com", policy: "failover", check: "https:/healthz", ttl: 60 },
  clusters: [
    { ...target, name: "east", target: "east.elb.us-west-2.amazonaws.com", part: "PRIMARY" },
    { ...target, name: "west", target: "west.elb.us-west-2.amazonaws.com", part: "SECONDARY" },
  ],
  monthlyCost: 3,
  warnings: ["The data of your applications is your problem: clusters share none, and a failover copies none."],
};
const ASKED = ["fleet", "dns", "prod", "--host", "app.example.com"];
const WANTED = { host: "app.example.com", policy: "failover", check: "https:/healthz" };
const ROUTE = "POST /fleets/prod/dns";

test("without --yes it shows the records, the cost and the warnings, and changes nothing", async () => {
  await using api = await FakeApi.start({ [ROUTE]: [{ status: 200, body: VIEW }] });

  const { code, stdout, stderr } = await runCli(ASKED, { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(stdout).toBe(`app.example.com  failover of fleet prod
Check       https:/healthz, each 30 s; three failures take the traffic away
Kept for    60 s
USD/month   3.00 for health checks

CLUSTER  PART       HEALTHY  REGION     TARGET
east     PRIMARY    -        us-west-2  east.elb.us-west-2.amazonaws.com
west     SECONDARY  -        us-west-2  west.elb.us-west-2.amazonaws.com
`);
  expect(stderr).toBe(
    "The data of your applications is your problem: clusters share none, and a failover copies none.\nNothing was changed. Add --yes to do it.\n",
  );
  expect(api.received.map(({ body }) => body)).toEqual([{ ...WANTED, dryRun: true }]);
});

test("with --yes it is asked for, with all that was said", async () => {
  await using api = await FakeApi.start({ [ROUTE]: [{ status: 200, body: VIEW }] });
  const more = ["--policy", "weighted", "--check", "tcp:443", "--ttl", "30", "--service", "shop/web"];

  const { code, stderr } = await runCli([...ASKED, ...more, "--primary", "west", "--yes"], { HOLDFAST_API: api.url });

  expect([code, stderr]).toEqual([0, ""]);
  expect(api.received.map(({ body }) => body)).toEqual([
    {
      ...{ host: "app.example.com", policy: "weighted", check: "tcp:443", ttl: 30, service: "shop/web" },
      ...{ primary: "west", dryRun: false },
    },
  ]);
});

test("the name is shown with the health of its clusters, and taken away with --remove", async () => {
  const known = { ...VIEW, clusters: VIEW.clusters.map((each, index) => ({ ...each, healthy: index === 1 })) };
  await using api = await FakeApi.start({
    "GET /fleets/prod/dns": [{ status: 200, body: known }],
    "DELETE /fleets/prod/dns": [{ status: 200, body: known }],
  });
  const run = (...args: string[]) => runCli(["fleet", "dns", "prod", ...args], { HOLDFAST_API: api.url });

  expect((await run()).stdout).toContain("east     PRIMARY    no       us-west-2");
  expect((await run("--remove")).stderr).toBe("Nothing was changed. Add --yes to take the name away.\n");
  expect((await run("--remove", "--yes")).stdout).toBe("app.example.com is no longer a name of fleet prod\n");
});

test("a fleet that is deleted takes its public name with it", async () => {
  const refused = problem(400, "fleet prod has the public name app.example.com: take it away first");
  const fleet = {
    ...{ name: "prod", status: "ACTIVE", selector: "env=prod", policy: {}, strategy: null, oldestBackup: null },
    counts: { clusters: 2, byStatus: {}, byVersion: {}, violations: 0 },
    ...{ monthlyCost: 1, createdAt: "2026-11-30T10:00:00Z", updatedAt: "2026-11-30T10:00:00Z", clusters: [] },
  };
  await using api = await FakeApi.start({
    "DELETE /fleets/prod": [
      { status: 400, body: refused },
      { status: 200, body: fleet },
    ],
    "DELETE /fleets/prod/dns": [{ status: 200, body: VIEW }],
  });

  const { code, stdout } = await runCli(["fleet", "delete", "prod", "--yes"], { HOLDFAST_API: api.url });

  expect([code, stdout]).toEqual([0, "fleet prod is deleted; 2 clusters as before\n"]);
});

test("all that is wrong is shown", async () => {
  const problems = [
    { flag: "host", value: "app.example.org", message: "no public hosted zone of this account holds app.example.org" },
    { flag: "service", value: "", message: "cluster local/east has no public load balancer" },
  ];
  await using api = await FakeApi.start({
    [ROUTE]: [{ status: 400, body: problem(400, "two are wrong", { problems }) }],
  });

  const { code, stderr } = await runCli(ASKED, { HOLDFAST_API: api.url });

  expect(code).toBe(2);
  expect(stderr).toContain("no public hosted zone of this account holds app.example.org");
  expect(stderr).toContain("cluster local/east has no public load balancer");
});
