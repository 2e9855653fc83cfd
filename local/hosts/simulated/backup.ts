import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import type { EtcdProcess, EtcdState } from "./etcd-types.ts";
import type { SimulatedHost } from "./host.ts";
import { FaultyData } from "./jobs.ts";

/** All members that agree have the same keys, so all hashes are equal. */
const HASH = 1;
/** Of a simulated database. */
export const TOTAL_SIZE = 20_480;

/** What a snapshot has: what Kubernetes keeps there, and at which revision. */
export interface Snapshot {
  readonly revision: number;
  readonly keys: Readonly<Record<string, string>>;
}

/** The file of a snapshot, compressed. */
export function snapshotFile({ index, keys }: Pick<EtcdState, "index" | "keys">): Buffer {
  const snapshot: Snapshot = { revision: index, keys };
  return gzipSync(JSON.stringify(snapshot));
}

/** Throws an Error for a file that is cut short, or is none. */
export function readSnapshot(file: Buffer): Snapshot {
  let text: string;
  try {
    text = gunzipSync(file).toString();
  } catch {
    throw new Error("the file is truncated, or is no gzip");
  }
  return JSON.parse(text);
}

export function sha256Of(file: Buffer): string {
  return createHash("sha256").update(file).digest("hex");
}

/** `backup-etcd` (functions/hosts/documents/backup-etcd.sh), and what it prints at its end. */
export async function saveSnapshot(host: SimulatedHost, process: EtcdProcess, script: string): Promise<object> {
  const [, bucket = "", prefix = ""] = /s3:\/\/([^/\s]+)\/(\S+\/)snapshot\.db\.gz/.exec(script) ?? [];
  const [, kmsKey = ""] = /--sse-kms-key-id "([^"]+)"/.exec(script) ?? [];
  const state = process.volume.content.etcd?.state ?? { index: 1, keys: {} };
  const body = snapshotFile(state);
  await host.aws.putObject({ bucket, key: `${prefix}snapshot.db.gz` }, body, kmsKey);
  return {
    status: {
      hash: HASH,
      revision: state.index,
      totalKey: Object.keys(state.keys).length,
      totalSize: TOTAL_SIZE,
    },
    hashkv: null,
    bytes: body.length,
    sha256: sha256Of(body),
  };
}

/** `drill-backup`, of a snapshot as `saveSnapshot` writes it. */
export async function drillBackup(host: SimulatedHost, script: string): Promise<object> {
  const [, bucket = "", key = ""] = /aws s3 cp "s3:\/\/([^/\s]+)\/([^"]+)"/.exec(script) ?? [];
  const [, expected = ""] = /\$sum == "([0-9a-f]+)"/.exec(script) ?? [];
  const body = await host.aws.getObject({ bucket, key });
  const sum = sha256Of(body);
  if (sum !== expected) throw new FaultyData(`the file is not the one that was taken: its SHA-256 sum is ${sum}`);
  const snapshot = readSnapshot(body);
  const { revision } = snapshot;
  const keys = Object.keys(snapshot.keys).length;
  return {
    file: { hash: HASH, revision, totalKey: keys },
    ...{ revision, keys, hashkv: { hash: HASH, compactRevision: 1 } },
    ...{ kinds: {}, unknown: [], unknownCount: 0, encryptedBy: [] },
  };
}

/** `etcdctl endpoint hashkv -w json` of a member that has all that others have. */
export function simulatedHash(_: EtcdProcess): string {
  return `${JSON.stringify([{ Endpoint: "https://127.0.0.1:2379", HashKV: { hash: HASH, compact_revision: 1 } }])}\n`;
}
