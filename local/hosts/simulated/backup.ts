import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import type { EtcdProcess } from "./etcd-types.ts";
import type { SimulatedHost } from "./host.ts";

/** Simulated members hold no keys: a snapshot is a line that says so, and all hashes are equal. */
const HASH = 1;

/** `backup-etcd` (functions/hosts/documents/backup-etcd.sh), and what it prints at its end. */
export async function saveSnapshot(host: SimulatedHost, process: EtcdProcess, script: string): Promise<object> {
  const [, bucket = "", prefix = ""] = /s3:\/\/([^/\s]+)\/(\S+\/)snapshot\.db\.gz/.exec(script) ?? [];
  const [, kmsKey = ""] = /--sse-kms-key-id "([^"]+)"/.exec(script) ?? [];
  const { index: revision } = host.network.etcd.statusOf(process) ?? { index: 1 };
  const body = gzipSync(`a simulated snapshot at revision ${revision}\n`);
  await host.aws.putObject({ bucket, key: `${prefix}snapshot.db.gz` }, body, kmsKey);
  return {
    status: { hash: HASH, revision, totalKey: 0, totalSize: 20_480 },
    hashkv: null,
    bytes: body.length,
    sha256: createHash("sha256").update(body).digest("hex"),
  };
}

/** `drill-backup`, of a snapshot as `saveSnapshot` writes it. */
export async function drillBackup(host: SimulatedHost, script: string): Promise<object> {
  const [, bucket = "", key = ""] = /aws s3 cp "s3:\/\/([^/\s]+)\/([^"]+)"/.exec(script) ?? [];
  const [, expected = ""] = /\$sum == "([0-9a-f]+)"/.exec(script) ?? [];
  const body = await host.aws.getObject({ bucket, key });
  const sum = createHash("sha256").update(body).digest("hex");
  if (sum !== expected) throw new Error(`the file is not the one that was taken: its SHA-256 sum is ${sum}`);
  const revision = Number(/revision (\d+)/.exec(gunzipSync(body).toString())?.[1]);
  return {
    file: { hash: HASH, revision, totalKey: 0 },
    ...{ revision, keys: 0, hashkv: { hash: HASH, compactRevision: 1 } },
    ...{ kinds: {}, unknown: [], unknownCount: 0, encryptedBy: [] },
  };
}

/** `etcdctl endpoint hashkv -w json` of a member that has all that others have. */
export function simulatedHash(_: EtcdProcess): string {
  return `${JSON.stringify([{ Endpoint: "https://127.0.0.1:2379", HashKV: { hash: HASH, compact_revision: 1 } }])}\n`;
}
