import {
  DeleteTagsCommand as DeleteGroupTagsCommand,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import {
  CreateSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeTagsCommand,
  DisassociateAddressCommand,
  ModifyNetworkInterfaceAttributeCommand,
  type NetworkInterface,
  ReleaseAddressCommand,
} from "@aws-sdk/client-ec2";
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  DescribeTagsCommand as ReadBalancerTagsCommand,
  RemoveTagsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
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

async function interfaceOfMaster(): Promise<NetworkInterface> {
  const { instanceId } = memberOf(await scenario.cluster(NAME), "a");
  const Filters = [{ Name: "attachment.instance-id", Values: [instanceId ?? ""] }];
  const { NetworkInterfaces = [] } = await scenario.ec2.send(new DescribeNetworkInterfacesCommand({ Filters }));
  const [found] = NetworkInterfaces;
  if (!found) throw new Error("the master has no interface");
  return found;
}

function groupsOf({ Groups = [] }: NetworkInterface): string[] {
  return Groups.map(({ GroupId = "" }) => GroupId);
}

async function tagsOf(id: string): Promise<Record<string, string>> {
  const Filters = [{ Name: "resource-id", Values: [id] }];
  const { Tags = [] } = await scenario.ec2.send(new DescribeTagsCommand({ Filters }));
  return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

async function typesOfEvents(): Promise<string[]> {
  const { stdout } = await scenario.holdfast("get", "events", NAME, "-o", "json");
  const items: { type: string }[] = JSON.parse(stdout).items;
  return items.map(({ type }) => type);
}

test("H4: a master's interface that was taken out of the masters' group is put back by the next reconcile", async () => {
  const before = await interfaceOfMaster();
  const { GroupId = "" } = await scenario.ec2.send(
    new CreateSecurityGroupCommand({ VpcId: before.VpcId, GroupName: "elsewhere", Description: "elsewhere" }),
  );
  const { NetworkInterfaceId } = before;
  await scenario.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [GroupId] }));

  await scenario.reconcile();

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

  await scenario.reconcile();

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

type Tags = Record<string, string>;
function asTags(tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Tags {
  return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** Resources of one service that are the cluster's, by id, and the removal of all their tags. */
interface Service {
  readonly read: () => Promise<Map<string, Tags>>;
  readonly strip: (ids: readonly string[]) => Promise<unknown>;
}

function ofEc2(type: string): Service {
  return {
    read: async () => {
      const Filters = [{ Name: "resource-type", Values: [type] }];
      const { Tags = [] } = await scenario.ec2.send(new DescribeTagsCommand({ Filters }));
      const ids = Tags.filter(({ Key }) => Key === "holdfast:uid").map(({ ResourceId = "" }) => ResourceId);
      return new Map(await Promise.all(ids.map(async (id) => [id, await tagsOf(id)] as const)));
    },
    strip: (ids) => scenario.ec2.send(new DeleteTagsCommand({ Resources: [...ids] })),
  };
}

const ofAutoScaling: Service = {
  read: async () => {
    const { AutoScalingGroups = [] } = await scenario.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    return new Map(
      AutoScalingGroups.map(({ AutoScalingGroupName = "", Tags }) => [AutoScalingGroupName, asTags(Tags)]),
    );
  },
  strip: async (ids) => {
    const before = await ofAutoScaling.read();
    const Tags = ids.flatMap((ResourceId) =>
      Object.keys(before.get(ResourceId) ?? {}).map((Key) => ({ ResourceId, ResourceType: "auto-scaling-group", Key })),
    );
    return scenario.autoScaling.send(new DeleteGroupTagsCommand({ Tags }));
  },
};

function ofBalancing(elb: ElasticLoadBalancingV2Client): Service {
  return {
    read: async () => {
      const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}));
      const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
      const arns = [
        ...LoadBalancers.map(({ LoadBalancerArn = "" }) => LoadBalancerArn),
        ...TargetGroups.map(({ TargetGroupArn = "" }) => TargetGroupArn),
      ];
      const { TagDescriptions = [] } = await elb.send(new ReadBalancerTagsCommand({ ResourceArns: arns }));
      return new Map(TagDescriptions.map(({ ResourceArn = "", Tags }) => [ResourceArn, asTags(Tags)]));
    },
    strip: async (ids) => {
      const TagKeys = [
        "Name",
        `kubernetes.io/cluster/${NAME}`,
        "holdfast:cluster",
        "holdfast:uid",
        "holdfast:resource",
      ];
      return elb.send(new RemoveTagsCommand({ ResourceArns: [...ids], TagKeys }));
    },
  };
}

function untilStatus() {
  return eventually(
    () => scenario.cluster(NAME),
    ({ status, operation }) => status === "ACTIVE" && operation === null,
    20_000,
  );
}

/** What two reconciles find within ten seconds is one repair: the second of two tests may have to ask again. */
function reconciled<T>(read: () => Promise<T>) {
  return async (): Promise<T> => {
    await scenario.reconcile();
    return read();
  };
}

test.each([
  ["security groups", () => ofEc2("security-group"), 2],
  ["a master's instance", () => ofEc2("instance"), 1],
  ["launch templates", () => ofEc2("launch-template"), 2],
  ["Auto Scaling groups", () => ofAutoScaling, 2],
  [
    "the load balancer and its target group",
    () => {
      const credentials = { accessKeyId: "holdfast", secretAccessKey: "holdfast" };
      const { aws: endpoint, region } = scenario.cloud.endpoints;
      return ofBalancing(new ElasticLoadBalancingV2Client({ endpoint, region, credentials }));
    },
    2,
  ],
])("R6: tags that were removed from %s are put back by the next reconcile", async (what, service, count) => {
  const { instanceId } = memberOf(await untilStatus(), "a");
  const { read, strip } = service();
  const before = await read();
  const ids = what === "a master's instance" ? [instanceId ?? ""] : [...before.keys()];
  expect(ids).toHaveLength(count);
  await strip(ids);
  expect((await read()).get(ids[0] ?? "")?.["holdfast:uid"]).toBeUndefined();

  const isBack = (now: Map<string, Tags>) => ids.every((id) => now.get(id)?.["holdfast:uid"] !== undefined);
  expect(await eventually(reconciled(read), isBack, 30_000)).toEqual(before);
  expect(memberOf(await untilStatus(), "a").instanceId).toBe(instanceId);
});

test("R6: a launch template and its group that lost their tags together are both put back", async () => {
  await untilStatus();
  const templates = ofEc2("launch-template");
  const before = [await templates.read(), await ofAutoScaling.read()];
  await templates.strip([...(before[0]?.keys() ?? [])]);
  await ofAutoScaling.strip([...(before[1]?.keys() ?? [])]);

  const read = async () => [await templates.read(), await ofAutoScaling.read()];
  const isBack = ([first, second]: Map<string, Tags>[]) =>
    first?.size === 2 && [...(second?.values() ?? [])].every((tags) => tags["holdfast:uid"] !== undefined);
  expect(await eventually(reconciled(read), isBack, 30_000)).toEqual(before);
  await untilStatus();
});

test("B1: a master whose Elastic IP was released gets another, and no instance is replaced", async () => {
  const { Association } = await interfaceOfMaster();
  const { instanceId } = memberOf(await scenario.cluster(NAME), "a");
  await scenario.ec2.send(new DisassociateAddressCommand({ AssociationId: Association?.AssociationId }));
  await scenario.ec2.send(new ReleaseAddressCommand({ AllocationId: Association?.AllocationId }));

  // A look of the last 15 seconds is believed. Or the reconcile of this minute was quicker, and a repair is about it.
  const validated = async () => (await scenario.holdfast("validate", "cluster", NAME)).stdout;
  const named = /[Tt]he Elastic IP of master a was released|status is REPAIRING/;
  expect(await eventually(validated, (stdout) => named.test(stdout), 30_000)).toMatch(named);
  await scenario.reconcile();

  const after = await eventually(interfaceOfMaster, (found) => found.Association !== undefined, 20_000);
  expect(after.Association?.AllocationId).not.toBe(Association?.AllocationId);
  expect(await tagsOf(after.Association?.AllocationId ?? "")).toMatchObject({
    "holdfast:resource": "address/master-a",
    "holdfast:member": "a",
  });
  expect(await eventually(typesOfEvents, (types) => types.includes("address-restored"), 10_000)).toContain(
    "address-restored",
  );
  const whole = await eventually(
    () => scenario.cluster(NAME),
    ({ status, operation }) => status === "ACTIVE" && operation === null,
    20_000,
  );
  expect(memberOf(whole, "a").instanceId).toBe(instanceId);
});
