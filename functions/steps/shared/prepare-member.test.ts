import { expect, test } from "vitest";
import { restorationRecord } from "../../../test/support/restoration.ts";
import { Account } from "../../../test/support/steps/account.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { CREATING, expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import type { InterfaceRequest } from "../../aws/ec2/interfaces.ts";
import type { TemplateRequest } from "../../aws/ec2/launch-templates.ts";
import type { VolumeRequest } from "../../aws/ec2/storage.ts";
import { OwnershipConflict } from "../../domain/cluster/errors.ts";
import { parameterName } from "../../domain/cluster/naming.ts";
import { type MemberRecord, ownerOf } from "../../domain/cluster/records.ts";
import { prepareMember } from "./prepare-member.ts";

const INPUT = { cluster: NAME, operation: "create-1", member: "a" };
const env = { AWS_REGION: "us-west-2", HEARTBEAT_TABLE: "heartbeats", INSTANCE_ARNS: "arn:instance/" };

/** "Create network" has made the member's interface; volumes are made by their client token, so one a generation. */
function newStage({ known = {} }: { known?: Partial<MemberRecord> } = {}) {
  const cluster = clusterRecord({ status: "CREATING", operation: "create-1" });
  const blank = { volumeId: null, instanceId: null, health: "pending" as const, ...known };
  const account = new Account(cluster, []);
  account.parameters.set(parameterName.member(ownerOf(cluster), "a"), "certificates of before");
  const made = {
    parameters: account.parameters,
    volumes: new Map<string, VolumeRequest>(),
    templates: new Map<string, TemplateRequest>(),
    groups: new Map<string, unknown>(),
  };
  const aws = {
    ...account.calls,
    ensureVolume: async (_: unknown, wanted: VolumeRequest) => {
      made.volumes.set(`vol-${wanted.member}-${wanted.generation}`, wanted);
      return `vol-${wanted.member}-${wanted.generation}`;
    },
    ensureInterface: async (_: unknown, { member, address = "" }: InterfaceRequest) => ({
      interfaceId: `eni-${member}`,
      address,
    }),
    ensureMemberAddress: async () => "eipalloc-a",
    ensureLaunchTemplate: async (_: unknown, wanted: TemplateRequest) => {
      made.templates.set(wanted.resource, wanted);
      return "lt-a";
    },
    ensureMasterGroup: async (_: unknown, wanted: { readonly name: string }) => void made.groups.set("a", wanted),
  };
  return { store: new MemoryStore(cluster, [memberRecord("a", blank)]), aws, env, made };
}

test("volume, interface, launch template and group of one master, in its zone", async () => {
  const stage = newStage();

  await run(prepareMember, stage, INPUT, { begun: CREATING });

  expect(stage.store.member("a")).toMatchObject({ volumeId: "vol-a-1", interfaceId: "eni-a", generation: 1 });
  expect(stage.made.volumes.get("vol-a-1")).toMatchObject({ zone: "us-west-2a" });
  expect(stage.made.groups.get("a")).toMatchObject({ zone: "us-west-2a", launchTemplateId: "lt-a" });
  expect(stage.made.templates.get("launch-template/master-a")).toMatchObject({ network: { interfaceId: "eni-a" } });
  const text = [...stage.made.parameters].find(([name]) => name.includes("volume"))?.[1];
  expect(text).toBe("vol-a-1 1 new");
});

test("a master's root volume has the size of the spec", async () => {
  const stage = newStage();
  const cluster = await stage.store.getCluster(NAME);
  stage.store.clusters.set(NAME, { ...cluster, spec: { ...cluster.spec, masterRootVolumeGiB: 30 } });

  await run(prepareMember, stage, INPUT, { begun: CREATING });

  expect(stage.made.templates.get("launch-template/master-a")?.rootVolumeGiB).toBe(30);
});

test("the boot script names the member, its address and all of its peers", async () => {
  const stage = newStage();

  await run(prepareMember, stage, INPUT, { begun: CREATING });

  const { userData = "" } = stage.made.templates.get("launch-template/master-a") ?? {};
  const { plan } = await stage.store.getCluster(NAME);
  for (const { address } of plan.members) expect(userData).toContain(address);
});

test("a member that has had a volume keeps it: a blank one in its place is a repair's to explain to etcd", async () => {
  const stage = newStage({ known: { volumeId: "vol-old", generation: 3 } });

  await run(prepareMember, stage, INPUT);

  expect(stage.made.volumes.size).toBe(0);
  expect(stage.store.member("a")).toMatchObject({ volumeId: "vol-old", generation: 3 });
  expect([...stage.made.parameters.values()]).not.toContain("vol-old 3 new");
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(prepareMember, newStage, INPUT, CREATING);
});

test("a volume that is another's ends it with OwnershipConflict, and makes no group", async () => {
  const stage = newStage();
  const aws = { ...stage.aws, ensureVolume: async () => Promise.reject(new OwnershipConflict("vol-9 is another's")) };

  await expect(run(prepareMember, { ...stage, aws }, INPUT)).rejects.toThrow(OwnershipConflict);
  expect(stage.made.groups.size).toBe(0);
});

test("17.5: a master of a cluster that takes another one over has its volume on hold from the beginning", async () => {
  const takingOver = () => {
    const stage = newStage();
    const restoration = restorationRecord({ heldAt: 0, takeover: { endpoint: null, hostsForgotten: false } });
    stage.store.clusters.set(NAME, clusterRecord({ status: "CREATING", operation: "create-1", restoration }));
    return stage;
  };
  const stage = takingOver();

  await run(prepareMember, stage, INPUT, { begun: CREATING });

  expect([...stage.made.parameters.values()]).toContain("vol-a-1 1 hold-new");
  expect(stage.store.member("a")?.restoring).toEqual({
    former: { volumeId: null, generation: 1 },
    generation: 1,
    keptSnapshot: null,
  });
  await expectRepeatable(prepareMember, takingOver, INPUT, CREATING);
});
