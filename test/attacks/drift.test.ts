import {
  CreateSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeTagsCommand,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInterface,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "drift.example.com";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  const flags = ["--zones", "us-west-2a", "--node-count", "1", "--yes", "--wait"];
  const { code, stderr } = await scenario.holdfast("create", "cluster", NAME, ...flags);
  if (code !== 0) throw new Error(stderr);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

const interfaceOfMaster = async (): Promise<NetworkInterface> => {
  const { instanceId } = memberOf(await scenario.cluster(NAME), "a");
  const Filters = [{ Name: "attachment.instance-id", Values: [instanceId ?? ""] }];
  const { NetworkInterfaces = [] } = await scenario.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  const [found] = NetworkInterfaces;
  if (!found) throw new Error("the master has no interface");
  return found;
};

const groupsOf = ({ Groups = [] }: NetworkInterface): string[] => Groups.map(({ GroupId = "" }) => GroupId);

const tagsOf = async (id: string): Promise<Record<string, string>> => {
  const Filters = [{ Name: "resource-id", Values: [id] }];
  const { Tags = [] } = await scenario.ec2.send(new DescribeTagsCommand({ Filters }));
  return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
};

const typesOfEvents = async (): Promise<string[]> => {
  const { stdout } = await scenario.holdfast("get", "events", NAME, "-o", "json");
  const items: { type: string }[] = JSON.parse(stdout).items;
  return items.map(({ type }) => type);
};

test("H4: a master's interface that was taken out of the masters' group is put back by the next reconcile", async () => {
  const before = await interfaceOfMaster();
  const { GroupId = "" } = await scenario.ec2.send(
    new CreateSecurityGroupCommand({ VpcId: before.VpcId, GroupName: "elsewhere", Description: "elsewhere" }),
  );
  const { NetworkInterfaceId } = before;
  await scenario.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [GroupId] }));

  await scenario.sweep();

  const after = await eventually(interfaceOfMaster, (found) => !groupsOf(found).includes(GroupId), 20_000);
  expect(groupsOf(after)).toEqual(groupsOf(before));
  expect(await eventually(typesOfEvents, (types) => types.includes("interface-groups-restored"), 10_000)).toContain(
    "interface-groups-restored",
  );
});

test("R6: tags that were removed from a master's volume and interface are put back, and no instance is replaced", async () => {
  const cluster = await eventually(
    () => scenario.cluster(NAME),
    ({ status, operation }) => status === "ACTIVE" && operation === null,
    20_000,
  );
  const { volumeId, instanceId } = memberOf(cluster, "a");
  const ids = [volumeId ?? "", (await interfaceOfMaster()).NetworkInterfaceId ?? ""];
  const before = await Promise.all(ids.map(tagsOf));
  const Tags = Object.keys(before[0] ?? {}).map((Key) => ({ Key }));
  await scenario.ec2.send(new DeleteTagsCommand({ Resources: ids, Tags }));

  await scenario.sweep();

  const read = () => Promise.all(ids.map(tagsOf));
  const after = await eventually(read, (all) => all.every((tags) => tags["holdfast:uid"] !== undefined), 20_000);
  expect(after).toEqual(before);
  const whole = await eventually(
    () => scenario.cluster(NAME),
    ({ status, operation }) => status === "ACTIVE" && operation === null,
    20_000,
  );
  expect(memberOf(whole, "a").instanceId).toBe(instanceId);
});
