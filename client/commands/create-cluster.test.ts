import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { FakeApi, problem } from "../../test/support/fake-api.ts";
import { LAUNCHER, runCli, startCli } from "../../test/support/run-cli.ts";
import { planned } from "../../test/support/views.ts";

const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const GUIDE = `--node-count 3 --zones ${ZONES} --master-zones ${ZONES} --node-size t2.medium --master-size t2.medium --topology private`;
const CREATE = ["create", "cluster", "ha", "--zones", ZONES, "--master-zones", ZONES];

async function withDirectory(use: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-cli-"));
  try {
    await use(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("the first command of kops' HA guide dry-runs to a plan, through a link and without an API", () =>
  withDirectory(async (directory) => {
    const link = join(directory, "holdfast");
    await symlink(LAUNCHER, link);
    const words = `create cluster ${GUIDE} --networking kopeio-vxlan hacluster.example.com --yes --dry-run -o json`;

    const { code, stdout, stderr } = await startCli(link, words.split(" "), directory);

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      spec: { name: "hacluster.example.com", nodeCount: 3, topology: "private" },
      plan: {
        members: [
          { name: "a", zone: "us-west-2a" },
          { name: "b", zone: "us-west-2b" },
          { name: "c", zone: "us-west-2c" },
        ],
        nodes: [{ count: 1 }, { count: 1 }, { count: 1 }],
        survives: { masters: 1, zones: ["us-west-2a", "us-west-2b", "us-west-2c"] },
        network: { requested: "kopeio-vxlan", used: "cilium" },
      },
      warnings: [expect.stringContaining("kopeio-vxlan"), expect.stringContaining("t2.medium")],
    });
  }));

test("the advanced command of the guide is refused for the instance id among its security groups, with exit code 2", async () => {
  const words = `create cluster ${GUIDE} --dns-zone example.com --node-security-groups sg-12345678 --master-security-groups sg-12345678,i-abcd1234 --networking weave`;
  const more = [
    "--cloud-labels",
    "Team=Dev,Owner=John Doe",
    "--image",
    "293135079892/k8s-1.4-debian-jessie-amd64-hvm-ebs-2016-11-16",
  ];

  const { code, stdout } = await runCli([...words.split(" "), ...more, "ha.example.com", "--yes", "-o", "json"]);

  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ problems: [{ flag: "--master-security-groups", value: "i-abcd1234" }] });
});

test("a dry run as YAML takes the name from KOPS_CLUSTER_NAME", async () => {
  const { code, stdout } = await runCli(["create", "cluster", "--zones", ZONES, "--dry-run", "-o", "yaml"], {
    KOPS_CLUSTER_NAME: "prod",
  });

  expect(code).toBe(0);
  expect(parse(stdout)).toMatchObject({ spec: { name: "prod" }, plan: { quorum: { size: 1, needed: 1 } } });
});

test("a spec can come from a file", () =>
  withDirectory(async (directory) => {
    await writeFile(join(directory, "ha.yaml"), "name: ha\nzones: [us-west-2a]\nmasterCount: 2\n");

    const { code, stderr } = await runCli(["create", "cluster", "-f", join(directory, "ha.yaml"), "--dry-run"]);

    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: masterCount: an even number of masters \(2\) is refused/);
  }));

test("without --yes the account's plan is shown and nothing is created", async () => {
  await using api = await FakeApi.start({
    "POST /plan": [{ status: 200, body: { ...planned, warnings: ["from the account"] } }],
  });

  const { code, stdout, stderr } = await runCli(CREATE, { HOLDFAST_API: api.url });

  expect(code).toBe(0);
  expect(stdout).toContain("Warning: from the account");
  expect(stderr).toBe("Nothing was changed. Add --yes to create the cluster.\n");
  expect(api.received.map(({ path, body }) => ({ path, body }))).toEqual([
    { path: "/plan", body: { spec: planned.spec } },
  ]);
});

test("what is wrong with the spec and with the account is in one answer", async () => {
  const problems = [
    { flag: "--zone", value: "us-west-2a", message: "--zone: there is no such flag; is --zones meant?" },
    { flag: "--image", value: "ami-12345678", message: '--image: "ami-12345678" names no image' },
  ];
  await using api = await FakeApi.start({ "POST /plan": [{ status: 422, body: problem(422, "no", { problems }) }] });
  const words = ["--zone", "us-west-2a", "--image", "ami-12345678", "--yes", "-o", "json", "--wait=soon"];

  const { code, stdout, stderr } = await runCli([...CREATE, ...words], { HOLDFAST_API: api.url });

  expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
  expect(JSON.parse(stdout).problems.map(({ flag }: { flag: string }) => flag)).toEqual([
    "--wait",
    "--zone",
    "--image",
  ]);
  expect(api.received.map(({ path, body }) => ({ path, body }))).toEqual([
    {
      path: "/plan",
      body: {
        flags: [
          { flag: "NAME", value: "ha" },
          { flag: "--zone", value: "us-west-2a" },
          { flag: "--zones", value: ZONES },
          { flag: "--master-zones", value: ZONES },
          { flag: "--image", value: "ami-12345678" },
        ],
      },
    },
  ]);
});

test("a file that is refused is sent as it is, and a dry run sends nothing", () =>
  withDirectory(async (directory) => {
    const file = join(directory, "ha.yaml");
    await writeFile(file, "name: ha\nzones: [us-west-2a]\nmasterCount: 2\n");
    const problems = [{ flag: "masterCount", value: "2", message: "masterCount: even" }];
    await using api = await FakeApi.start({ "POST /plan": [{ status: 422, body: problem(422, "no", { problems }) }] });
    const words = ["create", "cluster", "-f", file];

    const dry = await runCli([...words, "--dry-run"], { HOLDFAST_API: api.url });
    const refused = await runCli(words, { HOLDFAST_API: api.url });

    expect([dry.code, refused.code]).toEqual([2, 2]);
    expect(refused.stderr).toBe("error: masterCount: even\n");
    expect(api.received.map(({ body }) => body)).toEqual([
      { spec: { name: "ha", zones: ["us-west-2a"], masterCount: 2 } },
    ]);
  }));

test("where the account cannot be checked, what is wrong with the spec is reported, with a note", async () => {
  await using api = await FakeApi.start({ "POST /plan": [{ status: 403, body: problem(403, "not allowed") }] });

  const { code, stderr } = await runCli([...CREATE, "--bastion"], { HOLDFAST_API: api.url });

  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^error: --bastion: there are no bastions.*\nnote: the account was not checked \(not allowed\)\n$/,
  );
});

test("without --yes and without an API the local plan is shown, with a note", async () => {
  const { code, stdout, stderr } = await runCli([...CREATE, "-o", "json"]);

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ spec: { name: "ha" } });
  expect(stderr).toMatch(/^note: the plan is not checked against the account \(cannot reach .*npm run local\)/);
});

test.each([
  [
    422,
    2,
    { problems: [{ flag: "--zones", value: "us-west-2z", message: "--zones: no such zone" }] },
    "error: --zones: no such zone\n",
  ],
  [409, 4, { operation: "op-0" }, "error: because\nFollow it with: holdfast get operations op-0 --follow\n"],
  [403, 1, {}, "error: because\n"],
])("when the API answers %i the exit code is %i", async (status, expected, more, message) => {
  await using api = await FakeApi.start({ "POST /clusters": [{ status, body: problem(status, "because", more) }] });

  const { code, stderr } = await runCli([...CREATE, "--yes"], { HOLDFAST_API: api.url });

  expect({ code, stderr }).toEqual({ code: expected, stderr: message });
});

test("the launcher passes on the exit code", async () => {
  expect(await startCli(LAUNCHER, ["create", "cluster", "-o", "json"], "/")).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('"flag": "--zones"'),
    stderr: expect.stringMatching(/^note: the account was not checked \(cannot reach [^\n]*\n$/),
  });
});

test.each([
  ["lists in a row", "[".repeat(30_000) + "]".repeat(30_000), /is nested deeper than 32 levels/],
  ["lists in a line", `${"- ".repeat(3_000)}a`, /is nested deeper than 32 levels/],
  ["lists in 300 lines", lines(300), /is nested deeper than 32 levels/],
  ["more than a spec can be", "#".repeat(65_537), /has over 65536 characters/],
  ["forty lists", `spec: ${"[".repeat(40)}${"]".repeat(40)}`, /is nested deeper than 32 levels/],
  ["aliases without end", billionLaughs(), /is not YAML: .*alias/i],
])("L3: a file of %s is refused with the reason, and exit code 2", (_, text, expected) =>
  withDirectory(async (directory) => {
    const file = join(directory, "spec.yaml");
    await writeFile(file, text);

    const { code, stderr } = await runCli(["create", "cluster", "-f", file]);

    expect(stderr).toMatch(expected);
    expect(code).toBe(2);
  }),
);

function lines(count: number): string {
  return Array.from({ length: count }, (_, level) => `${" ".repeat(level)}a:`).join("\n");
}

function billionLaughs(): string {
  const lines = Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(", ")}]`);
  return ["a0: &a0 [ha]", ...lines].join("\n");
}
