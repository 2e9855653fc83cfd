import { DetachInstancesCommand } from "@aws-sdk/client-auto-scaling";
import { DeleteTagsCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { listResources } from "../support/account.ts";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";

const NAME = "detached.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  const create = ["create", "cluster", "--zones", ZONES, "--master-zones", ZONES, "--node-count", "1", NAME];
  expect(await scenario.holdfast(...create, "--yes", "--wait")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

async function groupOf(member: string) {
  return (await listResources(scenario.cloud)).find(
    ({ kind, name }) => kind === "scaling-group" && name === `group/master-${member}`,
  );
}

test("R2: an instance that left its group and hangs is ended by EC2, and the group has the next one", async () => {
  const before = memberOf(await scenario.cluster(NAME), "b");
  const detach = { AutoScalingGroupName: (await groupOf("b"))?.id, InstanceIds: [before.instanceId ?? ""] };
  await scenario.autoScaling.send(new DetachInstancesCommand({ ...detach, ShouldDecrementDesiredCapacity: false }));
  await scenario.holdfast("local", "fault", "host", "freeze-etcd", `${NAME}/b`);

  const after = await eventually(
    async () => {
      await scenario.reconcile();
      return scenario.cluster(NAME);
    },
    (cluster) => {
      const { health, instanceId } = memberOf(cluster, "b");
      return cluster.status === "ACTIVE" && health === "healthy" && instanceId !== before.instanceId;
    },
    90_000,
  );

  expect(memberOf(after, "b")).toMatchObject({ volumeId: before.volumeId, address: before.address });
  const { stdout } = await scenario.holdfast("get", "events", NAME);
  expect(stdout).not.toContain("AccessDenied");
});

test("R11: the preview of a deletion calls nothing foreign that goes with what is removed", async () => {
  const resources = await listResources(scenario.cloud);
  const interfaceOf = (resource: string) =>
    resources.find(({ kind, name }) => kind === "interface" && name === resource)?.id ?? "";
  const ours = ["holdfast:cluster", "holdfast:uid", "holdfast:resource", "holdfast:member"];
  const strip = (id: string, keys: readonly string[]) =>
    scenario.ec2.send(new DeleteTagsCommand({ Resources: [id], Tags: keys.map((Key) => ({ Key })) }));
  // One goes with its instance; the other still has the tag by which it is taken for Kubernetes' own.
  await strip(interfaceOf("interface-of/node"), [...ours, `kubernetes.io/cluster/${NAME}`]);
  await strip(interfaceOf("interface/b"), ours);

  const preview = await scenario.holdfast("delete", "cluster", NAME, "-o", "json");
  const deleted = await scenario.holdfast("delete", "cluster", NAME, "--yes", "--wait");

  const { blockers } = z.object({ blockers: z.array(z.string()) }).parse(JSON.parse(preview.stdout));
  expect(blockers).toEqual([]);
  expect(deleted).toMatchObject({ code: 0 });
});
