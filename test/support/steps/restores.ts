import { ownerTags } from "../../../functions/domain/cluster/naming.ts";
import type { MemberRecord } from "../../../functions/domain/cluster/records.ts";
import type { HostReport } from "../../../functions/domain/restore/host-report.ts";
import type { RestorationRecord } from "../../../functions/domain/restore/restore-records.ts";
import { MemoryStore } from "./memory-store.ts";
import { clusterRecord, memberRecord, NAME, operationRecord, UID } from "./records.ts";

/** Of the steps of a restore. */
export const REQUEST = { cluster: NAME, operation: "restore-1" };
export const TOKEN = `${UID}.2`;
export const NOW = Date.parse("2026-11-29T12:00:00.000Z");
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

/** A member whose restore has begun. */
export function held(member: string, change: Partial<MemberRecord> = {}): MemberRecord {
  const former = { volumeId: `vol-${member}`, generation: 1 };
  return memberRecord(member, { restoring: { former, generation: 2, silentSince: null }, ...change });
}

export function storeOf(change: Partial<RestorationRecord> = {}, members = ["a", "b", "c"].map((name) => held(name))) {
  const cluster = clusterRecord({ status: "REPAIRING", operation: "restore-1", restoration: restoration(change) });
  return new MemoryStore(cluster, members, [operationRecord("restore")]);
}

export function report(member: string, change: Partial<HostReport> = {}): HostReport {
  return {
    ...{ member, held: true, etcd: false, apiServer: false, ready: false, mounted: true, volumeId: `vol-${member}` },
    ...{ generation: 1, data: "kept", healthy: false, clusterId: null, freeKiB: 1_000_000, ...change },
  };
}

export function master(member: string, change: { state?: string; launchedAt?: number; instanceId?: string } = {}) {
  const tags = { ...ownerTags({ cluster: NAME, uid: UID, labels: {} }, `master-${member}`), "holdfast:member": member };
  return { instanceId: `i-${member}`, state: "running", zone: "us-west-2a", launchedAt: 0, tags, ...change };
}

/** Answers of hosts: a report, or none. */
export function hosts(reports: Readonly<Record<string, HostReport | null>>, asked: string[] = []) {
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

/** Results of jobs on hosts, by the names of their documents. */
export function jobs(results: Readonly<Record<string, object>>) {
  return {
    sendCommand: async (document: string, instanceId: string) => `${document} ${instanceId}`,
    findAnswer: async (id: string, instanceId: string) => {
      const result = results[id.split(" ")[0] ?? ""] ?? {};
      return { instanceId, ok: true, output: JSON.stringify(result), status: "Success" };
    },
  };
}

/** Each is attached to its master. */
export const volumes = {
  volumeStates: async (ids: readonly string[]) =>
    new Map(ids.map((id) => [id, { state: "in-use", attachedTo: `i-${id.slice(4)}` }])),
};
