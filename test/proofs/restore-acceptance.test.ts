import { setTimeout as delay } from "node:timers/promises";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BackupView, BackupViewSchema } from "../../functions/domain/api/views.ts";
import { listMembers, updateMember } from "../../functions/store/members.ts";
import { watchClusterIds } from "../support/cluster-ids.ts";
import { type EtcdEndpoints, etcdEndpoints } from "../support/consistency/endpoints.ts";
import { startWriter } from "../support/etcd-writer.ts";
import { type Healing, startHealing } from "../support/healing.ts";
import { clusterIdOf, losePermanently } from "../support/permanent-loss.ts";
import { type CommandResult, eventually, memberOf, memberReplaced, type Scenario } from "../support/scenario.ts";
import { takeBackupOf } from "../support/take-backup.ts";

/** Restores on real etcd, one after the other, of one cluster. The numbers are those of the acceptance list of backups. */
const NAME = "acceptance.example.com";
const MEMBERS = ["a", "b", "c"];
/** A restored etcd has skipped at least so many revisions. */
const BUMP = 1_000_000_000n;

let scenario: Scenario;
let healing: Healing;
let endpoints: EtcdEndpoints;
beforeAll(async () => {
  ({ scenario, healing } = await startHealing(NAME));
  endpoints = await etcdEndpoints(scenario, await scenario.cluster(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

function takeBackup(): Promise<BackupView> {
  return takeBackupOf(scenario, NAME);
}

async function restore(...from: string[]): Promise<CommandResult> {
  return scenario.holdfast("restore", "cluster", NAME, ...from, "--even-though-healthy", "--yes", "--wait");
}

async function restored(...from: string[]): Promise<void> {
  const { code, stderr } = await restore(...from);
  expect(code === 0 ? "" : stderr.slice(-900)).toBe("");
}

async function put(key: string, value: string): Promise<void> {
  await scenario.etcdctl(NAME, "put", key, value);
}

async function get(key: string): Promise<string> {
  return scenario.etcdctl(NAME, "get", key, "--print-value-only");
}

/** Keys that are not Kubernetes'. */
async function ownKeys(): Promise<string[]> {
  const all = (await scenario.etcdctl(NAME, "get", "", "--prefix", "--keys-only")).split("\n");
  return all.filter((key) => key !== "" && !key.startsWith("/registry/")).toSorted();
}

async function clusterIds(): Promise<string[]> {
  return Promise.all(MEMBERS.map((member) => clusterIdOf(endpoints, member)));
}

async function backups(): Promise<readonly BackupView[]> {
  return scenario.api.list(`/clusters/${NAME}/backups`, BackupViewSchema);
}

test("1.10.14: a cluster is restored twice from one backup: epochs 2 and 3; those of epoch 1 are offered, and marked", async () => {
  await put("twice", "first");
  const { id } = await takeBackup();
  await put("twice", "second");
  const ids = new Set(await clusterIds());

  await restored("--backup", id);
  const once = [await get("twice"), ...(await clusterIds())];
  await put("twice", "third");
  await restored("--backup", id);

  const [value, ...now] = [await get("twice"), ...(await clusterIds())];
  expect([once[0], value]).toEqual(["first", "first"]);
  for (const clusterId of [...once.slice(1), ...now]) ids.add(clusterId);
  expect([ids.size, new Set(now).size]).toEqual([3, 1]);
  const listed = await backups();
  expect(listed.find((backup) => backup.id === id)).toMatchObject({ epoch: 1, history: "earlier" });
  const after = listed.filter(({ reason }) => reason === "after-restore").map(({ epoch, history }) => [epoch, history]);
  expect(after).toEqual([
    [3, "current"],
    [2, "earlier"],
  ]);
  expect((await scenario.holdfast("get", "backups", NAME)).stdout).toMatch(new RegExp(`${id}.* earlier`));
});

/** Leaves a master's disk as it would be when something else had filled it. */
const FULL: Readonly<Record<string, (backup: BackupView) => string>> = {
  // A real file system: the compressed file fits, the data does not.
  "/var/tmp": ({ objects }) =>
    `mount -t tmpfs -o size=$((${objects["snapshot.db.gz"]?.bytes} / 1024 + 64))k tmpfs /var/tmp`,
  // The volumes of local hosts are folders without a size of their own.
  "the volume": () =>
    `printf '#!/bin/sh\\n[ "$2" != /var/lib/etcd ] || { printf "h\\\\nx x x 10 x\\\\n"; exit; }\\nexec /usr/bin/df "$@"\\n' >/usr/local/bin/df
     chmod +x /usr/local/bin/df`,
};
const EMPTIED: Readonly<Record<string, string>> = {
  "/var/tmp": "umount /var/tmp",
  "the volume": "rm /usr/local/bin/df",
};

/** A master that is slower than the one that fails: it still restores when all is taken back. */
const SLOW = `printf '#!/bin/sh\\n[ ! -e /etc/holdfast/hold-etcd ] || sleep 20\\nexec /usr/bin/gunzip "$@"\\n' >/usr/local/bin/gunzip
  chmod +x /usr/local/bin/gunzip`;

test.each(Object.keys(FULL))(
  "1.10.7: %s of one master is full while it restores: all is as it was, and the cause is named",
  async (place) => {
    await put("full", "before");
    const backup = await takeBackup();
    await put("full", place);
    const before = await scenario.cluster(NAME);
    const ids = await clusterIds();
    await healing.onHost("a", SLOW);
    await healing.onHost("c", FULL[place]?.(backup) ?? "");
    await using watch = watchClusterIds(endpoints);

    const { code, stderr } = await restore("--backup", backup.id);
    await healing.onHost("c", EMPTIED[place] ?? "");

    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`RestoreFailed: .*no space: ${place} has \\d+ KiB free`));
    const after = await eventually(
      async () => {
        await scenario.reconcile();
        return scenario.cluster(NAME);
      },
      ({ status, operation, quorum }) => status === "ACTIVE" && operation === null && quorum.healthy === 3,
      60_000,
    );
    expect(await clusterIds()).toEqual(ids);
    expect(watch.ids()).toEqual([ids[0]]);
    expect(await get("full")).toBe(place);
    expect(after.members).toMatchObject(before.members.map(({ instanceId, volumeId }) => ({ instanceId, volumeId })));
    await delay(20_000);
    await healing.onHost("a", "rm /usr/local/bin/gunzip; ! ls /var/lib/etcd/data.new");
    expect(await clusterIds()).toEqual(ids);
    await put("full", "written after it was undone");
  },
);

/** Systems Manager does not reach the master's agent; everything else of it runs on. */
async function cutOff(instanceId: string): Promise<void> {
  await scenario.cloud.faults.begin({
    ...{ kind: "api", action: "error", service: "ssm", operation: "SendCommand", match: instanceId },
    ...{ code: "InvalidInstanceId", message: `Instances [[${instanceId}]] not in a valid state for account` },
  });
}

test("1.10.4: a master that Systems Manager does not reach, but that runs: nothing is restored before it is terminated", async () => {
  await put("cut-off", "saved");
  await put("late", "0");
  const { id } = await takeBackup();
  const before = memberOf(await scenario.cluster(NAME), "b");
  const [formerId = ""] = await clusterIds();
  const writer = startWriter(endpoints, "b", "late", { one: true });
  await cutOff(before.instanceId ?? "");
  await using watch = watchClusterIds(endpoints);

  const restoring = restore("--backup", id);
  const silentSince = async () => {
    const members = await listMembers(healing.table, NAME);
    return members.find(({ member }) => member === "b");
  };
  const held = await eventually(silentSince, (member) => member?.restoring?.silentSince != null, 120_000);
  await delay(10_000);
  // It waits, and the former etcd is the only one there is.
  expect(watch.ids()).toEqual([formerId]);
  expect((await healing.explain()).includes("has not said that its etcd is stopped")).toBe(false);
  // Three minutes have passed.
  if (held?.restoring)
    await updateMember(healing.table, NAME, "b", {
      restoring: { ...held.restoring, silentSince: Date.now() - 181_000 },
    });
  const { code, stderr } = await restoring;
  await writer.stop();
  await scenario.cloud.faults.end();

  expect(code === 0 ? "" : stderr.slice(-900)).toBe("");
  expect(await healing.explain()).toContain(
    `Master b has not said that its etcd is stopped; ${before.instanceId} is terminated, its volume stays.`,
  );
  expect(memberOf(await scenario.cluster(NAME), "b").instanceId).not.toBe(before.instanceId);
  const [newId = ""] = await clusterIds();
  expect([newId === formerId, watch.forks(), watch.ids()]).toEqual([false, [], [formerId, newId]]);
  expect(watch.lastSeen(formerId)).toBeLessThan(watch.firstSeen(newId));
  const writes = [...writer.acknowledged.values()];
  const base = writes[0]?.revision ?? 0n;
  // The new etcd skips revisions from the backup's on, which is some before the first of these writes.
  const former = writes.filter(({ revision }) => revision < base + BUMP / 2n);
  expect(former.length).toBeGreaterThan(0);
  expect(former.every(({ at }) => at < watch.firstSeen(newId))).toBe(true);
  expect(await get("cut-off")).toBe("saved");
});

test("1.10.5: a volume of before a restore that somebody puts back is refused, for its generation", async () => {
  const former = memberOf(await scenario.cluster(NAME), "c");
  const volumeId = former.volumeId ?? "";
  await put("put-back", "kept");
  const { id } = await takeBackup();
  // Its etcd is thought to be beyond help, so that the restore gives it another volume and leaves this one.
  await updateMember(healing.table, NAME, "c", {
    damage: { volumeId, reason: "a test says so", retryAt: Date.now() + 3_600_000 },
  });
  await restored("--backup", id);
  const fresh = memberOf(await scenario.cluster(NAME), "c");
  const generation = await healing.onHost("c", "cut -d' ' -f3 /var/lib/etcd/holdfast-identity");
  const { aws: endpoint, region } = scenario.cloud.endpoints;
  const ssm = new SSMClient({
    endpoint,
    region,
    credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
  });

  await updateMember(healing.table, NAME, "c", { volumeId });
  const parameter = { Name: `/holdfast/${NAME}/masters/c-volume`, Value: `${volumeId} ${generation} in-use` };
  await ssm.send(new PutParameterCommand({ ...parameter, Type: "String", Overwrite: true }));
  await scenario.terminate(fresh.instanceId ?? "");
  const healed = await memberReplaced(scenario, NAME, fresh, 300_000);

  expect(fresh.volumeId).not.toBe(volumeId);
  expect(await healing.explain()).toContain(`Volume ${volumeId} of member c is not usable on a new instance either`);
  expect(memberOf(healed, "c").volumeId).not.toBe(volumeId);
  expect(new Set(await clusterIds()).size).toBe(1);
  expect(await get("put-back")).toBe("kept");
});

test("1.10.2: all volumes are deleted: the backup's keys come back, and no others; who watched has missed some", async () => {
  await put("all/kept", "yes");
  await takeBackup();
  const keys = await ownKeys();
  await put("all/later", "lost");
  await put("all/kept", "no");
  const revision = Number(/"revision":(\d+)/.exec(await scenario.etcdctl(NAME, "get", "all/kept", "-w", "json"))?.[1]);
  const [formerId = ""] = await clusterIds();
  await losePermanently(scenario, await scenario.cluster(NAME), ...MEMBERS);
  await healing.degraded();
  await using watch = watchClusterIds(endpoints);

  // Nothing is left that --even-though-healthy would have to insist on.
  const { code, stderr } = await scenario.holdfast("restore", "cluster", NAME, "--backup", "latest", "--yes", "--wait");

  expect(code === 0 ? "" : stderr.slice(-900)).toBe("");
  expect(await ownKeys()).toEqual(keys);
  expect(await get("all/kept")).toBe("yes");
  await expect(scenario.etcdctl(NAME, "watch", "all/kept", "--rev", `${revision + 1}`)).rejects.toThrow("compacted");
  expect(new Set(await clusterIds()).size).toBe(1);
  expect(watch.ids()).not.toContain(formerId);
});

test("17.6: what a deletion keeps names the snapshots of former data", async () => {
  const { stdout } = await scenario.holdfast("delete", "cluster", NAME);
  const kept = stdout.slice(stdout.indexOf("Kept:"));

  expect(kept).toMatch(
    /snapshot snap-\S+: etcd of \S+, member a, before a restore; it is of use until \d{4}-\d\d-\d\d/,
  );
  expect(kept.match(/snapshot snap-/g)?.length).toBeGreaterThanOrEqual(6);
});
