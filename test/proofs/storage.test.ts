import {
  AttachVolumeCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DescribeSnapshotsCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { listMembers, updateMember } from "../../functions/store/members.ts";
import { type Healing, startHealing } from "../support/healing.ts";
import { eventually, memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";

const NAME = "storage.example.com";

let scenario: Scenario;
let healing: Healing;
beforeAll(async () => {
  ({ scenario, healing } = await startHealing(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await healing.fault("clear");
});

async function tagsOf(volumeId: string | null): Promise<Record<string, string>> {
  const { Volumes = [] } = await scenario.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId ?? ""] }));
  return Object.fromEntries((Volumes[0]?.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}

test.each([
  ["db", "flip", "a"],
  ["db", "truncate", "b"],
  ["wal", "flip", "c"],
])(
  "V5: a volume whose %s is damaged (%s) is distinguished from a hang: kept, and the member begins again",
  async (file, how, member) => {
    const before = await healing.whole();
    const ids = await healing.memberIds();
    await scenario.etcdctl(NAME, "put", `${file}-${how}`, "kept");
    await healing.fault("volume", "corrupt", `${NAME}/${member}`, "--json", JSON.stringify({ file, how, seed: 3 }));

    await healing.found();
    const healed = await memberReplaced(scenario, NAME, memberOf(before, member), 120_000);

    const former = memberOf(before, member).volumeId;
    expect(memberOf(healed, member).volumeId).not.toBe(former);
    expect((await healing.memberIds())[member]).not.toBe(ids[member]);
    expect(await tagsOf(former)).toMatchObject({ "holdfast:damaged": "true", "holdfast:member": member });
    expect(await healing.explain()).toContain(
      `Volume ${former} of member ${member} is not usable on a new instance either`,
    );
    expect(await scenario.etcdctl(NAME, "get", "--print-value-only", `${file}-${how}`)).toBe("kept");
  },
);

/** Somebody puts another volume in the place of a member's, everywhere that Holdfast looks. */
async function substitute(member: string, volumeId: string): Promise<void> {
  await updateMember(healing.table, NAME, member, { volumeId });
  const Name = `/holdfast/${NAME}/masters/${member}-volume`;
  const generation = await healing.onHost(member, "cut -d' ' -f3 /var/lib/etcd/holdfast-identity");
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const client = { endpoint, region, credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" } };
  await new SSMClient(client).send(
    new PutParameterCommand({ Name, Value: `${volumeId} ${generation} in-use`, Type: "String", Overwrite: true }),
  );
}

/** A volume that carries the member's tags, blank or from a snapshot of what the member has now. */
async function volumeLike(member: string, from: "blank" | "snapshot"): Promise<string> {
  const { volumeId, zone } = memberOf(await scenario.cluster(NAME), member);
  const Tags = Object.entries({ ...(await tagsOf(volumeId)), "holdfast:resource": `volume/${member}/by-hand` });
  const SnapshotId = from === "blank" ? undefined : await snapshotOf(volumeId ?? "");
  const { VolumeId = "" } = await scenario.ec2.send(
    new CreateVolumeCommand({
      AvailabilityZone: zone,
      ...(SnapshotId === undefined ? { Size: 20 } : { SnapshotId }),
      TagSpecifications: [{ ResourceType: "volume", Tags: Tags.map(([Key, Value]) => ({ Key, Value })) }],
    }),
  );
  return VolumeId;
}

async function snapshotOf(VolumeId: string): Promise<string> {
  const { SnapshotId = "" } = await scenario.ec2.send(new CreateSnapshotCommand({ VolumeId }));
  const state = async () => {
    const { Snapshots = [] } = await scenario.ec2.send(new DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId] }));
    return Snapshots[0]?.State;
  };
  await eventually(state, (seen) => seen === "completed", 60_000);
  return SnapshotId;
}

test.each([
  ["blank", "a", "is blank, but member a had data on it"],
  ["snapshot", "b", "is a copy of vol-"],
] as const)(
  "V4: a volume that is a %s in the place of a member's is refused, never formatted over",
  async (from, member, said) => {
    const before = await healing.whole();
    const ids = await healing.memberIds();
    const stranger = await volumeLike(member, from);
    await substitute(member, stranger);
    await scenario.etcdctl(NAME, "put", from, "kept");

    await scenario.terminate(memberOf(before, member).instanceId ?? "");
    const healed = await memberReplaced(scenario, NAME, memberOf(before, member), 300_000);

    expect(await healing.explain()).toContain(said);
    expect(memberOf(healed, member).volumeId).not.toBe(stranger);
    expect((await healing.memberIds())[member]).not.toBe(ids[member]);
    expect(await tagsOf(stranger)).toMatchObject({ "holdfast:damaged": "true" });
    expect(await tagsOf(memberOf(before, member).volumeId)).not.toHaveProperty("holdfast:damaged");
    expect(await scenario.etcdctl(NAME, "get", "--print-value-only", from)).toBe("kept");
  },
);

test("Q5: out of space is no unhealthy instance: degraded with what to do, whole when it was done", async () => {
  const before = await healing.whole();
  const pki = "/etc/kubernetes/pki";
  const curl = `curl -sf --cacert ${pki}/etcd/ca.crt --cert ${pki}/apiserver-etcd-client.crt --key ${pki}/apiserver-etcd-client.key`;
  const alarm = `'{"action":"ACTIVATE","memberID":"0","alarm":"NOSPACE"}'`;
  await healing.onHost("a", `${curl} -d ${alarm} https://127.0.0.1:2379/v3/maintenance/alarm`);

  await healing.found();
  const degraded = await healing.degraded();
  await scenario.etcdctl(NAME, "alarm", "disarm");
  await healing.found();
  const after = await healing.whole();

  expect(degraded.reason).toContain("etcd has no space");
  expect(degraded.reason).toContain("etcdctl alarm disarm");
  expect(after.members).toMatchObject(before.members.map(({ instanceId, volumeId }) => ({ instanceId, volumeId })));
});

test("V1: a volume that hangs attaching goes with its instance, unforced, and the next one gets it", async () => {
  const before = await healing.whole();
  const { volumeId, instanceId } = memberOf(before, "c");
  await healing.fault("volume", "stuck-attaching", volumeId ?? "", "--json", '{"durationMs":90000}');
  const calls = scenario.calls.length;

  await scenario.terminate(instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, memberOf(before, "c"), 400_000);

  expect(memberOf(healed, "c").volumeId).toBe(volumeId);
  expect(await healing.explain()).toContain(`Volume ${volumeId} was attaching to`);
  expect(scenario.calls.slice(calls).filter(({ operation }) => operation === "DetachVolume")).toEqual([]);
});

test("V2: a volume that hangs detaching is waited for until EC2 says that its holder is terminated", async () => {
  const before = await healing.whole();
  const { volumeId, instanceId } = memberOf(before, "a");
  await healing.fault("volume", "stuck-detaching", volumeId ?? "", "--json", '{"durationMs":60000}');
  const { code } = await scenario.holdfast("local", "fault", "host", "freeze", `${NAME}/a`);
  const calls = scenario.calls.length;

  await scenario.terminate(instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, memberOf(before, "a"), 400_000);

  expect(code).toBe(0);
  expect(memberOf(healed, "a").volumeId).toBe(volumeId);
  const detaches = scenario.calls.slice(calls).filter(({ operation }) => operation === "DetachVolume");
  expect(detaches.length).toBeLessThanOrEqual(1);
});

test("V6: beside a copy of its volume, under names that each boot deals again, a master mounts its own", async () => {
  const before = await healing.whole();
  const ids = await healing.memberIds();
  const { instanceId, volumeId, zone } = memberOf(before, "b");
  const SnapshotId = await snapshotOf(volumeId ?? "");
  const { VolumeId } = await scenario.ec2.send(new CreateVolumeCommand({ AvailabilityZone: zone, SnapshotId }));
  const toIt = { VolumeId, InstanceId: instanceId ?? "", Device: "/dev/sdg" };
  await eventually(() => scenario.ec2.send(new AttachVolumeCommand(toIt)).catch(() => undefined), Boolean, 60_000);

  for (const boot of ["first", "second", "third"]) {
    await healing.onHost("b", "touch /run/former-boot");
    await healing.fault("host", "reboot", `${NAME}/b`);
    const booted = "[ ! -e /run/former-boot ] && cut -d' ' -f4 /var/lib/etcd/holdfast-identity";
    const mounted = await eventually(
      () => healing.onHost("b", booted).catch(() => ""),
      (id) => id !== "",
      60_000,
    );
    expect({ boot, mounted }).toEqual({ boot, mounted: volumeId });
    await scenario.etcdctl(NAME, "put", "boot", boot);
  }
  const after = await healing.whole();

  expect(memberOf(after, "b")).toMatchObject({ instanceId, volumeId });
  expect(await healing.memberIds()).toEqual(ids);
});

test("Q6: a learner that never catches up is taken out again; the cluster continues as before, and tries again later", async () => {
  const before = await healing.whole();
  const ids = await healing.memberIds();
  const { instanceId, volumeId } = memberOf(before, "b");
  const refuse = { code: "ThrottlingException", match: "holdfast-promote-member" };
  await healing.fault("api", "error", "ssm:SendCommand", "--json", JSON.stringify(refuse));
  await healing.fault("volume", "corrupt", `${NAME}/b`, "--json", '{"file":"wal"}');
  await scenario.terminate(instanceId ?? "");
  const record = async () => (await listMembers(healing.table, NAME)).find(({ member }) => member === "b");
  const begun = await eventually(record, (seen) => seen?.renewal != null, 300_000);

  // Ten minutes of refusal, without the waiting.
  const renewal = { formerId: "0", generation: 2, ...begun?.renewal, since: Date.now() - 11 * 60_000 };
  await updateMember(healing.table, NAME, "b", { renewal });
  const degraded = await healing.degraded();
  const without = await healing.memberIds();
  await healing.fault("clear");
  const given = await record();
  await updateMember(healing.table, NAME, "b", {
    damage: { volumeId: given?.volumeId ?? "", reason: given?.damage?.reason ?? "", retryAt: Date.now() - 1 },
  });
  await healing.found();
  const after = await healing.whole(400_000);

  expect(degraded.reason).toContain("Member b did not catch up within ten minutes");
  expect(without).toEqual({ a: ids["a"], c: ids["c"] });
  expect(memberOf(after, "b").volumeId).not.toBe(volumeId);
  expect(await healing.memberIds()).toMatchObject({ a: ids["a"], c: ids["c"] });
});
