import { expect, test } from "vitest";
import { FakeApi } from "../test/support/fake-api.ts";
import { runCli } from "../test/support/run-cli.ts";
import { clusterView, operationView } from "../test/support/views.ts";

const NAME = "prod.example.com";
const MEMBERS = [
  ["a", "i-0e290134a4986fdfa", "vol-0ea4ae7187d198e85"],
  ["b", "i-03e460fdb4bc63eb4", "vol-082afd92cc6fb7bca"],
  ["c", "i-00dded3d872a57e90", "vol-04630ac74e209fb1f"],
];
const NODES = ["i-08cb0541bcaa6906a", "i-094cb8504c73aaf5e"];
const REPAIR = "repair-01m8n0n975xj1zyr791rbe3dq0";

const view = clusterView({ name: NAME, status: "REPAIRING", operation: REPAIR, reason: "Master b was lost." });
const cluster = {
  ...view,
  members: view.members.map((member, index) => {
    const [, instanceId = "", volumeId = ""] = MEMBERS[index] ?? [];
    return { ...member, instanceId, volumeId };
  }),
  nodes: NODES.map((name, index) => ({ name, zone: `us-west-2${"ab"[index]}`, instanceId: name, ready: true })),
};
const operation = operationView({ id: REPAIR, cluster: NAME, kind: "repair", startedAt: "2026-11-22T10:00:00.123Z" });
const event = {
  time: "2026-11-22T10:00:00.123Z",
  type: "master-lost",
  message: "Master b was lost: i-03e460fdb4bc63eb4 is gone (EC2 Instance State-change Notification: shutting-down).",
  member: "b",
  operation: REPAIR,
};

async function shown(columns: number, ...args: string[]): Promise<string> {
  await using api = await FakeApi.start({
    "GET /clusters": [{ status: 200, body: { items: [cluster] } }],
    [`GET /clusters/${NAME}`]: [{ status: 200, body: cluster }],
    [`GET /clusters/${NAME}/operations`]: [{ status: 200, body: { items: [operation] } }],
    [`GET /clusters/${NAME}/events`]: [{ status: 200, body: { items: [event] } }],
  });
  return (await runCli(args, { HOLDFAST_API: api.url }, { columns })).stdout;
}

const IDS = [NAME, REPAIR, ...MEMBERS.flatMap(([, ...ids]) => ids), ...NODES];
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  "get clusters": [NAME, REPAIR],
  [`get clusters ${NAME}`]: IDS,
  "get members": MEMBERS.flatMap(([, ...ids]) => ids),
  [`get members ${NAME}`]: MEMBERS.flatMap(([, ...ids]) => ids),
  "get nodes": NODES,
  [`get nodes ${NAME}`]: NODES,
  "get nodegroups": ["nodes-us-west-2a"],
  "get operations": [NAME, REPAIR],
  [`get operations ${NAME}`]: [REPAIR],
  "get events": [NAME, "i-03e460fdb4bc63eb4"],
  [`get events ${NAME}`]: ["i-03e460fdb4bc63eb4"],
};

test.each(Object.entries(EXPECTED))("at 80 columns %s has whole ids and names", async (line, ids) => {
  const text = await shown(80, ...line.split(" "));

  expect(text).not.toContain("…");
  for (const id of ids) expect(text).toContain(id);
  expect(text.split("\n").filter((each) => each.length > 80)).toEqual([]);
});

test.each(["clusters", "members", "nodes", "nodegroups", "operations", "events"])(
  "at 80 columns get %s has whole names of clusters, also the longest, in zones with long names",
  async (list) => {
    const longest = `${"a".repeat(51)}.example.com`;
    const here = JSON.parse(JSON.stringify(cluster).replaceAll("us-west-2", "ap-southeast-2"));
    const other = JSON.parse(JSON.stringify(here).replaceAll(NAME, longest));
    await using api = await FakeApi.start({
      "GET /clusters": [{ status: 200, body: { items: [here, other] } }],
      ...Object.fromEntries(
        [NAME, longest].flatMap((name) => [
          [`GET /clusters/${name}/operations`, [{ status: 200, body: { items: [{ ...operation, cluster: name }] } }]],
          [`GET /clusters/${name}/events`, [{ status: 200, body: { items: [event] } }]],
        ]),
      ),
    });

    const { stdout } = await runCli(["get", list], { HOLDFAST_API: api.url }, { columns: 80 });

    for (const name of [NAME, longest]) expect(stdout).toContain(name);
    expect(stdout.split("\n").filter((each) => each.length > 80)).toEqual([]);
  },
);

test("-o wide has every column, however narrow the terminal is", async () => {
  const [head] = (await shown(40, "get", "clusters", "-o", "wide")).split("\n");
  const [members] = (await shown(40, "get", "members", NAME, "-o", "wide")).split("\n");

  expect(head?.split(/ {2,}/)).toEqual([
    "NAME",
    "STATUS",
    "MEMBERS",
    "LEADER",
    "NODES",
    "ZONES",
    "VERSION",
    "BACKUP",
    "OPERATION",
  ]);
  expect(members?.split(/ {2,}/)).toEqual([
    "MEMBER",
    "ZONE",
    "ADDRESS",
    "HEALTH",
    "ROLE",
    "INSTANCE",
    "VOLUME",
    "CERTIFICATES UNTIL",
  ]);
});

test("zones are those of masters and of nodes, and a node's name is not shown twice", async () => {
  const elsewhere = {
    ...cluster,
    members: cluster.members.map((member) => ({ ...member, zone: "us-west-2d" })),
    plan: { ...cluster.plan, nodes: [] },
  };
  await using api = await FakeApi.start({ "GET /clusters": [{ status: 200, body: { items: [elsewhere] } }] });
  const environment = { HOLDFAST_API: api.url };

  expect((await runCli(["get", "clusters", "-o", "wide"], environment)).stdout).toContain(
    "us-west-2d,us-west-2a,us-west-2b",
  );
  expect((await runCli(["get", "nodes", "-o", "wide"], environment)).stdout).not.toContain("INSTANCE");
});

test("the error of an operation stands whole below the table", async () => {
  const failed = operationView({
    id: REPAIR,
    cluster: NAME,
    status: "FAILED",
    error: { name: "QuotaReached", message: "5 of 5 Elastic IPs are in use in us-west-2.", remedy: "Ask for more." },
  });
  await using api = await FakeApi.start({
    [`GET /clusters/${NAME}/operations`]: [{ status: 200, body: { items: [failed] } }],
  });

  const { stdout } = await runCli(["get", "operations", NAME], { HOLDFAST_API: api.url }, { columns: 80 });

  expect(stdout).toContain(`\n\n${REPAIR}: 5 of 5 Elastic IPs are in use in us-west-2.\nAsk for more.\n`);
});
