import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  AllocateAddressCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVolumeCommand,
  CreateVpcCommand,
  type ResourceType,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import * as z from "zod";
import { removeAbandoned } from "../../scripts/smoke-aws/abandoned.ts";
import { runsInAccount } from "../../scripts/smoke-aws/leftovers.ts";
import { sweep } from "../../scripts/smoke-aws/sweep.ts";
import { clientsFor } from "../../scripts/smoke-aws/tools.ts";
import { compareInventories, type Inventory, takeInventory } from "../support/inventory.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

const MAIN = join(import.meta.dirname, "../../scripts/smoke-aws.ts");
const State = z.object({ running: z.string().nullable(), begun: z.array(z.string()) });
const Report = z.object({
  counts: z.object({ passed: z.number(), failed: z.number(), skipped: z.number() }),
  stopped: z.string().nullable(),
  left: z.array(z.string()),
  checks: z.array(z.object({ check: z.string(), status: z.string(), message: z.string() })),
});

let scenario: Scenario;
let before: Inventory;
let directory: string;

beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  before = takeInventory(scenario.cloud);
  directory = await mkdtemp(join(tmpdir(), "holdfast-smoke-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await scenario[Symbol.asyncDispose]();
});

/** As whoever has an account starts it, with nothing but the endpoint and its keys changed. */
function start(...args: string[]): { child: ChildProcess; ended: Promise<number | null>; output: () => string } {
  const { endpoints } = scenario.cloud;
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoints.aws,
    AWS_ACCESS_KEY_ID: "holdfast",
    AWS_SECRET_ACCESS_KEY: "holdfast",
  };
  const child = spawn(process.execPath, [MAIN, ...args, "--directory", directory], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  const ended = once(child, "exit").then(([code]) => (typeof code === "number" ? code : null));
  return { child, ended, output: () => output };
}

function begin(only: string) {
  const { region, api } = scenario.cloud.endpoints;
  return start("--region", region, "--api", api, "--only", only, "--yes");
}

/** The run that has no report yet, once its state says that it is at this check. */
async function reaches(check: string): Promise<string> {
  return await eventually(
    async () => {
      for (const run of await readdir(directory)) {
        const files = await readdir(join(directory, run));
        if (files.includes("report.json") || !files.includes("state.json")) continue;
        const state = State.parse(JSON.parse(await readFile(join(directory, run, "state.json"), "utf8")));
        if (state.running === check && state.begun.length > 0) return run;
      }
      return "";
    },
    (run) => run !== "",
    60_000,
  );
}

async function reportOf(run: string) {
  const text = await readFile(join(directory, run, "report.json"), "utf8");
  // Neither the account nor a key, and no certificate.
  expect(text).not.toMatch(/123456789012|BEGIN |AKIA|ASIA/);
  return Report.parse(JSON.parse(text));
}

test("smoke:aws without --yes says what it costs, and makes nothing", async () => {
  const { region } = scenario.cloud.endpoints;
  const { ended, output } = start("--region", region);

  expect(await ended).toBe(0);
  expect(output()).toMatch(/Together about \$\d\.\d\d by list prices, and 72 minutes\./);
  expect(output()).toContain("Nothing was made. Add --yes to begin.");
  expect(await readdir(directory)).toEqual([]);
  expect(compareInventories(before, takeInventory(scenario.cloud))).toEqual([]);
});

test("what a run has left is found by its tag, and removed in AWS's order", async () => {
  const { endpoints } = scenario.cloud;
  vi.stubEnv("AWS_ENDPOINT_URL", endpoints.aws);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "holdfast");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "holdfast");
  const aws = clientsFor(endpoints.region);
  const run = "smoke-20260101-0000-0000";
  await leaveThings(run);
  expect(compareInventories(before, takeInventory(scenario.cloud)).length).toBeGreaterThan(5);

  expect(await runsInAccount(aws)).toEqual([run]);
  expect(await sweep(aws, run, () => {})).toEqual([]);

  expect(await runsInAccount(aws)).toEqual([]);
  expect(compareInventories(before, takeInventory(scenario.cloud))).toEqual([]);
  vi.unstubAllEnvs();
});

test("clusters that a run has left are deleted by Holdfast, which would repair what is removed behind its back", async () => {
  const { api, region, aws } = scenario.cloud.endpoints;
  vi.stubEnv("AWS_ENDPOINT_URL", aws);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "holdfast");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "holdfast");
  const run = "smoke-20260101-0000-0001";
  const name = `private.${run}.example.com`;
  const created = await scenario.holdfast(
    ...["create", "cluster", name, "--zones", "us-west-2a", "--node-count", "1"],
    ...["--cloud-labels", `holdfast-smoke=${run}`, "--yes", "--wait"],
  );
  expect(created.code).toBe(0);
  const said: string[] = [];

  await removeAbandoned({ region, directory, api }, (line) => said.push(line));

  expect(said).toEqual([`${name}: gone`]);
  expect(compareInventories(before, takeInventory(scenario.cloud))).toEqual([]);
  vi.unstubAllEnvs();
});

/** A network with a NAT gateway and a volume, as a creation that was cut off leaves them. */
async function leaveThings(run: string): Promise<void> {
  const { ec2 } = scenario;
  const tagged = (ResourceType: ResourceType) => ({
    TagSpecifications: [{ ResourceType, Tags: [{ Key: "holdfast-smoke", Value: run }] }],
  });
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16", ...tagged("vpc") }));
  const VpcId = Vpc?.VpcId;
  const subnet = { VpcId, CidrBlock: "10.0.0.0/24", AvailabilityZone: "us-west-2a" };
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ ...subnet, ...tagged("subnet") }));
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand(tagged("internet-gateway")));
  const InternetGatewayId = InternetGateway?.InternetGatewayId;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId }));
  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: "vpc", ...tagged("elastic-ip") }));
  const gateway = { SubnetId: Subnet?.SubnetId, AllocationId };
  await ec2.send(new CreateNatGatewayCommand({ ...gateway, ...tagged("natgateway") }));
  const [masters = "", nodes = ""] = await Promise.all(
    ["masters", "nodes"].map(async (GroupName) => {
      const group = { VpcId, GroupName, Description: "left", ...tagged("security-group") };
      return (await ec2.send(new CreateSecurityGroupCommand(group))).GroupId;
    }),
  );
  // As those of a cluster, which let each other in.
  for (const [GroupId, from] of [
    [masters, nodes],
    [nodes, masters],
  ] as const) {
    const IpPermissions = [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: from }] }];
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  }
  await ec2.send(new CreateVolumeCommand({ AvailabilityZone: "us-west-2a", Size: 1, ...tagged("volume") }));
}

test("smoke:aws that is killed in the middle continues with --resume, passes, and leaves nothing", async () => {
  const { child, ended } = begin("ha");
  const run = await reaches("create-ha");
  child.kill("SIGKILL");
  await ended;

  const resumed = start("--resume", run);
  const code = await resumed.ended;
  const { checks, ...report } = await reportOf(run);

  expect(checks.map(({ check, status, message }) => `${check} ${status}${status === "passed" ? "" : message}`)).toEqual(
    [
      "account passed",
      "stack passed",
      "create-ha passed",
      "authority-ha passed",
      "heal-terminated passed",
      "heal-detached passed",
      "delete-ha passed",
    ],
  );
  expect(report).toEqual({ counts: { passed: 7, failed: 0, skipped: 0 }, stopped: null, left: [] });
  expect(code).toBe(0);
  expect(compareInventories(before, takeInventory(scenario.cloud))).toEqual([]);
});

test.each([
  ["Ctrl-C", "SIGINT"],
  ["the end of the terminal", "SIGHUP"],
] as const)("%s in the middle of smoke:aws removes everything first, and the report says so", async (_, signal) => {
  const { child, ended } = begin("private");
  const run = await reaches("create-private");
  if (signal === "SIGHUP") for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  child.kill(signal);
  // A terminal sends it to npm as well, which sends it on.
  await delay(50);
  child.kill(signal);

  expect(await ended).toBe(1);
  const { checks, ...report } = await reportOf(run);
  expect(checks.map(({ check, status }) => `${check} ${status}`)).toEqual([
    "account passed",
    "stack passed",
    "create-private skipped",
    "disks-private skipped",
    "console-private skipped",
    "authority-private skipped",
    "delete-private passed",
  ]);
  expect(report).toEqual({
    counts: { passed: 3, failed: 0, skipped: 4 },
    stopped: "the run was stopped",
    left: [],
  });
  expect(compareInventories(before, takeInventory(scenario.cloud))).toEqual([]);
});
