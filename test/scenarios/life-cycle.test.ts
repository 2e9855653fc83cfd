import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { type CloudProcess, startCloudProcess } from "../support/cloud-process.ts";
import { eventually } from "../support/scenario.ts";

const COMMAND = join(import.meta.dirname, "../../cli/holdfast.mjs");
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
const CREATE = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "half.example.com", "--yes"];

/** Of a machine that does nothing else: five seconds; of one that runs other tests beside, some times that. */
const STOP_LIMIT_MS = 30_000;
const KILLED_LIMIT_MS = 5_000;

/** A local cloud in the middle of a creation: hosts run, user data is under way. */
async function amidCreation(by: "node" | "npm" = "node"): Promise<CloudProcess> {
  await using onFailure = new AsyncDisposableStack();
  const cloud = onFailure.use(await startCloudProcess(by));
  const { api, aws } = await cloud.ready();
  await promisify(execFile)(process.execPath, [COMMAND, ...CREATE], { env: { ...process.env, HOLDFAST_API: api } });
  const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
  const ec2 = new EC2Client({ endpoint: aws, region: "us-west-2", credentials });
  const running = { Filters: [{ Name: "instance-state-name", Values: ["running"] }] };
  await eventually(
    () => ec2.send(new DescribeInstancesCommand(running)),
    ({ Reservations = [] }) => Reservations.length > 0,
    30_000,
  );
  onFailure.move();
  return cloud;
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s during the start ends it in order, and nothing is left",
  async (signal) => {
    await using cloud = await startCloudProcess();
    await eventually(async () => existsSync(cloud.data), Boolean, STOP_LIMIT_MS);

    const { code, tookMs } = await cloud.end(signal);

    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(STOP_LIMIT_MS);
    expect(cloud.traces()).toEqual([]);
  },
);

test("Ctrl-C in the middle of a creation ends everything in order, and nothing is left", async () => {
  await using cloud = await amidCreation();

  const { code, tookMs } = await cloud.end("SIGINT");

  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(STOP_LIMIT_MS);
  expect(cloud.traces()).toEqual([]);
});

test("when the local cloud is killed, its hosts die with it", async () => {
  await using cloud = await amidCreation();
  expect(cloud.traces().length).toBeGreaterThan(3);

  await cloud.end("SIGKILL");

  await eventually(
    async () => cloud.traces(),
    (traces) => traces.length === 0,
    KILLED_LIMIT_MS,
  );
});

test.each(["SIGTERM", "SIGHUP", "SIGKILL"] as const)(
  "when npm is ended by %s, the local cloud ends with its hosts, and its port is free",
  async (signal) => {
    await using cloud = await amidCreation("npm");
    const { api } = await cloud.ready();
    expect(cloud.traces().filter((trace) => trace.includes("bwrap")).length).toBeGreaterThan(0);

    await cloud.end(signal);

    await eventually(
      async () => cloud.traces(),
      (traces) => traces.length === 0,
      STOP_LIMIT_MS,
    );
    await expect(fetch(api)).rejects.toThrow("fetch failed");
  },
);
