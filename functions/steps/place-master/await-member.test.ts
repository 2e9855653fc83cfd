import { expect, test } from "vitest";
import { restorationRecord } from "../../../test/support/restoration.ts";
import { Account } from "../../../test/support/steps/account.ts";
import { memberReport } from "../../../test/support/steps/host-words.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME } from "../../../test/support/steps/records.ts";
import { AGAIN, expectRepeatable, run } from "../../../test/support/steps/stage.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import {
  BootFailed,
  DataDamaged,
  InstanceGone,
  NotReadyYet,
  QuorumAtRisk,
  ReassessCluster,
} from "../../domain/cluster/errors.ts";
import { parameterName } from "../../domain/cluster/naming.ts";
import { ownerOf } from "../../domain/cluster/records.ts";
import { awaitMember } from "./await-member.ts";

const INPUT = { cluster: NAME, operation: "repair-1", member: "a", instanceId: "i-a", volumeId: "vol-a" };
const env = { AWAIT_MEMBER_DOCUMENT: "await-member" };
const OTHER = { healthy: false, status: null };

function newStage(report: Readonly<Record<string, unknown>> = {}) {
  const cluster = clusterRecord({ status: "REPAIRING", operation: "repair-1" });
  const members = [memberRecord("a", { health: "pending", generation: 2 }), memberRecord("b"), memberRecord("c")];
  const account = new Account(cluster, members);
  account.host = () => ({ ok: true, output: memberReport("a", report) });
  const aws = { ...account.calls, consoleTail: async () => "cloud-init: failed" };
  const volume = parameterName.volume(ownerOf(cluster), "a");
  return { store: new MemoryStore(cluster, members), aws, env, account, volume, made: account.parameters };
}

test("a member that commits reads is healthy, and its host learns that the volume has data", async () => {
  const stage = newStage();

  expect(await run(awaitMember, stage, INPUT)).toEqual({ memberId: "11" });
  expect(stage.store.member("a")).toMatchObject({ health: "healthy", usedVolumeId: "vol-a", bootFailures: null });
  expect(stage.account.parameters.get(stage.volume)).toBe("vol-a 2 in-use");
  expect(stage.store.eventTypes()).toEqual(["member-healthy"]);
});

test("a learner has joined, too, though it may not read yet", async () => {
  const status = [{ Status: { header: { cluster_id: 77, member_id: 11 }, leader: 22, isLearner: true } }];
  const stage = newStage({ healthy: false, status });

  await run(awaitMember, stage, INPUT);

  expect(stage.store.member("a")?.health).toBe("unhealthy");
  expect(stage.store.eventTypes()).toEqual(["member-learning"]);
});

test("18: the history names a second instance of the same operation, and each one once", async () => {
  const stage = newStage();

  for (const instanceId of ["i-a", "i-a", "i-b"]) {
    await run(awaitMember, stage, { ...INPUT, instanceId });
  }

  expect((await stage.store.listEvents(NAME)).map(({ message }) => message)).toEqual([
    "etcd member a is healthy on i-a, with volume vol-a.",
    "etcd member a is healthy on i-b, with volume vol-a.",
  ]);
});

test("it may run twice, and die at each of its calls", async () => {
  await expectRepeatable(awaitMember, newStage, INPUT);
});

test("one that is not healthy yet is waited for", async () => {
  await expect(run(awaitMember, newStage(OTHER), INPUT)).rejects.toThrow(NotReadyYet);
});

/** This step has waited for so many seconds, of a member whose others have these volumes. */
function waiting(seconds: number, volumes: Readonly<Record<string, string>>) {
  const stage = newStage(OTHER);
  for (const [id, state] of Object.entries(volumes)) stage.account.volumes.set(id, { state, attachedTo: null });
  const clock = new TestClock();
  const waitsSince = new Date(clock.now().getTime() - seconds * 1_000).toISOString();
  return run(awaitMember, stage, INPUT, { clock, begun: { ...AGAIN, waitsSince } });
}

test("17: where a majority's volumes are gone nobody commits: after half a minute that is said, not waited for", async () => {
  const gone = { "vol-b": "deleting", "vol-c": "error" };

  await expect(waiting(31, gone)).rejects.toThrow(QuorumAtRisk);
  await expect(waiting(31, gone)).rejects.toThrow("the volumes of b, c are gone");
  await expect(waiting(20, gone)).rejects.toThrow(NotReadyYet);
  await expect(waiting(31, { "vol-b": "deleting" })).rejects.toThrow(NotReadyYet);
});

/** A migration, or what places these members, has waited for half a minute for member c, which joins a and b. */
function waitingForThird(change: { readonly placing?: string[] | null; readonly lost?: string[] } = {}) {
  const { placing, lost = ["b"] } = change;
  const zones = ["us-west-2a", "us-west-2b", "us-west-2c"];
  const migration = { from: zones.slice(0, 2), to: zones, done: [], current: null, noRoll: false };
  const migrates = placing === undefined;
  const held = { status: migrates ? "UPDATING" : "REPAIRING", operation: "repair-1" } as const;
  const cluster = clusterRecord({ ...held, ...(migrates ? { migration } : {}) });
  const c = memberRecord("c", migrates ? { migrating: "joining" } : { health: "pending" });
  const members = [memberRecord("a"), memberRecord("b"), c];
  const account = new Account(cluster, members);
  account.host = () => ({ ok: true, output: memberReport("c", OTHER) });
  for (const member of lost) account.end(`i-${member}`);
  const aws = { ...account.calls, consoleTail: async () => "" };
  const clock = new TestClock();
  const waitsSince = new Date(clock.now().getTime() - 31_000).toISOString();
  const input = { ...INPUT, member: "c", instanceId: "i-c", volumeId: "vol-c", placing };
  const stage = { store: new MemoryStore(cluster, members), aws, env };
  return run(awaitMember, stage, input, { clock, begun: { ...AGAIN, waitsSince } });
}

test("18: a migration does not wait for a learner while a voter's instance is gone and no majority is left", async () => {
  await expect(waitingForThird()).rejects.toThrow(QuorumAtRisk);
  await expect(waitingForThird()).rejects.toThrow("b lost the instance, and no majority of etcd is left");
  await expect(waitingForThird({ lost: [] })).rejects.toThrow(NotReadyYet);
});

test("C1: nor does a repair wait for a master while another, which it does not place, loses its instance", async () => {
  await expect(waitingForThird({ placing: ["c"] })).rejects.toThrow(ReassessCluster);
  await expect(waitingForThird({ placing: ["c"] })).rejects.toThrow("b lost the instance meanwhile");
  await expect(waitingForThird({ placing: ["b", "c"] })).rejects.toThrow(NotReadyYet);
  await expect(waitingForThird({ placing: ["c"], lost: [] })).rejects.toThrow(NotReadyYet);
  // Of a creation, or after several rounds.
  await expect(waitingForThird({ placing: null })).rejects.toThrow(NotReadyYet);
});

test("17: a host that booted on hold is replaced once no restore is open: nobody would start its etcd", async () => {
  const stage = newStage({ ...OTHER, held: true });

  await expect(run(awaitMember, stage, INPUT)).rejects.toThrow("i-a booted on hold, and no restore is open");
  expect(stage.account.instances.get("i-a")?.state).toBe("terminated");
  expect(stage.store.member("a")?.bootFailures ?? null).toBeNull();
});

test("17: while a restore is open it is left on hold", async () => {
  const stage = newStage({ ...OTHER, held: true });
  await stage.store.updateCluster(NAME, "repair-1", { restoration: restorationRecord() }, new Date());

  await expect(run(awaitMember, stage, INPUT)).rejects.toThrow(NotReadyYet);
});

test("without its volume the flow goes back to attaching it", async () => {
  const stage = newStage(OTHER);
  const hasVolume = async () => false;

  await expect(run(awaitMember, { ...stage, aws: { ...stage.aws, hasVolume } }, INPUT)).rejects.toThrow(InstanceGone);
});

test("an instance that has ended is gone", async () => {
  const stage = newStage(OTHER);
  stage.account.end("i-a");

  await expect(run(awaitMember, stage, INPUT)).rejects.toThrow(InstanceGone);
});

test("a volume that etcd refuses on a fresh instance is damaged: named, and kept", async () => {
  const stage = newStage({ ...OTHER, refused: "wal: crc mismatch" });

  await expect(run(awaitMember, stage, INPUT)).rejects.toThrow(DataDamaged);
  expect(stage.store.member("a")?.damage).toEqual({ volumeId: "vol-a", reason: "wal: crc mismatch" });
  expect(stage.store.eventTypes()).toEqual(["volume-damaged"]);
});

test("an instance whose boot script fails is ended; the third in a row ends the operation", async () => {
  const stage = newStage({ ...OTHER, boot: "error" });
  const again = () => {
    stage.account.launch("a", "i-a");
    return run(awaitMember, stage, INPUT);
  };

  await expect(again()).rejects.toThrow(InstanceGone);
  expect(stage.account.instances.get("i-a")?.state).toBe("terminated");
  await expect(again()).rejects.toThrow(InstanceGone);
  await expect(again()).rejects.toThrow(BootFailed);
  expect(stage.store.member("a")?.bootFailures).toMatchObject({ operation: "repair-1", count: 3 });
});

test("4.5.3: the first instance of a new member that fails ends the operation, which takes the member back", async () => {
  const stage = newStage({ ...OTHER, boot: "error" });
  await stage.store.updateMember(NAME, "a", { migrating: "joining" });

  await expect(run(awaitMember, stage, INPUT)).rejects.toThrow(BootFailed);
});

test("an instance whose agent never answers is ended", async () => {
  const stage = newStage();
  stage.account.host = () => undefined;
  const sendCommand = async () => Promise.reject(new NotReadyYet("the agent is not online yet"));

  await expect(run(awaitMember, { ...stage, aws: { ...stage.aws, sendCommand } }, INPUT)).rejects.toThrow(InstanceGone);
  expect(stage.account.instances.get("i-a")?.state).toBe("terminated");
});
