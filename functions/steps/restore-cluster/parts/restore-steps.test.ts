import { describe, expect, test } from "vitest";
import { MemoryStore } from "../../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord, UID } from "../../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { TestClock } from "../../../../test/support/steps/test-clock.ts";
import { NotReadyYet, RestoreFailed } from "../../../domain/cluster/errors.ts";
import { ownerTags } from "../../../domain/cluster/naming.ts";
import type { MemberRecord } from "../../../domain/cluster/records.ts";
import type { HostReport } from "../../../domain/restore/host-report.ts";
import type { RestorationRecord } from "../../../domain/restore/restore-records.ts";
import { assessRestore } from "./assess-restore.ts";
import { checkRestored } from "./check-restored.ts";
import { finishRestore } from "./finish-restore.ts";
import { holdMembers } from "./hold-members.ts";
import { keepData } from "./keep-data.ts";
import { provideVolume } from "./provide-volume.ts";
import { restoreMember } from "./restore-member.ts";
import { snapshotSurvivor } from "./snapshot-survivor.ts";
import { terminateMasters } from "./terminate-masters.ts";
import { undoRestore } from "./undo-restore.ts";
import { uploadSurvivor } from "./upload-survivor.ts";

const REQUEST = { cluster: NAME, operation: "restore-1" };
const TOKEN = `${UID}.2`;
const NOW = Date.parse("2026-11-29T12:00:00.000Z");
const FILE = {
  ...{ key: `clusters/${NAME}/${UID}/b/snapshot.db.gz`, sha256: "a".repeat(64), bytes: 10, revision: 100, keys: 50 },
  ...{ totalSize: 4096, takenAt: "2026-11-29T11:00:00.000Z" },
};

function restoration(change: Partial<RestorationRecord> = {}): RestorationRecord {
  return {
    ...{
      operation: "restore-1",
      from: { kind: "survivor", member: null },
      epoch: 2,
      token: TOKEN,
      bump: 1_000_000_000,
    },
    ...{ startedAt: "2026-11-29T12:00:00.000Z", heldAt: NOW - 60_000, file: FILE, formerClusterId: "7" },
    ...{ checked: false, serving: false },
    ...change,
  };
}

function held(member: string, change: Partial<MemberRecord> = {}): MemberRecord {
  const former = { volumeId: `vol-${member}`, generation: 1 };
  return memberRecord(member, { restoring: { former, generation: 2, silentSince: null }, ...change });
}

function storeOf(change: Partial<RestorationRecord> = {}, members = ["a", "b", "c"].map((name) => held(name))) {
  const cluster = clusterRecord({ status: "REPAIRING", operation: "restore-1", restoration: restoration(change) });
  return new MemoryStore(cluster, members, [operationRecord("restore")]);
}

function report(member: string, change: Partial<HostReport> = {}): HostReport {
  return {
    ...{ member, held: true, etcd: false, apiServer: false, ready: false, mounted: true, volumeId: `vol-${member}` },
    ...{ generation: 1, data: "kept", healthy: false, clusterId: null, freeKiB: 1_000_000, ...change },
  };
}

function master(member: string, change: { state?: string; launchedAt?: number; instanceId?: string } = {}) {
  const tags = { ...ownerTags({ cluster: NAME, uid: UID, labels: {} }, `master-${member}`), "holdfast:member": member };
  return { instanceId: `i-${member}`, state: "running", zone: "us-west-2a", launchedAt: 0, tags, ...change };
}

/** Answers of hosts: a report, or none. */
function hosts(reports: Readonly<Record<string, HostReport | null>>, asked: string[] = []) {
  return {
    listLiveMasters: async () => Object.keys(reports).map((member) => master(member)),
    askHosts: async (document: string, ids: readonly string[]) => {
      asked.push(`${document} ${ids.join(" ")}`);
      return ids.flatMap((instanceId) => {
        const said = reports[instanceId.slice(2)];
        return said ? [{ instanceId, ok: true, output: `${JSON.stringify(said)}\n`, status: "Success" }] : [];
      });
    },
  };
}

function jobs(results: Readonly<Record<string, object>>) {
  return {
    sendCommand: async (document: string, instanceId: string) => `${document} ${instanceId}`,
    findAnswer: async (id: string, instanceId: string) => {
      const result = results[id.split(" ")[0] ?? ""] ?? {};
      return { instanceId, ok: true, output: JSON.stringify(result), status: "Success" };
    },
  };
}

const volumes = {
  volumeStates: async (ids: readonly string[]) =>
    new Map(ids.map((id) => [id, { state: "in-use", attachedTo: `i-${id.slice(4)}` }])),
};

describe("Hold members", () => {
  function newStage() {
    const made: Record<string, string> = {};
    const replaceText = async (name: string, text: string) => {
      made[name] = text;
    };
    return {
      store: storeOf(
        { heldAt: null },
        ["a", "b"].map((name) => memberRecord(name)),
      ),
      aws: { replaceText },
      made,
    };
  }

  test("each volume is on hold in the next generation; what the member had is written down", async () => {
    const stage = newStage();

    await run(holdMembers, stage, REQUEST);

    expect(stage.made).toEqual({
      [`/holdfast/${NAME}/masters/a-volume`]: "vol-a 2 hold",
      [`/holdfast/${NAME}/masters/b-volume`]: "vol-b 2 hold",
    });
    expect(stage.store.member("a")).toMatchObject({
      generation: 1,
      restoring: { former: { volumeId: "vol-a", generation: 1 }, generation: 2 },
    });
    expect((await stage.store.getCluster(NAME)).restoration?.heldAt).toBe(NOW);
  });

  test("it may run twice, and die at each of its calls: the generation rises once", async () => {
    await expectRepeatable(holdMembers, newStage, REQUEST);
  });
});

describe("Assess restore", () => {
  const env = { RESTORE_STATUS_DOCUMENT: "restore-status" };

  test("what was launched before the hold and is silent keeps the barrier closed, and is terminated after three minutes", async () => {
    const store = storeOf();
    const clock = new TestClock();
    const aws = { ...volumes, ...hosts({ a: report("a"), b: null, c: report("c") }) };

    expect(await run(assessRestore, { store, aws, env }, REQUEST, { clock })).toMatchObject({
      kind: "stop",
      members: ["b"],
    });
    await clock.sleep(180_000);
    expect(await run(assessRestore, { store, aws, env }, REQUEST, { clock })).toMatchObject({
      kind: "terminate",
      members: ["b"],
    });
  });

  test("an answer ends the silence", async () => {
    const restoring = { former: { volumeId: "vol-b", generation: 1 }, generation: 2, silentSince: NOW - 500_000 };
    const store = storeOf({}, [held("a"), held("b", { restoring }), held("c")]);
    const aws = { ...volumes, ...hosts({ a: report("a"), b: report("b"), c: report("c") }) };

    await run(assessRestore, { store, aws, env }, REQUEST);

    expect(store.member("b")?.restoring?.silentSince).toBeNull();
  });

  test("a volume that EC2 does not know is lost: its member is provided for", async () => {
    const states = async () => new Map([["vol-a", { state: "in-use", attachedTo: "i-a" }]]);
    const aws = { volumeStates: states, ...hosts({ a: report("a"), b: report("b", { mounted: false }) }) };

    expect(await run(assessRestore, { store: storeOf(), aws, env }, REQUEST)).toMatchObject({
      kind: "provide",
      members: ["b", "c"],
      allMembers: ["a", "b", "c"],
    });
  });

  test("what nobody can act on is waited for", async () => {
    const aws = { ...volumes, ...hosts({ a: report("a"), b: report("b"), c: report("c", { mounted: false }) }) };

    await expect(run(assessRestore, { store: storeOf(), aws, env }, REQUEST)).rejects.toThrow(NotReadyYet);
  });
});

describe("Terminate masters", () => {
  test("the silent one is ended and not the one that answers after all; it goes on once that is terminated", async () => {
    const ended: string[] = [];
    const { listLiveMasters, askHosts } = hosts({ a: report("a"), b: null });
    const aws = {
      askHosts,
      listLiveMasters: async () => (await listLiveMasters()).filter(({ instanceId }) => !ended.includes(instanceId)),
      listGroupInstances: async () => new Map(),
      terminateInstance: async ({ id }: { readonly id: string }) => void ended.push(id),
    };
    const stage = { store: storeOf(), aws, env: { RESTORE_STATUS_DOCUMENT: "restore-status" } };
    const input = { ...REQUEST, members: ["a", "b"] };

    await expect(run(terminateMasters, stage, input)).rejects.toThrow(NotReadyYet);
    expect(ended).toEqual(["i-b"]);
    await run(terminateMasters, stage, input);
    expect(ended).toEqual(["i-b"]);
    expect(stage.store.eventTypes()).toEqual(["master-silent"]);
  });
});

describe("Provide volume", () => {
  function newStage() {
    const made = { parameter: "", ended: [] as string[] };
    const aws = {
      volumeStates: async (ids: readonly string[]) =>
        new Map(ids.includes("vol-fresh") ? [["vol-fresh", { state: "available", attachedTo: null }]] : []),
      nextVolume: async () => "vol-fresh",
      putText: async (_: unknown, __: string, ___: string, text: string) => {
        made.parameter = text;
      },
      listGroupInstances: async (groups: readonly string[]) =>
        new Map(
          groups.map((group) => [
            group,
            made.ended.length > 0
              ? []
              : [{ instanceId: "i-b", lifecycleState: "InService", healthy: true, protected: false }],
          ]),
        ),
      findInstances: async () => [master("b")],
      suspendLaunch: async () => {},
      replaceInstance: async ({ id }: { readonly id: string }) => void made.ended.push(id),
    };
    return { store: storeOf(), aws: aws as never, made };
  }

  test("a lost volume is replaced by a fresh one on hold, and the instance that waits for the lost one is ended", async () => {
    const stage = newStage();

    await run(provideVolume, stage, { ...REQUEST, member: "b" });

    expect(stage.made).toEqual({ parameter: "vol-fresh 2 hold-new", ended: ["i-b"] });
    expect(stage.store.member("b")).toMatchObject({
      volumeId: "vol-fresh",
      generation: 1,
      restoring: { freshVolumeId: "vol-fresh", former: { volumeId: "vol-b", generation: 1 }, keptSnapshot: null },
    });
  });

  test("a volume that is there is left as it is", async () => {
    const stage = { store: storeOf(), aws: { ...volumes, findInstances: async () => [master("b")] } };

    await run(provideVolume, stage, { ...REQUEST, member: "b" });

    expect(stage.store.member("b")).toMatchObject({ volumeId: "vol-b", health: "pending" });
  });
});

describe("Snapshot survivor, Upload survivor", () => {
  const snapshot = { sha256: "b".repeat(64), bytes: 9, revision: 51, keys: 50, totalSize: 4096, term: 3, index: 62 };
  const env = {
    ...{ SNAPSHOT_SURVIVOR_DOCUMENT: "snapshot", UPLOAD_SURVIVOR_DOCUMENT: "upload", BACKUP_BUCKET: "bucket" },
    SECRETS_KEY_ARN: "arn:key",
  };

  test("a member that fails is no survivor, and its reason is kept", async () => {
    const failing = jobs({ snapshot: { state: "failed", code: 1, said: "etcd does not open it" } });
    const good = jobs({ snapshot: { state: "done", result: snapshot } });

    const one = await run(snapshotSurvivor, { store: storeOf(), aws: failing, env }, { ...REQUEST, member: "a" });
    const other = await run(snapshotSurvivor, { store: storeOf(), aws: good, env }, { ...REQUEST, member: "b" });

    expect(one).toMatchObject({
      member: "a",
      snapshot: null,
      reason: expect.stringContaining("etcd does not open it"),
    });
    expect(other).toEqual({ member: "b", snapshot, reason: "" });
  });

  test("the file of the best one is what all restore", async () => {
    const store = storeOf({ file: null });
    const candidates = [
      { member: "a", snapshot: { ...snapshot, index: 61 }, reason: "" },
      { member: "b", snapshot, reason: "" },
      { member: "c", snapshot: null, reason: "it has no former data" },
    ];

    await run(
      uploadSurvivor,
      { store, aws: jobs({ upload: { state: "done", result: { sha256: "" } } }), env },
      {
        ...REQUEST,
        candidates,
      },
    );

    expect((await store.getCluster(NAME)).restoration?.file).toMatchObject({
      key: `clusters/${NAME}/${UID}/survivor-${TOKEN}/snapshot.db.gz`,
      revision: 51,
      keys: 50,
    });
    expect(store.eventTypes()).toEqual(["survivor-chosen"]);
  });

  test("without any usable data the restore fails with each reason", async () => {
    const candidates = [{ member: "a", snapshot: null, reason: "etcd does not open it" }];

    await expect(
      run(uploadSurvivor, { store: storeOf({ file: null }), aws: {}, env }, { ...REQUEST, candidates }),
    ).rejects.toThrow("no member has usable data: a: etcd does not open it");
  });
});

describe("Keep data", () => {
  const env = { KEEP_DATA_DOCUMENT: "keep-data" };

  test("the rename comes first, then a snapshot by a name of its own", async () => {
    const store = storeOf();
    const named: string[] = [];
    const ensureKeptSnapshot = async (_: unknown, { name }: { readonly name: string }) => {
      named.push(name);
      return "snap-1";
    };
    const aws = { ...hosts({ a: report("a") }), ensureKeptSnapshot } as never;

    await run(keepData, { store, aws, env }, { ...REQUEST, member: "a" });

    expect(named).toEqual([TOKEN]);
    expect(store.member("a")?.restoring?.keptSnapshot).toBe("snap-1");
  });

  test("while the data lies where it was nothing is said to be kept", async () => {
    const store = storeOf();
    const aws = hosts({ a: report("a", { data: "former" }) });

    await expect(run(keepData, { store, aws, env }, { ...REQUEST, member: "a" })).rejects.toThrow(NotReadyYet);
    expect(store.member("a")?.restoring?.keptSnapshot).toBeUndefined();
  });
});

describe("Restore member", () => {
  const env = { RESTORE_ETCD_DOCUMENT: "restore", BACKUP_BUCKET: "bucket" };
  const input = { ...REQUEST, member: "a" };

  test("the generation rises before the host's identity does", async () => {
    const store = storeOf();

    await run(
      restoreMember,
      { store, env, aws: jobs({ restore: { state: "done", result: { restored: true } } }) },
      input,
    );

    expect(store.member("a")?.generation).toBe(2);
  });

  test("7: a disk that is full ends the restore with that word", async () => {
    const said = "no space: the volume has 10 KiB free, the restored data needs 164000 KiB";
    const aws = jobs({ restore: { state: "failed", code: 1, said } });

    await expect(run(restoreMember, { store: storeOf(), env, aws }, input)).rejects.toThrow(said);
  });
});

describe("Check restored data", () => {
  const env = { RESTORE_STATUS_DOCUMENT: "restore-status", RESTORED_DATA_DOCUMENT: "restored-data" };
  const serving = { data: "restored", etcd: true, healthy: true, clusterId: "8" } as const;
  const all = { a: report("a", serving), b: report("b", serving), c: report("c", serving) };

  function stage(said: object, reports: Record<string, HostReport> = all) {
    const output = `${JSON.stringify({ clusterId: "8", revision: 1_000_000_100, keys: 50, ...said })}\n`;
    const findAnswer = async (_: string, instanceId: string) => ({ instanceId, ok: true, output, status: "Success" });
    return { store: storeOf(), env, aws: { ...hosts(reports), ...jobs({}), findAnswer } };
  }

  test("a new cluster with what the file has: clients may write from here on", async () => {
    const good = stage({});

    await run(checkRestored, good, REQUEST);

    expect(await good.store.getCluster(NAME)).toMatchObject({
      etcdClusterId: "8",
      restoration: { checked: true, serving: true },
    });
  });

  test.each([
    ["the former cluster id", { clusterId: "7" }, "7", "etcd has the former cluster id 7"],
    ["a revision that was used before", { revision: 100 }, "8", "etcd is at revision 100"],
    ["fewer keys", { keys: 49 }, "8", "etcd has 49 keys, and the file has 50"],
    ["two clusters", {}, "9", "the members serve different clusters: 8, 9, 8"],
  ])("%s: the restore fails before any API server starts", async (_, said, ofB, why) => {
    const ids = ofB === "7" ? { a: "7", b: "7", c: "7" } : { a: "8", b: ofB, c: "8" };
    const reports = Object.fromEntries(
      Object.entries(ids).map(([member, clusterId]) => [member, report(member, { ...serving, clusterId })]),
    );
    const wrong = stage(said, reports);

    await expect(run(checkRestored, wrong, REQUEST)).rejects.toThrow(why);
    expect((await wrong.store.getCluster(NAME)).restoration?.serving).toBe(false);
  });
});

describe("Undo restore", () => {
  const env = { UNDO_RESTORE_DOCUMENT: "undo", STOP_CONTROL_PLANE_DOCUMENT: "stop" };

  function newStage() {
    const made: Record<string, string> = {};
    const fresh = { former: { volumeId: "vol-lost", generation: 1 }, generation: 2, freshVolumeId: "vol-b" };
    const members = [held("a", { generation: 2 }), held("b", { restoring: fresh })];
    const replaceText = async (name: string, text: string) => {
      made[name.split("/").at(-1) ?? ""] = text;
    };
    return {
      store: storeOf({}, members),
      env,
      aws: { ...hosts({ a: report("a"), b: report("b") }), replaceText },
      made,
    };
  }

  test("each member has its former volume and generation, and repairs may begin again", async () => {
    const stage = newStage();

    expect(await run(undoRestore, stage, REQUEST)).toEqual({ undone: true });
    expect(stage.made).toEqual({ "a-volume": "vol-a 1 in-use", "b-volume": "vol-lost 1 in-use" });
    expect(stage.store.member("a")).toMatchObject({ volumeId: "vol-a", generation: 1, restoring: null });
    expect(stage.store.member("b")).toMatchObject({ volumeId: "vol-lost", generation: 1, restoring: null });
    expect((await stage.store.getCluster(NAME)).restoration).toBeNull();
  });

  test("no former etcd starts while a restored one may be alive", async () => {
    const asked: string[] = [];
    for (const b of [report("b", { etcd: true }), null]) {
      const stage = { ...newStage(), aws: { ...newStage().aws, ...hosts({ a: report("a"), b }, asked) } };
      await expect(run(undoRestore, stage, REQUEST)).rejects.toThrow(NotReadyYet);
    }
    expect(asked).toEqual(["stop i-a i-b", "stop i-a i-b"]);
  });

  test("once clients may have written there is no way back", async () => {
    const stage = { store: storeOf({ serving: true }), aws: {}, env };

    expect(await run(undoRestore, stage, REQUEST)).toEqual({ undone: false });
    expect((await stage.store.getCluster(NAME)).restoration?.serving).toBe(true);
  });
});

test("Finish restore: the epoch counts, nothing is on hold, and running it again changes nothing", async () => {
  await expectRepeatable(finishRestore, () => ({ store: storeOf({ serving: true }), aws: {} }), REQUEST);
  const store = storeOf({ serving: true });

  await run(finishRestore, { store, aws: {} }, REQUEST);

  expect(await store.getCluster(NAME)).toMatchObject({ restoration: null, epoch: 2 });
  expect(store.member("a")?.restoring).toBeNull();
});

test("a step of a restore that somebody has undone ends", async () => {
  const store = new MemoryStore(clusterRecord({ operation: "restore-1" }), [memberRecord("a")]);

  await expect(run(holdMembers, { store, aws: {} }, REQUEST)).rejects.toThrow(RestoreFailed);
});
