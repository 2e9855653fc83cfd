import { setTimeout as delay } from "node:timers/promises";
import { DescribeInstancesCommand, RebootInstancesCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClusterView } from "../../functions/domain/api/views.ts";
import { etcdEndpoints } from "../support/consistency/endpoints.ts";
import { CREATE } from "../support/create.ts";
import { type DataWatch, watchData } from "../support/data-watch.ts";
import { whole } from "../support/events.ts";
import { type Healing, healingOf } from "../support/healing.ts";
import { eventually, memberOf, memberReplaced, type Scenario, startScenario } from "../support/scenario.ts";
import { giveVolume, pullVolume } from "../support/volume-moves.ts";

const SINGLE = "single.example.com";
const THREE = "three.example.com";
const ONE_MASTER = ["create", "cluster", "--zones", "us-west-2a", "--master-zones", "us-west-2a", "--node-count", "1"];

let scenario: Scenario;
let single: Healing;
let three: Healing;
beforeAll(async () => {
  scenario = await startScenario();
  for (const create of [
    [...ONE_MASTER, SINGLE],
    [...CREATE, THREE],
  ]) {
    expect(await scenario.holdfast(...create, "--yes", "--wait")).toMatchObject({ code: 0 });
  }
  single = await healingOf(scenario, SINGLE);
  three = await healingOf(scenario, THREE);
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

async function watch(name: string): Promise<DataWatch> {
  return watchData(await etcdEndpoints(scenario, await scenario.cluster(name)));
}

function volumesOf({ members }: ClusterView) {
  return members.map(({ volumeId }) => volumeId);
}

/** Something is done to a cluster; the old data, and nothing else, is served before, meanwhile and afterwards. */
async function survives(name: string, act: (before: ClusterView) => Promise<void>): Promise<ClusterView> {
  const before = await whole(scenario, name);
  await using data = await watch(name);
  const begun = Date.now();
  await act(before);
  const after = await whole(scenario, name);
  const answered = data.answers;
  await eventually(
    async () => data.answers,
    (answers) => answers > answered + 20,
    60_000,
  );
  console.log(`${name}: whole ${Date.now() - begun} ms after, silent for ${data.maxSilence()} ms`);
  expect(data.foreign).toEqual([]);
  expect(volumesOf(after)).toEqual(volumesOf(before));
  return after;
}

const unmount = "umount -l /var/lib/etcd";

test("single: unmounted on its host, its data is mounted again there", async () => {
  let instanceId: string | null = "";
  const after = await survives(SINGLE, async (before) => {
    ({ instanceId } = memberOf(before, "a"));
    await single.onHost("a", unmount);
    await eventually(
      () => single.onHost("a", "mountpoint -q /var/lib/etcd && echo mounted").catch(() => ""),
      Boolean,
      60_000,
    );
  });

  expect(memberOf(after, "a").instanceId).toBe(instanceId);
});

test("single: unmounted and mounted again at once, by hand, its etcd starts again there", async () => {
  let instanceId: string | null = "";
  const after = await survives(SINGLE, async (before) => {
    ({ instanceId } = memberOf(before, "a"));
    const pid = await single.onHost("a", "pgrep -xo etcd");
    await single.onHost("a", `${unmount}; mount /var/lib/etcd`);
    await eventually(
      () => single.onHost("a", "pgrep -xo etcd").catch(() => ""),
      (now) => now !== "" && now !== pid,
      30_000,
    );
  });

  expect(memberOf(after, "a").instanceId).toBe(instanceId);
});

test("single: its host boots without its volume", async () => {
  await survives(SINGLE, async (before) => {
    const { instanceId, volumeId } = memberOf(before, "a");
    await pullVolume(scenario, volumeId);
    await scenario.ec2.send(new RebootInstancesCommand({ InstanceIds: [instanceId ?? ""] }));
    await memberReplaced(scenario, SINGLE, memberOf(before, "a"), 180_000);
  });
});

test("single: what stands in the directory below the mount point is not served", async () => {
  await survives(SINGLE, async (before) => {
    await single.onHost(
      "a",
      `systemctl stop etcd; ${unmount}; mkdir -p /var/lib/etcd/data; cp /etc/hostname /var/lib/etcd/holdfast-identity`,
    );
    await pullVolume(scenario, memberOf(before, "a").volumeId);
    await delay(5_000);
    expect(await single.onHost("a", "systemctl is-active etcd || true")).not.toBe("active");
    await memberReplaced(scenario, SINGLE, memberOf(before, "a"), 180_000);
  });
});

test("single: a volume that a person has attached elsewhere is reported and left there, until it is free", async () => {
  await survives(SINGLE, async (before) => {
    const { volumeId, instanceId } = memberOf(before, "a");
    const { Reservations = [] } = await scenario.ec2.send(
      new DescribeInstancesCommand({ InstanceIds: [instanceId ?? ""] }),
    );
    const { ImageId, SubnetId } = Reservations[0]?.Instances?.[0] ?? {};
    const { Instances = [] } = await scenario.ec2.send(
      new RunInstancesCommand({ ImageId, SubnetId, InstanceType: "t3.medium", MinCount: 1, MaxCount: 1 }),
    );
    const forensics = Instances[0]?.InstanceId ?? "";
    await pullVolume(scenario, volumeId);
    await eventually(
      () =>
        giveVolume(scenario, volumeId, forensics).then(
          () => true,
          () => false,
        ),
      Boolean,
      60_000,
    );
    const degraded = await single.degraded();
    expect(degraded.reason).toContain(`the volume of a is attached to ${forensics}, which is not this cluster's`);
    expect(degraded.reason).toContain("Detach the named volume from that instance");
    expect(memberOf(degraded, "a").instanceId).toBe(instanceId);
    await pullVolume(scenario, volumeId);
    await memberReplaced(scenario, SINGLE, memberOf(before, "a"), 400_000);
    await scenario.terminate(forensics);
  });
});

test("three: a volume is detached, a host boots without it, another is unmounted", async () => {
  await survives(THREE, async (before) => {
    const { volumeId, instanceId } = memberOf(before, "b");
    await pullVolume(scenario, volumeId);
    await scenario.ec2.send(new RebootInstancesCommand({ InstanceIds: [instanceId ?? ""] }));
    await memberReplaced(scenario, THREE, memberOf(before, "b"), 240_000);
    await three.onHost("c", unmount);
  });

  expect(await three.explain()).toMatch(/The volume vol-\w+ of master b was detached from i-\w+/);
});

test("three: all of their volumes are detached at once", async () => {
  await survives(THREE, async (before) => {
    await Promise.all(before.members.map(({ volumeId }) => pullVolume(scenario, volumeId)));
    for (const member of before.members) await memberReplaced(scenario, THREE, member, 400_000);
  });
});
