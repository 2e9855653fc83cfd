import { createHash } from "node:crypto";
import type { DrillHostRequest } from "../../../functions/aws/ec2/drill-hosts.ts";
import { readDrillNote } from "../../../functions/domain/backup/drill-note.ts";
import { ownerTags } from "../../../functions/domain/cluster/naming.ts";
import { type ClusterRecord, ownerOf } from "../../../functions/domain/cluster/records.ts";
import { manifestOf } from "../backups.ts";
import { Account } from "./account.ts";
import { TestBucket } from "./bucket.ts";
import { MemoryStore } from "./memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord, UID } from "./records.ts";

export const INPUT = { cluster: NAME, operation: "drill-1" };
/** What the bucket has as its file. */
const SNAPSHOT = "etcd's data";
export const MANIFEST = manifestOf({
  objects: {
    "snapshot.db.gz": {
      bytes: SNAPSHOT.length,
      sha256: createHash("sha256").update(SNAPSHOT).digest("hex"),
    },
  },
});
/** Where the backup lies. */
export const SNAPSHOTS = `clusters/${NAME}/${UID}/${MANIFEST.id}`;
/** What a host finds in it. */
export const REPORT = {
  file: { hash: 1_412_633_180, revision: 4193, totalKey: 1287 },
  ...{ revision: 4193, keys: 1100, hashkv: { hash: 2_871_503_664, compactRevision: 3901 } },
  ...{ kinds: { pods: 40 }, unknown: [], unknownCount: 0, encryptedBy: [] },
};
const NOW = Date.parse("2026-11-29T12:00:00.000Z");
export const HOST = { instanceId: "i-drill", type: "t3.micro", launchedAt: NOW };
const ENV = {
  ...{ PARTITION: "aws", AWS_REGION: "us-west-2", PERMISSIONS_BOUNDARY: "arn:boundary", SECRETS_KEY_ARN: "arn:key" },
  ...{ DRILL_BACKUP_DOCUMENT: "drill-backup", BACKUP_BUCKET: "backups" },
};

/** A drill `drill-1` of one backup, on an account of three masters. */
export class DrillStage {
  readonly env = ENV;
  readonly launches: DrillHostRequest[] = [];
  readonly roles: object[] = [];
  /** What a new group lets out. */
  egress: readonly object[] = [{ IpProtocol: "-1" }];
  readonly closed: string[] = [];
  readonly bucket = new TestBucket();
  readonly cluster: ClusterRecord;
  readonly store: MemoryStore;
  readonly account: Account;
  /** What EC2 answers to the launch of a type in a subnet. */
  refuse: (request: DrillHostRequest) => Error | undefined = () => undefined;

  constructor(change: Partial<ClusterRecord> = {}) {
    this.cluster = clusterRecord(change);
    const members = ["a", "b", "c"].map((member) => memberRecord(member));
    this.account = new Account(this.cluster, members);
    this.store = new MemoryStore(this.cluster, members, []);
    this.store.backups.set(`${NAME} ${MANIFEST.id}`, { manifest: MANIFEST, pinned: false });
    this.bucket.upload(`${SNAPSHOTS}/snapshot.db.gz`, SNAPSHOT);
    this.bucket.upload(`${SNAPSHOTS}/manifest.json`, JSON.stringify(MANIFEST));
  }

  /** A drill that has begun, and noted this. */
  begun(note: object = {}): this {
    this.store.operations.set("drill-1", operationRecord("drill"));
    this.store.notes.set("drill-1", { backup: MANIFEST.id, ...note });
    return this;
  }

  runs(state = "running"): this {
    const tags = ownerTags(ownerOf(this.cluster), "drill/1");
    this.account.instances.set("i-drill", { instanceId: "i-drill", state, zone: "", launchedAt: NOW, tags });
    return this;
  }

  get aws() {
    return {
      ...this.account.calls,
      ...this.bucket.calls,
      ensureDrillGroup: async () => ({
        id: "sg-drill",
        tags: ownerTags(ownerOf(this.cluster), "security-group/drill"),
        surplus: this.egress,
      }),
      revokeEgress: async ({ id }: { readonly id: string }) => {
        this.closed.push(id);
        this.egress = [];
      },
      ensureInstanceRole: async (_: unknown, role: object) => void this.roles.push(role),
      findDrillHosts: async (_: unknown, resource: string) =>
        [...this.account.instances.values()].filter(
          ({ tags, state }) => tags["holdfast:resource"] === resource && state !== "terminated",
        ),
      launchDrillHost: async (_: unknown, request: DrillHostRequest) => {
        this.launches.push(request);
        const refusal = this.refuse(request);
        if (refusal) throw refusal;
        this.runs();
        return "i-drill";
      },
    };
  }

  get made() {
    return { objects: this.bucket.objects, backups: this.store.backups, instances: this.account.instances };
  }

  async note() {
    return readDrillNote(await this.store.findSideNote("drill-1"));
  }
}
