import type { Manifest } from "../../functions/domain/backup/manifest.ts";

/** The manifest of a backup of `prod.example.com`; `change` is what is otherwise. */
export function manifestOf(change: Partial<Manifest> = {}): Manifest {
  return {
    version: 1,
    id: "2026-11-29T115900Z-4f1c",
    cluster: "prod.example.com",
    uid: "01kb8q5y00000000000000test",
    epoch: 1,
    takenAt: "2026-11-29T11:59:00.000Z",
    reason: "schedule",
    member: "b",
    etcd: {
      version: "3.6.14",
      clusterId: "77",
      revision: 4193,
      raftTerm: 2,
      raftIndex: 5012,
      totalKey: 1287,
      totalSize: 25_165_824,
      hash: 1_412_633_180,
      hashkv: 2_871_503_664,
      compactRevision: 3901,
    },
    kubernetes: { version: "1.36.0" },
    encryption: { keyNames: [] },
    objects: { "snapshot.db.gz": { bytes: 5_242_880, sha256: "a".repeat(64) } },
    verified: {
      file: "2026-11-29T11:59:20.000Z",
      hashkv: { members: ["a", "b", "c", "file"], equal: true },
      drill: null,
    },
    ...change,
  };
}
