import { describe, expect, test } from "vitest";
import { restorationRecord } from "../../../../test/support/restoration.ts";
import { MemoryStore } from "../../../../test/support/steps/memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord, UID } from "../../../../test/support/steps/records.ts";
import { expectRepeatable, run } from "../../../../test/support/steps/stage.ts";
import { BackupUnusable, NotReadyYet, RestoreFailed } from "../../../domain/cluster/errors.ts";
import { ownerTags } from "../../../domain/cluster/naming.ts";
import type { HostReport } from "../../../domain/restore/host-report.ts";
import type { RestorationRecord } from "../../../domain/restore/restore-records.ts";
import { assessTakeover } from "./assess-takeover.ts";
import { checkTaken } from "./check-taken.ts";
import { forgetHosts } from "./forget-hosts.ts";
import { rewriteEndpoint } from "./rewrite-endpoint.ts";
import { tryBackup } from "./try-backup.ts";

const REQUEST = { cluster: NAME, operation: "create-1" };
const MEMBERS = ["a", "b", "c"];
const FILE = {
  ...{ key: `clusters/old.example.com/01old/b/snapshot.db.gz`, sha256: "a".repeat(64), bytes: 10, revision: 100 },
  ...{ keys: 50, totalSize: 4096, takenAt: "2026-11-29T11:00:00.000Z" },
};
const takeover = { endpoint: "api-old.elb.amazonaws.com", hostsForgotten: false };

function storeOf(change: Partial<RestorationRecord> = {}) {
  const restoration = restorationRecord({
    ...{ operation: "create-1", from: { kind: "backup", id: "2026-11-29T110000Z-4f1c" }, epoch: 1, heldAt: 0 },
    ...{ file: FILE, formerClusterId: "7", takeover, ...change },
  });
  const members = MEMBERS.map((member) =>
    memberRecord(member, {
      restoring: { former: { volumeId: null, generation: 1 }, generation: 1, keptSnapshot: null },
    }),
  );
  const takenFrom = { cluster: "old.example.com", uid: "01old", backup: "2026-11-29T110000Z-4f1c" };
  const cluster = clusterRecord({ status: "CREATING", operation: "create-1", restoration, takenFrom });
  return new MemoryStore(cluster, members, [operationRecord("create")]);
}

function report(member: string, change: Partial<HostReport> = {}): HostReport {
  return {
    ...{ member, held: true, etcd: false, apiServer: false, ready: false, mounted: true, volumeId: `vol-${member}` },
    ...{ generation: 1, data: "none", healthy: false, clusterId: null, freeKiB: 1_000_000, ...change },
  };
}

/** All three masters say the same. */
function hosts(change: Partial<HostReport>) {
  return {
    listLiveMasters: async () =>
      MEMBERS.map((member) => {
        const tags = ownerTags({ cluster: NAME, uid: UID, labels: {} }, `master-${member}`);
        return {
          ...{ instanceId: `i-${member}`, state: "running", zone: "us-west-2a" },
          ...{ launchedAt: 1_000_000, tags: { ...tags, "holdfast:member": member } },
        };
      }),
    askHosts: async (_: string, ids: readonly string[]) =>
      ids.map((instanceId) => ({
        ...{ instanceId, ok: true, status: "Success" },
        output: `${JSON.stringify(report(instanceId.slice(2), change))}\n`,
      })),
    volumeStates: async (ids: readonly string[]) =>
      new Map(ids.map((id) => [id, { state: "in-use", attachedTo: `i-${id.slice(4)}` }])),
  };
}

/** A document answers with this; what was asked is written down. */
function documents(output: string, asked: string[] = []) {
  return {
    sendCommand: async (document: string, _: string, parameters: Record<string, string[]> = {}) => {
      asked.push(`${document} ${JSON.stringify(parameters)}`);
      return document;
    },
    findAnswer: async (_: string, instanceId: string) => ({ instanceId, ok: true, output, status: "Success" }),
  };
}

describe("Assess takeover", () => {
  const env = { RESTORE_STATUS_DOCUMENT: "restore-status" };
  const kindOf = async (said: Partial<HostReport>, change: Partial<RestorationRecord> = {}) =>
    (await run(assessTakeover, { store: storeOf(change), aws: hosts(said), env }, REQUEST)).kind;
  const etcd = { data: "restored", etcd: true, healthy: true, clusterId: "8" } as const;

  test("17.5: the file is tried before anybody restores it; nothing is stopped, kept or held, since nothing was", async () => {
    expect(await kindOf({}, { file: { ...FILE, keys: null } })).toBe("try");
    expect(await kindOf({})).toBe("restore");
    expect(await kindOf({ data: "restored" })).toBe("start-etcd");
    expect(await kindOf(etcd)).toBe("check");
  });

  test("17.5: the former hosts leave the data before any API server starts", async () => {
    expect(await kindOf(etcd, { checked: true })).toBe("forget");
    expect(await kindOf(etcd, { checked: true, takeover: { ...takeover, hostsForgotten: true } })).toBe("start-api");
    const serving = { ...etcd, apiServer: true, ready: true };
    expect(await kindOf(serving, { checked: true, takeover: { ...takeover, hostsForgotten: true } })).toBe("served");
  });
});

describe("Try backup", () => {
  const env = { TRY_BACKUP_DOCUMENT: "try", BACKUP_BUCKET: "bucket" };
  const stage = (output: object) => () => ({
    store: storeOf({ file: { ...FILE, keys: null } }),
    aws: documents(JSON.stringify(output)),
    env,
  });

  test("17.5: what the file has is what the new cluster must have", async () => {
    const good = stage({ state: "done", result: { revision: 101, totalSize: 8192, keys: 51 } });
    const first = good();

    await run(tryBackup, first, REQUEST);

    expect((await first.store.getCluster(NAME)).restoration?.file).toMatchObject({ revision: 101, keys: 51 });
    await expectRepeatable(tryBackup, good, REQUEST);
  });

  test("17.5: a file that etcd does not open ends the creation before any member restores it", async () => {
    const bad = stage({ state: "failed", code: 1, said: "etcdutl does not restore it: hash mismatch" })();

    await expect(run(tryBackup, bad, REQUEST)).rejects.toThrow(BackupUnusable);
  });
});

describe("Check taken data", () => {
  const env = { RESTORE_STATUS_DOCUMENT: "restore-status", TAKEN_DATA_DOCUMENT: "taken-data" };
  const serving = { data: "restored", etcd: true, healthy: true, clusterId: "8" } as const;
  const stage = (said: object = {}, of: Partial<HostReport> = serving) => ({
    store: storeOf(),
    aws: {
      ...hosts(of),
      ...documents(`${JSON.stringify({ clusterId: "8", revision: 1_000_000_100, keys: 50, ...said })}\n`),
    },
    env,
  });

  test("17.5: a new etcd cluster with the file's keys: its id is recorded, and clients may not write yet", async () => {
    const good = stage();

    await run(checkTaken, good, REQUEST);

    expect(await good.store.getCluster(NAME)).toMatchObject({
      etcdClusterId: "8",
      restoration: { checked: true, serving: false },
    });
    await expectRepeatable(checkTaken, () => stage(), REQUEST);
  });

  test.each([
    ["the id of the source's", { clusterId: "7" }, "7", "etcd has the former cluster id 7"],
    ["a revision that was used before", { revision: 100 }, "8", "etcd is at revision 100"],
    ["fewer keys", { keys: 49 }, "8", "etcd has 49 keys, and the file has 50"],
  ])("17.5: %s ends the creation before any API server starts", async (_, said, clusterId, why) => {
    await expect(run(checkTaken, stage(said, { ...serving, clusterId }), REQUEST)).rejects.toThrow(why);
  });

  test("a member that does not commit yet is waited for", async () => {
    await expect(run(checkTaken, stage({}, { ...serving, healthy: false }), REQUEST)).rejects.toThrow(NotReadyYet);
  });
});

describe("Forget former hosts", () => {
  const env = { TAKEN_DATA_DOCUMENT: "taken-data" };

  test("17.5: it says in the history what was taken over; from then on API servers may start", async () => {
    const asked: string[] = [];
    const store = storeOf({ checked: true });

    await run(forgetHosts, { store, aws: documents("{}", asked), env }, REQUEST);

    expect(asked).toEqual(['taken-data {"forget":["yes"]}']);
    expect((await store.getCluster(NAME)).restoration).toMatchObject({
      serving: true,
      takeover: { hostsForgotten: true },
    });
    expect((await store.listEvents(NAME)).map(({ message }) => message)).toEqual([
      `${NAME} has the data of old.example.com as of backup 2026-11-29T110000Z-4f1c: revision 100, 50 keys, as a new etcd cluster. Nodes of before are out of it.`,
    ]);
  });

  test("it may run twice, and die at each of its calls: keys are not counted again", async () => {
    await expectRepeatable(
      forgetHosts,
      () => ({ store: storeOf({ checked: true }), aws: documents("{}"), env }),
      REQUEST,
    );
  });

  test("data that was not checked is left as it is", async () => {
    await expect(run(forgetHosts, { store: storeOf(), aws: {}, env }, REQUEST)).rejects.toThrow(RestoreFailed);
  });
});

describe("Rewrite endpoint", () => {
  const env = { REWRITE_ENDPOINT_DOCUMENT: "rewrite", RESTART_WORKLOADS_DOCUMENT: "restart" };

  test("17.5: what names the former load balancer names the new one, then kube-system starts again", async () => {
    const asked: string[] = [];

    await run(rewriteEndpoint, { store: storeOf(), aws: documents("rewritten", asked), env }, REQUEST);

    expect(asked).toEqual([
      'rewrite {"from":["api-old.elb.amazonaws.com"],"to":["api-1.elb.amazonaws.com"]}',
      'restart {"at":["2026-11-29T12:00:00.000Z"],"where":["kube-system"]}',
    ]);
  });

  test("a backup that does not say it leaves nothing to rewrite", async () => {
    const asked: string[] = [];
    const store = storeOf({ takeover: { endpoint: null, hostsForgotten: true } });

    await run(rewriteEndpoint, { store, aws: documents("restarted", asked), env }, REQUEST);

    expect(asked).toEqual(['restart {"at":["2026-11-29T12:00:00.000Z"],"where":["kube-system"]}']);
  });
});
