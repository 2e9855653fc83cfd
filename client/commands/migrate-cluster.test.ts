import { expect, test } from "vitest";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { operationView } from "../../test/support/views.ts";

const [A, B, C] = ["us-west-2a", "us-west-2b", "us-west-2c"] as const;
const COST = { currency: "USD", items: [], asOf: "2026-01-19", region: "us-west-2" };
const PLAN = {
  cluster: "ha",
  from: [A],
  to: [A, B, C],
  masterSize: "m5.large",
  parts: [
    {
      changes: [
        { change: "grow", slot: "b", zone: B },
        { change: "grow", slot: "c", zone: C },
      ],
      voters: [1, 2, 3],
      survives: [0, 0, 1],
    },
    { changes: [{ change: "swap", slot: "d", zone: C, replaces: "a" }], voters: [3, 4, 3], survives: [1, 1, 1] },
    { changes: [{ change: "shrink", slot: "b", zone: B }], voters: [3, 2], survives: [1, 0] },
  ],
  subnets: [{ zone: C, type: "public", cidr: "172.20.192.0/18", name: C }],
  survives: { before: { masters: 0, zones: [] }, after: { masters: 1, zones: [A, B, C] } },
  cost: { before: { ...COST, monthly: 100 }, after: { ...COST, monthly: 220.5 } },
  minutes: 24,
  warnings: ["etcd has two voters between two calls."],
};
const ASKED = ["migrate", "cluster", "ha", "--master-zones", [A, B, C].join(",")];

test("without --yes it shows each part with what is survived meanwhile, and asks for nothing", async () => {
  await using api = await FakeApi.start({ "POST /clusters/ha/migrate/plan": [{ status: 200, body: PLAN }] });

  const { code, stdout, stderr } = await runCli(ASKED, { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(stdout).toBe(`Masters of ha: us-west-2a → us-west-2a, us-west-2b, us-west-2c

  1. + b in us-west-2b, + c in us-west-2c: voters 1 → 2 → 3, survives the loss of 0 → 0 → 1
  2. + d in us-west-2c, then − a: voters 3 → 4 → 3, survives the loss of 1 → 1 → 1
  3. − b in us-west-2b: voters 3 → 2, survives the loss of 1 → 0

Size       m5.large for every master that is launched from now on
Subnets    172.20.192.0/18  public  us-west-2c
Now        survives the loss of no master; of a zone: none
After      survives the loss of any 1 master; of a zone: us-west-2a, us-west-2b, us-west-2c
USD/month  100.00 → 220.50 (+120.50), by AWS's list prices of 2026-01-19
Time       about 24 minutes; a backup is taken first

Warning: etcd has two voters between two calls.
`);
  expect(stderr).toBe("Nothing was changed. Add --yes to do it.\n");
  expect(api.received.map(({ body }) => body)).toEqual([{ masterZones: [A, B, C], noRoll: false }]);
});

test("with --yes it is asked for, and the operation is the answer", async () => {
  const operation = operationView({ id: "migrate-1", kind: "migrate" });
  await using api = await FakeApi.start({ "POST /clusters/ha/migrate": [{ status: 202, body: operation }] });
  const more = ["--master-size", "m5.large", "--no-roll", "--yes", "-o", "json"];

  const { code, stdout } = await runCli([...ASKED, ...more], { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ id: "migrate-1" });
  expect(api.received.map(({ body }) => body)).toEqual([
    { masterZones: [A, B, C], masterSize: "m5.large", noRoll: true },
  ]);
});

test("all that is in the way is shown, with the exit code of a refused spec", async () => {
  const problems = [
    { flag: "NAME", value: "ha", message: "NAME: ha has masters that are not healthy: b" },
    { flag: "--master-zones", value: C, message: "--master-zones: the network has no room" },
  ];
  const refused = { status: 422, body: problem(422, "the spec was refused", { problems }) };
  await using api = await FakeApi.start({ "POST /clusters/ha/migrate/plan": [refused] });

  const { code, stderr } = await runCli(ASKED, { HOLDFAST_API: api.url });

  expect(code).toBe(2);
  expect(stderr).toContain("NAME: ha has masters that are not healthy: b");
  expect(stderr).toContain("--master-zones: the network has no room");
});

test.each([
  [
    ["--master-zones", `${A},${B},${C}`, "--master-count", "1"],
    "--master-count 1 is less than the 3 zones of --master-zones",
  ],
  [["--master-zones", ","], "--master-zones names no zone"],
])("20: flags that contradict each other are refused, not silently ignored: %j", async (flags, message) => {
  const { code, stderr } = await runCli(["migrate", "cluster", "ha", ...flags], { HOLDFAST_API: "http://127.0.0.1:9" });

  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test("20: a plan says what it costs, also where that stays as it is", async () => {
  const same = { ...PLAN, cost: { before: PLAN.cost.before, after: PLAN.cost.before } };
  await using api = await FakeApi.start({ "POST /clusters/ha/migrate/plan": [{ status: 200, body: same }] });

  expect((await runCli(ASKED, { HOLDFAST_API: api.url })).stdout).toContain("\nUSD/month  100.00, as now\n");
});
