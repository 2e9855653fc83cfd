import { DescribeVpcsCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EventViewSchema } from "../../functions/domain/api/views.ts";
import { SimulatedDriver } from "../../local/hosts/simulated/driver.ts";
import { CREATE } from "../support/create.ts";
import { memberOf, type Scenario, startScenario } from "../support/scenario.ts";

const SOURCE = "source.example.com";
const TAKERS = ["one.example.com", "two.example.com"];

let scenario: Scenario;
let hosts: SimulatedDriver;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated", workflowSpeed: 20 });
  if (!(scenario.cloud.hosts instanceof SimulatedDriver)) throw new Error("these are no simulated hosts");
  hosts = scenario.cloud.hosts;
});
afterAll(async () => {
  expect(hosts.forks()).toEqual([]);
  await scenario[Symbol.asyncDispose]();
});

async function done(...args: string[]): Promise<void> {
  const { code, stderr } = await scenario.holdfast(...args);
  if (code !== 0) throw new Error(stderr);
}

async function keysOf(cluster: string): Promise<Readonly<Record<string, string>>> {
  return hosts.keysOf(memberOf(await scenario.cluster(cluster), "b").instanceId ?? "");
}

async function vpcNames(): Promise<string[]> {
  const { Vpcs = [] } = await scenario.ec2.send(new DescribeVpcsCommand({}));
  return Vpcs.flatMap(({ Tags = [] }) => Tags.find(({ Key }) => Key === "holdfast:cluster")?.Value ?? []);
}

test("17.5: of two takeovers of one source at once one is refused before anything is made; the other has the data, without the former hosts", async () => {
  await done(...CREATE, SOURCE, "--backup-interval", "0", "--yes", "--wait");
  const before = await keysOf(SOURCE);
  await done("backup", "cluster", SOURCE, "--wait");
  await done("delete", "cluster", SOURCE, "--yes", "--wait");

  const flags = ["--from-backup", `${SOURCE}/latest`, "--takeover", "--yes", "--wait"];
  const outcomes = await Promise.all(
    TAKERS.map(async (name) => ({ name, ...(await scenario.holdfast("create", "cluster", name, ...flags)) })),
  );

  const [taken, ...others] = outcomes.filter(({ code }) => code === 0);
  const [refused] = outcomes.filter(({ code }) => code !== 0);
  expect(others).toEqual([]);
  expect(taken === undefined ? outcomes.map(({ stderr }) => stderr.slice(-900)) : []).toEqual([]);
  const name = taken?.name ?? "";
  expect(refused).toMatchObject({
    code: 4,
    stderr: expect.stringContaining(`${SOURCE} has been taken over by ${name} already; delete that first`),
  });
  expect(await vpcNames()).toEqual([name]);
  expect((await scenario.holdfast("get", "clusters", refused?.name ?? "")).code).not.toBe(0);

  const cluster = await scenario.cluster(name);
  const after = await keysOf(name);
  const hostKeys = (keys: object) =>
    Object.keys(keys)
      .filter((key) => /^\/registry\/(nodes|masters)\//.test(key))
      .toSorted();
  expect(cluster).toMatchObject({ status: "ACTIVE", quorum: { healthy: 3 } });
  expect(hostKeys(before)).toHaveLength(4);
  expect(hostKeys(after)).toEqual(
    [
      ...cluster.members.map(({ instanceId }) => `/registry/masters/${instanceId}`),
      ...cluster.nodes.map((node) => `/registry/nodes/${node.name}`),
    ].toSorted(),
  );
  const endpoint = "/registry/configmaps/cluster-info";
  expect(before[endpoint]).toContain(".elb.");
  expect(after[endpoint]).not.toBe(before[endpoint]);
  const types = (await scenario.api.list(`/clusters/${name}/events`, EventViewSchema)).map(({ type }) => type);
  expect(types).toEqual(expect.arrayContaining(["data-taken-over", "cluster-active"]));
});
