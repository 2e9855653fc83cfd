import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
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

/** `etcdctl endpoint hashkv -w json` of a member that has all that others have. */
export function simulatedHash(_: EtcdProcess): string {
  return `${JSON.stringify([{ Endpoint: "https://127.0.0.1:2379", HashKV: { hash: HASH, compact_revision: 1 } }])}\n`;
}
