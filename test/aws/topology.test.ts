import {
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVolumesCommand,
  type Tag,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TAG } from "../../functions/domain/naming.ts";
import { memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";

/** Both topologies with one and with three masters, in an account where an address is lent to new interfaces only. */
const ZONES = "us-west-2a,us-west-2b,us-west-2c";
let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

const create = async (name: string, topology: string, masterZones: string) => {
  const shape = ["--zones", ZONES, "--master-zones", masterZones, "--node-count", "1", "--topology", topology];
  const { code, stderr } = await scenario.holdfast("create", "cluster", ...shape, name, "--yes", "--wait");
  return { code, stderr, status: (await scenario.cluster(name)).status };
};

/** Elastic IPs by the logical names in their tags: which interface each belongs to. */
const addressesOf = async (uid: string): Promise<Record<string, string | undefined>> => {
  const Filters = [{ Name: `tag:${TAG.uid}`, Values: [uid] }];
  const { Addresses = [] } = await scenario.ec2.send(new DescribeAddressesCommand({ Filters }));
  const nameOf = (tags: Tag[] = []) => tags.find(({ Key }) => Key === TAG.resource)?.Value ?? "";
  return Object.fromEntries(Addresses.map(({ Tags, NetworkInterfaceId }) => [nameOf(Tags), NetworkInterfaceId]));
};

const uidOf = async (name: string): Promise<string> => {
  const { Volumes = [] } = await scenario.ec2.send(
    new DescribeVolumesCommand({ Filters: [{ Name: `tag:${TAG.cluster}`, Values: [name] }] }),
  );
  return Volumes[0]?.Tags?.find(({ Key }) => Key === TAG.uid)?.Value ?? "";
};

const interfaceOf = async (instanceId: string | null): Promise<string | undefined> => {
  const Filters = [{ Name: "attachment.instance-id", Values: [instanceId ?? ""] }];
  const { NetworkInterfaces = [] } = await scenario.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  return NetworkInterfaces[0]?.NetworkInterfaceId;
};

test("B1: both topologies become ACTIVE, with one master and with three", async () => {
  const results = await Promise.all([
    create("public-three.example.com", "public", ZONES),
    create("public-one.example.com", "public", "us-west-2a"),
    create("private-three.example.com", "private", ZONES),
    create("private-one.example.com", "private", "us-west-2a"),
  ]);

  expect(results).toEqual(Array(4).fill({ code: 0, stderr: expect.any(String), status: "ACTIVE" }));
});

test("B1: a master keeps its Elastic IP when its instance is replaced, and deletion releases all of them", async () => {
  const name = "public-three.example.com";
  const uid = await uidOf(name);
  const addresses = await addressesOf(uid);
  const before = memberOf(await scenario.cluster(name), "b");
  expect(Object.keys(addresses).toSorted()).toEqual(["address/master-a", "address/master-b", "address/master-c"]);
  expect(addresses["address/master-b"]).toBe(await interfaceOf(before.instanceId));

  await scenario.terminate(before.instanceId ?? "");
  const after = memberOf(await memberReplaced(scenario, name, before, 60_000), "b");
  expect(await addressesOf(uid)).toEqual(addresses);
  expect(await interfaceOf(after.instanceId)).toBe(addresses["address/master-b"]);

  const { code } = await scenario.holdfast("delete", "cluster", name, "--yes", "--wait");
  expect(code).toBe(0);
  expect(await addressesOf(uid)).toEqual({});
});
