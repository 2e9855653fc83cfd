import { expect, test } from "vitest";
import { manifestOf } from "../../../test/support/backups.ts";
import { TestBucket } from "../../../test/support/steps/bucket.ts";
import { MemoryStore } from "../../../test/support/steps/memory-store.ts";
import { clusterRecord, NAME, specOf, UID } from "../../../test/support/steps/records.ts";
import { TestClock } from "../../../test/support/steps/test-clock.ts";
import { BackupUnknown, BackupUnusable, SpecRejected, TakeoverRefused } from "../../domain/cluster/errors.ts";
import type { ClusterRecord } from "../../domain/cluster/records.ts";
import { pinVersions } from "../../domain/releases/pinned-versions.ts";
import { checkTakeover, type TakeoverAsked } from "./take-over.ts";

const ID = "2026-11-29T115900Z-4f1c";
const PREFIX = `clusters/${NAME}/${UID}/${ID}`;

/** The cluster is deleted; its backup is in the bucket. */
function newStage({
  cluster = {},
  instances = [] as string[],
  groups = [] as string[],
}: {
  cluster?: Partial<ClusterRecord>;
  instances?: string[];
  groups?: string[];
} = {}) {
  const { spec, plan } = specOf();
  const versions = pinVersions(spec);
  const store = new MemoryStore(clusterRecord({ status: "DELETED", ...cluster }));
  const bucket = new TestBucket();
  const snapshot = bucket.upload(`${PREFIX}/snapshot.db.gz`, "snapshot");
  const manifest = manifestOf({
    objects: { "snapshot.db.gz": snapshot },
    kubernetes: { version: versions.kubernetes },
    etcd: { ...manifestOf().etcd, version: versions.etcd },
  });
  bucket.objects.set(`${PREFIX}/manifest.json`, JSON.stringify(manifest));
  const members = plan.members.map(({ name, zone, address }) => ({ name, zone, address }));
  const endpoint = { host: "api-old.elb.amazonaws.com", name: `api.${NAME}` };
  bucket.objects.set(`${PREFIX}/cluster.json`, JSON.stringify({ spec, plan, versions, endpoint, members }));
  store.backups.set(`${NAME} ${ID}`, { manifest, pinned: false });
  const aws = {
    ...bucket.calls,
    listLiveInstances: async () => instances.map((instanceId) => ({ instanceId })) as never,
    findGroups: async () => new Map(groups.map((name) => [name, { name, maxSize: 1 }])) as never,
  };
  return { store, bucket, manifest, deps: { store, aws, clock: new TestClock(), env: { BACKUP_BUCKET: "bucket" } } };
}

function asked(change: Partial<TakeoverAsked> = {}): TakeoverAsked {
  return { spec: { name: NAME }, fromBackup: { backup: "latest", mode: "takeover" }, ...change };
}

test("17.5: a cluster that is deleted is taken over under its own name, as it was", async () => {
  const { deps } = newStage();

  const checked = await checkTakeover(deps, asked());

  expect(checked.from).toEqual({ cluster: NAME, uid: UID, backup: ID });
  expect(checked.planned.spec).toEqual(specOf().spec);
  expect(checked.versions).toEqual(pinVersions(specOf().spec));
  expect(checked.file).toMatchObject({ key: `${PREFIX}/snapshot.db.gz`, revision: 4193, keys: null });
  expect(checked.endpoint).toBe("api-old.elb.amazonaws.com");
  expect(checked.planned.warnings[0]).toContain(`takes over ${NAME}`);
});

test("17.5: under another name, with other sizes, by flags", async () => {
  const { deps } = newStage();
  const flags = [
    { flag: "NAME", value: "new.example.com" },
    { flag: "--node-count", value: "7" },
  ];

  const { planned } = await checkTakeover(deps, {
    flags,
    fromBackup: { cluster: NAME, backup: ID, mode: "takeover" },
  });

  expect(planned.spec).toEqual({ ...specOf().spec, name: "new.example.com", nodeCount: 7 });
});

test("17.5: a source that lives, or could live again, is refused by the names of what is there", async () => {
  const running = newStage({ cluster: { status: "ACTIVE" }, instances: ["i-a", "i-b"] });
  const groups = newStage({ cluster: { status: "DEGRADED" }, groups: ["a.masters.prod"] });
  const elsewhere = asked({
    spec: { name: "new.example.com" },
    fromBackup: { cluster: NAME, backup: ID, mode: "takeover" },
  });

  await expect(checkTakeover(running.deps, elsewhere)).rejects.toThrow(
    `${NAME} is not gone: i-a, i-b are not terminated`,
  );
  await expect(checkTakeover(groups.deps, elsewhere)).rejects.toThrow("a.masters.prod would launch it again");
});

test("17.5: a source whose instances are all terminated is taken over under another name, not under its own", async () => {
  const lost = newStage({ cluster: { status: "DEGRADED" } });
  const elsewhere = asked({
    spec: { name: "new.example.com" },
    fromBackup: { cluster: NAME, backup: ID, mode: "takeover" },
  });

  expect((await checkTakeover(lost.deps, elsewhere)).planned.spec.name).toBe("new.example.com");
  await expect(checkTakeover(lost.deps, asked())).rejects.toThrow(TakeoverRefused);
});

test("17.5: what one cluster has taken over no other one may", async () => {
  const { store, deps } = newStage();
  const takenFrom = { cluster: NAME, uid: UID, backup: ID };
  store.clusters.set("other.example.com", clusterRecord({ name: "other.example.com", uid: "01other", takenFrom }));

  await expect(checkTakeover(deps, asked())).rejects.toThrow("taken over by other.example.com already");
});

test("17.5: a backup that is not there, not whole, or of an unknown release is refused by its own words", async () => {
  const none = newStage();
  none.store.backups.clear();
  const truncated = newStage();
  truncated.bucket.objects.set(`${PREFIX}/snapshot.db.gz`, "snap");
  const bare = newStage();
  bare.bucket.objects.delete(`${PREFIX}/cluster.json`);
  const strange = newStage();
  const text = strange.bucket.objects.get(`${PREFIX}/cluster.json`) ?? "";
  const { etcd } = pinVersions(specOf().spec);
  strange.bucket.objects.set(`${PREFIX}/cluster.json`, text.replace(`"etcd":"${etcd}"`, '"etcd":"3.9.1"'));

  await expect(checkTakeover(none.deps, asked())).rejects.toThrow(BackupUnknown);
  await expect(checkTakeover(truncated.deps, asked())).rejects.toThrow("its file has 4 bytes");
  await expect(checkTakeover(bare.deps, asked())).rejects.toThrow("its cluster.json is not there");
  await expect(checkTakeover(strange.deps, asked())).rejects.toThrow("ran etcd 3.9.1");
  await expect(checkTakeover(strange.deps, asked())).rejects.toThrow(BackupUnusable);
});

test("17.5: without a way, or as a copy, nothing is looked at", async () => {
  const { deps } = newStage();

  for (const mode of [undefined, "copy"] as const) {
    const request = asked({ fromBackup: { backup: "latest", ...(mode && { mode }) } });
    await expect(checkTakeover({ ...deps, aws: {} as never }, request)).rejects.toThrow(SpecRejected);
  }
});

test("20: without any name it is the name that is missing, not a backup", async () => {
  const { deps } = newStage();

  const asking = checkTakeover(deps, { fromBackup: { backup: "latest", mode: "takeover" } });
  await expect(asking).rejects.toThrow("NAME: missing; expected that of the new cluster");
});
